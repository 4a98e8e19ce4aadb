import { expect, test } from 'bun:test';
import { auc, share, thresholdAt, tprAt } from '../../train/metrics.ts';
import { seededRandom } from '../../train/random.ts';

const f = (...values: number[]): Float64Array => Float64Array.from(values);

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
