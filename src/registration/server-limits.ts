import { LRUCache } from 'lru-cache';

/** Queries that one server gets at once, and how fast that allowance grows back. */
export const BURST = 10;
export const PER_SECOND = 2;
/** Servers whose allowance is kept; the least recently asked begins anew. */
const SERVERS_MAX = 512;

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

/** A token bucket a server, and the pauses that servers asked for. Times in milliseconds of any one clock. */
export class ServerLimits {
  readonly #servers = new LRUCache<string, Server>({ max: SERVERS_MAX });

  /** Takes a turn at a server if it comes within `patienceMs`. */
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

  /** The server asked to be left alone for a while. */
  close(server: string, nowMs: number, forMs: number): void {
    const known = this.#server(server, nowMs);
    known.closedUntil = Math.max(known.closedUntil, nowMs + forMs);
  }

  #server(name: string, nowMs: number): Server {
    let known = this.#servers.get(name);
    if (known === undefined) {
      known = { tokens: BURST, countedAt: nowMs, closedUntil: 0 };
      this.#servers.set(name, known);
    }
    return known;
  }
}
