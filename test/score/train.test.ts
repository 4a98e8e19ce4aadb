import { describe, expect, test } from 'bun:test';
import { calibrate } from '../../train/calibrate.ts';
import { chooseThreshold } from '../../train/choose-thresholds.ts';
import { collectRows, scoreRow, trainLinear } from '../../train/linear.ts';
import { auc, share, thresholdAt, tprAt } from '../../train/metrics.ts';
import { seededRandom, shuffle } from '../../train/random.ts';
import { syntheticNames } from '../../train/synthetic.ts';

const f = (...values: number[]): Float64Array => Float64Array.from(values);

describe('metrics', () => {
  test('area is 1 when apart, 0 when swapped, a half for ties', () => {
    expect(auc(f(3, 4), f(1, 2)).value).toBe(1);
    expect(auc(f(1, 2), f(3, 4)).value).toBe(0);
    expect(auc(f(1, 1), f(1, 1)).value).toBe(0.5);
  });

  test('area equals the share of pairs in the right order', () => {
    const random = seededRandom(1);
    const positive = Float64Array.from({ length: 60 }, () => random.below(20));
    const negative = Float64Array.from({ length: 50 }, () => random.below(15));
    let right = 0;
    for (const p of positive) for (const n of negative) right += p > n ? 1 : p === n ? 0.5 : 0;
    expect(auc(positive, negative).value).toBeCloseTo(right / 3000, 12);
  });

  test('no more honest names than allowed lie above the threshold', () => {
    const honest = Float64Array.from({ length: 1000 }, (_, i) => i);
    expect(honest.filter((x) => x > thresholdAt(honest, 0.01))).toHaveLength(10);
    expect(tprAt(f(2000, 5), honest, 0.001).value).toBe(0.5);
  });

  test('the Wilson interval holds the share and stays within 0 and 1', () => {
    expect(share(0, 100)).toMatchObject({ value: 0, low: 0 });
    expect(share(0, 100).high).toBeCloseTo(0.037, 3);
    expect(share(0, 0)).toEqual({ value: 0, low: 0, high: 1 });
  });
});

describe('training', () => {
  test('the same seed draws the same names, another seed others', () => {
    const words = ['alpha', 'bravo', 'charlie', 'delta'];
    expect(syntheticNames(1, 20, 5, words)).toEqual(syntheticNames(1, 20, 5, words));
    expect(syntheticNames(1, 20, 5, words)).not.toEqual(syntheticNames(2, 20, 5, words));
    expect(syntheticNames(1, 20, 5, words)).toHaveLength(100);
  });

  test('shuffling keeps every item', () => {
    const items = Int32Array.from({ length: 50 }, (_, i) => i);
    shuffle(items, seededRandom(3));
    expect([...items].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  test('a linear model learns which bucket is hostile', () => {
    const rows = collectRows(200, (row, sink) => {
      sink.clear();
      sink.add(row % 2);
      sink.add(2 + (row % 7));
    });
    const labels = {
      hostile: Uint8Array.from({ length: 200 }, (_, i) => i % 2),
      weight: new Float32Array(200).fill(1),
      enough: new Float32Array(200).fill(Number.POSITIVE_INFINITY),
    };
    const order = Int32Array.from({ length: 200 }, (_, i) => i);
    const options = { buckets: 16, epochs: 5, rate: 0.3, clip: 3, seed: 1 };
    const model = trainLinear(rows, labels, order, options);
    expect(scoreRow(model, rows, 1)).toBeGreaterThan(1);
    expect(scoreRow(model, rows, 0)).toBeLessThan(-1);
    expect(trainLinear(rows, labels, order, options)).toEqual(model);
  });

  test('calibration puts the middle of two mirrored classes at the assumed share', () => {
    const random = seededRandom(9);
    const hostile = Float64Array.from(
      { length: 4000 },
      () => 2 + random.unit() + random.unit() - random.unit() * 4,
    );
    const honest = hostile.map((x) => -x);
    const { slope, offset } = calibrate(hostile, honest);
    expect(slope).toBeGreaterThan(0.3);
    expect(offset).toBeCloseTo(Math.log(0.01 / 0.99), 6);
  });

  test('a threshold keeps every set within its budget', () => {
    const logits = Float64Array.from({ length: 1000 }, (_, i) => i / 100);
    const threshold = chooseThreshold([
      { logits, total: 1000, budget: 0.01 },
      { logits: f(20), total: 100, budget: 0.02 },
    ]);
    expect(logits.filter((x) => x > threshold).length).toBeLessThanOrEqual(10);
    expect(chooseThreshold([{ logits: f(20), total: 100, budget: 0.001 }])).toBeGreaterThan(20);
  });
});
