/** At most so many within any time of that length. */
interface Window {
  readonly most: number;
  readonly spanMs: number;
}

/** Limits how often something is done: no minute or day, wherever it begins, holds more of it than its window allows. */
export class SlidingWindows {
  readonly #windows: readonly Window[];
  readonly #kept: number;
  /** When it was done, oldest first; no more than the greatest window holds. */
  readonly #times: number[] = [];

  constructor(windows: readonly Window[]) {
    this.#windows = windows;
    this.#kept = Math.max(...windows.map(({ most }) => most));
  }

  /** Milliseconds until it may be done again; 0 counts it as done now. The clock is one that nobody sets. */
  take(nowMs: number): number {
    const waits = this.#windows.map(({ most, spanMs }) => {
      const at = this.#times.at(-most);
      return at === undefined ? 0 : at + spanMs - nowMs;
    });
    const waitMs = Math.max(0, ...waits);
    if (waitMs === 0 && this.#times.push(nowMs) > this.#kept) this.#times.shift();
    return waitMs;
  }
}
