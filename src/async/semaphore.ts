/** Bounds how much work runs at once: first come, first served; how many may wait is bounded too. */
export class Semaphore {
  readonly #places: number;
  readonly #waitingMax: number;
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  /** `waitingMax` without a number lets any number wait. */
  constructor(places: number, waitingMax: number = Number.POSITIVE_INFINITY) {
    this.#places = places;
    this.#waitingMax = waitingMax;
  }

  /** True when who comes now could not even wait. */
  get isFull(): boolean {
    return this.#taken >= this.#places && this.#waiting.size >= this.#waitingMax;
  }

  /** Waits for a place: true with a place that must be given back by `leave`, false when too many wait or the signal comes first. */
  enter(signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted === true || this.isFull) return Promise.resolve(false);
    if (this.#taken < this.#places) {
      this.#taken++;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const go = (): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve(true);
      };
      const giveUp = (): void => {
        this.#waiting.delete(go);
        resolve(false);
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(go);
    });
  }

  /** Does work when there is a place for it; with a limit on who waits, `enter` tells what this cannot. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (!(await this.enter())) throw new Error('too many wait for a place');
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  /** Gives a place back: to the one who waits longest, if any. */
  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#taken--;
    else {
      this.#waiting.delete(next);
      next();
    }
  }
}
