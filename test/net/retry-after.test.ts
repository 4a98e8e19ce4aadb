import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { parseRetryAfter } from '../../src/net/retry-after.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');

test.each([
  ['120', 120_000],
  ['0', 0],
  ['Fri, 20 Nov 2026 12:01:00 GMT', 60_000],
  ['Fri, 20 Nov 2026 11:00:00 GMT', 0],
  [undefined, null],
  ['', null],
  ['-1', null],
  ['1.5', null],
  ['soon', null],
  ['99999999999999', null],
  ['Fri, 99 Nov 2026 12:01:00 GMT', null],
])('a Retry-After of %p is %p', (header, expected) => {
  expect(parseRetryAfter(header, NOW)).toBe(expected);
});

test('takes any Retry-After without throwing', () => {
  fc.assert(fc.property(fc.string(), (text) => (parseRetryAfter(text, NOW) ?? 0) >= 0));
});
