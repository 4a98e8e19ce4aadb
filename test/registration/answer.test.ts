import { expect, test } from 'bun:test';
import type { UnixMs } from '../../src/model/brand.ts';
import {
  ageOf,
  expiryOf,
  type Found,
  holds,
  RECORD_FOR_MS,
  REGISTERED_FOR_MS,
  RETRY_AFTER_MAX_MS,
  recordOf,
  unknown,
} from '../../src/registration/answer.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const DAY_MS = 86_400_000;
const found = (at: number | null): Found => ({
  kind: 'found',
  record: { source: 'whois', registeredAt: at as UnixMs | null, nameServers: [], lines: [] },
  undated: 'no_date',
  more: null,
});

test('dates findings: a month for a registration, a day for a record, no longer than a day for a pause', () => {
  const age = ageOf(found(Date.UTC(2001, 0, 1)), NOW);
  expect(expiryOf(age)).toBe(NOW + REGISTERED_FOR_MS);
  expect(expiryOf(recordOf(found(null), NOW))).toBe(NOW + RECORD_FOR_MS);
  expect(expiryOf(ageOf(unknown('rate_limited', 1e12), NOW))).toBe(NOW + RETRY_AFTER_MAX_MS);
  expect(expiryOf(ageOf(unknown('timed_out'), NOW))).toBeGreaterThan(NOW);
});

test('an answer holds until its time is over, and not when the clock was set back', () => {
  const age = ageOf(found(Date.UTC(2001, 0, 1)), NOW);
  expect(holds(age, NOW + REGISTERED_FOR_MS - 1)).toBe(true);
  expect(holds(age, NOW + REGISTERED_FOR_MS)).toBe(false);
  expect(holds(age, NOW - 2 * DAY_MS)).toBe(false);
  const record = recordOf(found(null), NOW);
  expect(holds(record, NOW + RECORD_FOR_MS - 1)).toBe(true);
  expect(holds(record, NOW + RECORD_FOR_MS)).toBe(false);
});

test.each([0, Date.UTC(1970, 0, 2), NOW + 3 * DAY_MS])('refuses a registration that cannot be: %p', (at) => {
  expect(ageOf(found(at), NOW)).toMatchObject({ kind: 'unknown', why: 'malformed' });
  expect(recordOf(found(at), NOW)).toMatchObject({ kind: 'record', record: { registeredAt: null } });
});

test('a date a few hours ahead, written without its zone, is now', () => {
  expect(ageOf(found(NOW + 3_600_000), NOW)).toMatchObject({ kind: 'registered', at: NOW });
});

test('where there is no date it says why', () => {
  expect(ageOf(found(null), NOW)).toMatchObject({ kind: 'unknown', why: 'no_date' });
  expect(ageOf({ ...found(null), undated: 'malformed' }, NOW)).toMatchObject({ why: 'malformed' });
});
