import { expect, test } from 'bun:test';
import { calibrate } from '../../train/calibrate.ts';
import { seededRandom } from '../../train/random.ts';

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
