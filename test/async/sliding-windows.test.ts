import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { SlidingWindows } from '../../src/async/sliding-windows.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const PER_MINUTE = 4;
const PER_DAY = 500;
const limits = () =>
  new SlidingWindows([
    { most: PER_MINUTE, spanMs: MINUTE_MS },
    { most: PER_DAY, spanMs: DAY_MS },
  ]);

test('tells how long until the next may be done, and asking does not count', () => {
  const windows = limits();
  for (let i = 0; i < PER_MINUTE; i++) expect(windows.take(1_000 * i)).toBe(0);
  for (let i = 0; i < 10; i++) expect(windows.take(20_000)).toBe(40_000);
  expect(windows.take(60_000)).toBe(0);
  expect(windows.take(60_000)).toBe(1_000);
});

test('no minute and no day holds more than its window allows', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(120_000), { minLength: 600, maxLength: 900 }), (steps) => {
      const windows = limits();
      const made: number[] = [];
      let now = 0;
      for (const step of steps) {
        now += step;
        if (windows.take(now) === 0) made.push(now);
      }
      for (const [index, at] of made.entries()) {
        const before = made.slice(0, index);
        expect(before.filter((other) => other > at - MINUTE_MS).length).toBeLessThan(PER_MINUTE);
        expect(before.filter((other) => other > at - DAY_MS).length).toBeLessThan(PER_DAY);
      }
      expect(made.length).toBeGreaterThan(PER_MINUTE);
    }),
    { numRuns: 20 },
  );
});
