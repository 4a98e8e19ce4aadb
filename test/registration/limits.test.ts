import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { Semaphore } from '../../src/async/semaphore.ts';
import {
  answerOf,
  expiryOf,
  REGISTERED_FOR_MS,
  RETRY_AFTER_MAX_MS,
  unknown,
} from '../../src/registration/answer.ts';
import { BURST, PER_SECOND, ServerLimits } from '../../src/registration/server-limits.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const registered = (at: number) => ({ kind: 'registered', at: at as never, source: 'rdap' }) as const;

test('a server gets a burst, then so many a second, and each server its own', () => {
  const limits = new ServerLimits();
  const waits = Array.from({ length: BURST + 2 }, () => limits.take('a.test', 0, 1_500));
  expect(waits.slice(0, BURST)).toEqual(Array(BURST).fill({ kind: 'after', waitMs: 0 }));
  expect(waits.slice(BURST)).toEqual([
    { kind: 'after', waitMs: 1_000 / PER_SECOND },
    { kind: 'after', waitMs: 2_000 / PER_SECOND },
  ]);
  expect(limits.take('b.test', 0, 0)).toEqual({ kind: 'after', waitMs: 0 });
});

test('who would wait too long is told when to come, and takes no turn', () => {
  const limits = new ServerLimits();
  for (let i = 0; i < BURST; i++) limits.take('a.test', 0, 0);
  for (let i = 0; i < 5; i++)
    expect(limits.take('a.test', 0, 100)).toEqual({ kind: 'refused', retryAfterMs: 1_000 / PER_SECOND });
  expect(limits.take('a.test', 1_000 / PER_SECOND, 0)).toEqual({ kind: 'after', waitMs: 0 });
});

test('over any stretch of time no server is asked more often than the burst and the rate allow', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(700), { maxLength: 200 }), (steps) => {
      const limits = new ServerLimits();
      let now = 0;
      let asked = 0;
      for (const step of steps) {
        now += step;
        const turn = limits.take('a.test', now, 0);
        if (turn.kind === 'after') asked++;
        expect(asked).toBeLessThanOrEqual(BURST + (now / 1_000) * PER_SECOND + 1e-6);
      }
    }),
  );
});

test('a server that asks for a pause is left alone until it is over', () => {
  const limits = new ServerLimits();
  limits.close('a.test', 0, 5_000);
  limits.close('a.test', 0, 1_000);
  expect(limits.take('a.test', 1_000, 2_000)).toEqual({ kind: 'refused', retryAfterMs: 4_000 });
  expect(limits.take('a.test', 5_000, 0)).toEqual({ kind: 'after', waitMs: 0 });
});

test('dates findings: a month for a registration, and no longer than a day for a pause', () => {
  const answer = answerOf(registered(Date.UTC(2001, 0, 1)), NOW);
  expect(expiryOf(answer)).toBe(NOW + REGISTERED_FOR_MS);
  expect(expiryOf(answerOf(unknown('rate_limited', 1e12), NOW))).toBe(NOW + RETRY_AFTER_MAX_MS);
  expect(expiryOf(answerOf(unknown('timed_out'), NOW))).toBeGreaterThan(NOW);
});

test.each([0, Date.UTC(1970, 0, 2), NOW + 3 * 86_400_000])(
  'refuses a registration that cannot be: %p',
  (at) => {
    expect(answerOf(registered(at), NOW)).toMatchObject({ kind: 'unknown', why: 'malformed' });
  },
);

test('a date a few hours ahead, written without its zone, is now', () => {
  expect(answerOf(registered(NOW + 3_600_000), NOW)).toMatchObject({ kind: 'registered', at: NOW });
});

test('lets so many in at once, then in the order they came, and turns away past its limit', async () => {
  const places = new Semaphore(1, 2);
  const never = new AbortController().signal;
  const order: string[] = [];
  expect(await places.enter(never)).toBe(true);
  const second = places.enter(never).then((entered) => order.push(`second ${entered}`));
  const third = places.enter(never).then((entered) => order.push(`third ${entered}`));
  expect(await places.enter(never)).toBe(false);
  places.leave();
  await second;
  places.leave();
  await third;
  expect(order).toEqual(['second true', 'third true']);
});

test('who gives up waiting leaves its place in the row to the next', async () => {
  const places = new Semaphore(1, 2);
  const patience = new AbortController();
  const never = new AbortController().signal;
  await places.enter(never);
  const gone = places.enter(patience.signal);
  const next = places.enter(never);
  patience.abort();
  expect(await gone).toBe(false);
  places.leave();
  expect(await next).toBe(true);
  expect(await places.enter(patience.signal)).toBe(false);
});
