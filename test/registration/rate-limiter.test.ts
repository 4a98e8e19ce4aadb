import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { BURST, PER_SECOND, RateLimiter } from '../../src/registration/rate-limiter.ts';

test('a server gets a burst, then so many a second, and each server its own', () => {
  const limits = new RateLimiter();
  const waits = Array.from({ length: BURST + 2 }, () => limits.take('a.test', 0, 1_500));
  expect(waits.slice(0, BURST)).toEqual(Array(BURST).fill({ kind: 'after', waitMs: 0 }));
  expect(waits.slice(BURST)).toEqual([
    { kind: 'after', waitMs: 1_000 / PER_SECOND },
    { kind: 'after', waitMs: 2_000 / PER_SECOND },
  ]);
  expect(limits.take('b.test', 0, 0)).toEqual({ kind: 'after', waitMs: 0 });
});

test('who would wait too long is told when to come, and takes no turn', () => {
  const limits = new RateLimiter();
  for (let i = 0; i < BURST; i++) limits.take('a.test', 0, 0);
  for (let i = 0; i < 5; i++)
    expect(limits.take('a.test', 0, 100)).toEqual({ kind: 'refused', retryAfterMs: 1_000 / PER_SECOND });
  expect(limits.take('a.test', 1_000 / PER_SECOND, 0)).toEqual({ kind: 'after', waitMs: 0 });
});

test('over any stretch of time no server is asked more often than the burst and the rate allow', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(700), { maxLength: 200 }), (steps) => {
      const limits = new RateLimiter();
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
  const limits = new RateLimiter();
  limits.close('a.test', 0, 5_000);
  limits.close('a.test', 0, 1_000);
  expect(limits.take('a.test', 1_000, 2_000)).toEqual({ kind: 'refused', retryAfterMs: 4_000 });
  expect(limits.take('a.test', 5_000, 0)).toEqual({ kind: 'after', waitMs: 0 });
});
