import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { formatAge, formatBytes, formatCount, formatMs, formatSpan } from '../../../tui/draw/format.ts';

test('writes sizes in five cells at most', () => {
  expect([0, 999, 1_000, 9_940, 9_960, 99_500, 999_499, 999_501, 1.5e9, 3e16].map(formatBytes)).toEqual([
    '0',
    '999',
    '1.0K',
    '9.9K',
    '10K',
    '100K',
    '999K',
    '1.0M',
    '1.5G',
    '30P',
  ]);
  fc.assert(fc.property(fc.maxSafeNat(), (bytes) => formatBytes(bytes).length <= 5));
});

test('writes a decision time in five cells at most, finer the shorter it is', () => {
  expect([0, 4, 42, 994, 999, 1_234, 9_940, 9_960, 312_000, 9_999_000, 60_000_000].map(formatMs)).toEqual([
    '0.00',
    '0.00',
    '0.04',
    '0.99',
    '1.0',
    '1.2',
    '9.9',
    '10',
    '312',
    '9999',
    '1m',
  ]);
  fc.assert(fc.property(fc.nat({ max: 1e11 }), (us) => formatMs(us).length <= 5));
});

test('writes ages in four cells at most, and a clock that went back as now', () => {
  expect([-5_000, 0, 59_999, 60_000, 3_600_000, 86_400_000, 1e14].map(formatAge)).toEqual([
    '0s',
    '0s',
    '59s',
    '1m',
    '1h',
    '1d',
    '999d',
  ]);
});

test('writes spans and counts as people do', () => {
  expect([0.4, 312, 3_210, 250_000].map(formatSpan)).toEqual(['0.40 ms', '312 ms', '3.2 s', '4m 10s']);
  expect([0, 999, 1_204, 1_234_567].map(formatCount)).toEqual(['0', '999', '1,204', '1,234,567']);
});
