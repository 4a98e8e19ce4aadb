import { expect, test } from 'bun:test';
import { collectRows, scoreRow, trainLinear } from '../../train/linear.ts';

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
