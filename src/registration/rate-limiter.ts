import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { RETRY_AFTER_MAX_MS, type Unknown, unknown } from './answer.ts';

/** Queries that one server gets at once, and how fast that allowance grows back. */
export const BURST = 10;
export const PER_SECOND = 2;
/** Servers whose allowance is kept; the least recently asked begins anew. */
const SERVERS_MAX = 512;
/** How long a query waits for its turn at one server; the caller's limit may come first. */
const PATIENCE_MS = 1_500;
/** A server that is overloaded and does not say for how long; and the shortest pause that is kept. */
const PAUSE_MS = 60_000;
const PAUSE_MIN_MS = 1_000;

/** Whether a server may be asked: after a wait (0 = now), or not before `retryAfterMs`. */
export type Turn =
  | { readonly kind: 'after'; readonly waitMs: number }
  | { readonly kind: 'refused'; readonly retryAfterMs: number };

interface Server {
  /** Queries allowed now; below zero when turns to come are given away. */
  tokens: number;
  countedAt: number;
  closedUntil: number;
}

/** What keeps us from asking a server too often: a token bucket each, and the pauses that servers asked for. */
export class RateLimiter {
  readonly #servers = new LRUCache<string, Server>({ max: SERVERS_MAX });

  /** Waits for a turn at a server; unknown when none comes soon, or the server asked for a pause. Never rejects. */
  async admit(server: string, signal: AbortSignal): Promise<Unknown | null> {
    const turn = this.take(server, performance.now(), PATIENCE_MS);
    if (turn.kind === 'refused') return unknown('rate_limited', turn.retryAfterMs);
    if (turn.waitMs === 0) return null;
    // Only the signal ends it early.
    return sleep(turn.waitMs, null, { signal }).catch(() => unknown('timed_out'));
  }

  /** Notes that a server asked for a pause, and returns how long it is kept: at least a second, at most a day. */
  pause(server: string, askedMs: number | null): number {
    const forMs = Math.min(RETRY_AFTER_MAX_MS, Math.max(PAUSE_MIN_MS, askedMs ?? PAUSE_MS));
    this.close(server, performance.now(), forMs);
    return forMs;
  }

  /** Takes a turn at a server if it comes within `patienceMs`; times in milliseconds of any one clock. */
  take(server: string, nowMs: number, patienceMs: number): Turn {
    const known = this.#server(server, nowMs);
    if (known.closedUntil > nowMs) return { kind: 'refused', retryAfterMs: known.closedUntil - nowMs };
    const passed = Math.max(0, nowMs - known.countedAt);
    known.tokens = Math.min(BURST, known.tokens + (passed / 1_000) * PER_SECOND);
    known.countedAt = nowMs;
    const waitMs = known.tokens >= 1 ? 0 : ((1 - known.tokens) / PER_SECOND) * 1_000;
    if (waitMs > patienceMs) return { kind: 'refused', retryAfterMs: Math.ceil(waitMs) };
    known.tokens -= 1;
    return { kind: 'after', waitMs: Math.ceil(waitMs) };
  }

  /** Leaves a server alone for a while. */
  close(server: string, nowMs: number, forMs: number): void {
    const known = this.#server(server, nowMs);
    known.closedUntil = Math.max(known.closedUntil, nowMs + forMs);
  }

  #server(name: string, nowMs: number): Server {
    const known = this.#servers.get(name) ?? { tokens: BURST, countedAt: nowMs, closedUntil: 0 };
    this.#servers.set(name, known);
    return known;
  }
}
