/** How many of the latest samples a percentile is taken over. */
const WINDOW = 4_096;

/** Percentiles over the latest samples of one figure, in the figure's own unit. Adding costs nanoseconds. */
export class Percentiles {
  readonly #samples = new Float64Array(WINDOW);
  #count = 0;

  add(value: number): void {
    this.#samples[this.#count % WINDOW] = value;
    this.#count++;
  }

  /** The p-th percentile (0 to 1), null before the first sample. Sorts the window: for status, not for the hot path. */
  at(p: number): number | null {
    const n = Math.min(this.#count, WINDOW);
    if (n === 0) return null;
    const sorted = this.#samples.slice(0, n).sort();
    return sorted[Math.min(n - 1, Math.floor(p * n))] ?? null;
  }
}
