/** What the public API gives (docs.virustotal.com, "Public vs Premium API"): lookups in any minute, and in any day. */
export const PER_MINUTE = 4;
export const PER_DAY = 500;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A pause that the server asks for without saying how long; doubled each time until an answer comes. */
export const PAUSE_MS = MINUTE_MS;
const PAUSE_MIN_MS = 1_000;
const PAUSE_MAX_MS = DAY_MS;
const BACKOFF_MAX_MS = 60 * MINUTE_MS;
/** How long a refused key is not tried again. */
export const REFUSED_MS = 60 * MINUTE_MS;

/** Whether a lookup may be made, or when and why not. */
export type Turn =
  | { readonly kind: 'go' }
  | { readonly kind: 'wait'; readonly forMs: number; readonly why: 'quota' | 'paused' | 'refused' };

/**
 * Counts lookups, so that no minute and no day, wherever it begins, holds more than the key may make; and keeps the pauses that
 * the server asked for. Times are Unix milliseconds; a clock that was set back opens no quota and closes none for longer than a day.
 */
export class VirustotalQuota {
  /** When lookups were made, oldest first; at most `PER_DAY`. */
  #made: number[] = [];
  #closedUntil = 0;
  #closedWhy: 'paused' | 'refused' = 'paused';
  #pauses = 0;

  /** Takes a turn, if there is one. */
  take(nowMs: number): Turn {
    this.#made = this.#made.filter((at) => at > nowMs - DAY_MS).map((at) => Math.min(at, nowMs));
    this.#closedUntil = Math.min(this.#closedUntil, nowMs + PAUSE_MAX_MS);
    if (this.#closedUntil > nowMs)
      return { kind: 'wait', forMs: this.#closedUntil - nowMs, why: this.#closedWhy };
    const forMs = Math.max(
      this.#fullFor(PER_MINUTE, MINUTE_MS, nowMs),
      this.#fullFor(PER_DAY, DAY_MS, nowMs),
    );
    if (forMs > 0) return { kind: 'wait', forMs, why: 'quota' };
    this.#made.push(nowMs);
    return { kind: 'go' };
  }

  /** The server wants a pause: as long as it says, a second to a day, else a minute and longer each time. */
  pause(nowMs: number, askedMs: number | null): void {
    const backoffMs = Math.min(BACKOFF_MAX_MS, PAUSE_MS * 2 ** this.#pauses);
    this.#pauses = Math.min(this.#pauses + 1, 16);
    this.#close(
      nowMs,
      askedMs === null ? backoffMs : Math.min(PAUSE_MAX_MS, Math.max(PAUSE_MIN_MS, askedMs)),
      'paused',
    );
  }

  /** The server does not take the key. */
  refuse(nowMs: number): void {
    this.#close(nowMs, REFUSED_MS, 'refused');
  }

  /** The server answered: the next pause is a short one again. */
  answered(): void {
    this.#pauses = 0;
  }

  #close(nowMs: number, forMs: number, why: 'paused' | 'refused'): void {
    this.#closedUntil = nowMs + forMs;
    this.#closedWhy = why;
  }

  /** How long until fewer than `most` lookups lie within the last `spanMs`. */
  #fullFor(most: number, spanMs: number, nowMs: number): number {
    const at = this.#made.at(-most);
    return at === undefined ? 0 : Math.max(0, at + spanMs - nowMs);
  }
}
