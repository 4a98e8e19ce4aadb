import { expect, test } from 'bun:test';
import { chooseThreshold } from '../../train/choose-thresholds.ts';

const f = (...values: number[]): Float64Array => Float64Array.from(values);

test('a threshold keeps every set within its budget', () => {
  const logits = Float64Array.from({ length: 1000 }, (_, i) => i / 100);
  const threshold = chooseThreshold([
    { logits, total: 1000, budget: 0.01 },
    { logits: f(20), total: 100, budget: 0.02 },
  ]);
  expect(logits.filter((x) => x > threshold).length).toBeLessThanOrEqual(10);
  expect(chooseThreshold([{ logits: f(20), total: 100, budget: 0.001 }])).toBeGreaterThan(20);
});
