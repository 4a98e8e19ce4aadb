/** Samples of the last minute are kept, ten a second. */
const WINDOW = 600;
const EVERY_MS = 100;

/** Measures how late timers fire, which is how long something held the event loop. */
export class LoopLag {
  readonly #samples = new Float64Array(WINDOW);
  #count = 0;
  #expectedMs = performance.now() + EVERY_MS;

  /** Called by a timer of `EVERY_MS`; hands on how late it came. */
  tick(): number {
    const now = performance.now();
    const lateMs = Math.max(0, now - this.#expectedMs);
    this.#expectedMs = now + EVERY_MS;
    this.#samples[this.#count++ % WINDOW] = lateMs;
    return lateMs;
  }

  report(): { p99: number; max: number } {
    const n = Math.min(this.#count, WINDOW);
    if (n === 0) return { p99: 0, max: 0 };
    const sorted = this.#samples.slice(0, n).sort();
    const round = (ms: number | undefined): number => Math.round((ms ?? 0) * 100) / 100;
    return { p99: round(sorted[Math.floor(n * 0.99)]), max: round(sorted[n - 1]) };
  }
}

export const TICK_MS = EVERY_MS;
