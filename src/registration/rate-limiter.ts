import { setTimeout as sleep } from 'node:timers/promises';
import { RETRY_AFTER_MAX_MS } from './answer.ts';
import type { Refusal } from './secure-get.ts';
import { ServerLimits } from './server-limits.ts';

/** How long a query waits for its turn at one server; the caller's limit may come first. */
const PATIENCE_MS = 1_500;
/** A server that is overloaded and does not say for how long; and the shortest pause that is kept. */
const PAUSE_MS = 60_000;
const PAUSE_MIN_MS = 1_000;

/** What keeps us from asking a server too often, by its own word and by ours. */
export class RateLimiter {
  readonly #limits = new ServerLimits();

  /** Waits for a turn at a server; a refusal when none comes soon, or the server asked for a pause. Never rejects. */
  async admit(server: string, signal: AbortSignal): Promise<Refusal | null> {
    const turn = this.#limits.take(server, performance.now(), PATIENCE_MS);
    if (turn.kind === 'refused') {
      const { retryAfterMs } = turn;
      return {
        kind: 'failed',
        why: 'rate_limited',
        retryAfterMs,
        detail: `${server} wants to be asked later`,
      };
    }
    if (turn.waitMs === 0) return null;
    try {
      await sleep(turn.waitMs, undefined, { signal });
      return null;
    } catch {
      // The caller's time is over.
      return { kind: 'failed', why: 'timed_out', retryAfterMs: null, detail: `no turn at ${server} in time` };
    }
  }

  /** Notes that a server asked for a pause, and returns how long it is kept: at least a second, at most a day. */
  pause(server: string, askedMs: number | null): number {
    const forMs = Math.min(RETRY_AFTER_MAX_MS, Math.max(PAUSE_MIN_MS, askedMs ?? PAUSE_MS));
    this.#limits.close(server, performance.now(), forMs);
    return forMs;
  }
}
