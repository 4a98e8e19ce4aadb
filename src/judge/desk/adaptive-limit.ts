/** Inquiries at once: to begin with, and at most. */
const FIRST = 8;
const MOST = 32;

/**
 * How many inquiries a server is given at once: one more for each that it finished in time, half as many when it did not keep up.
 * A local model works through a queue, and what waits in it runs out of time; a large service takes all there are.
 */
export class AdaptiveLimit {
  #limit = FIRST;

  get limit(): number {
    return Math.floor(this.#limit);
  }

  keptUp(): void {
    this.#limit = Math.min(MOST, this.#limit + 1);
  }

  fellBehind(): void {
    this.#limit = Math.max(1, this.#limit / 2);
  }
}
