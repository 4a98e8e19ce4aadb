/** Work ends that much before the inquiry must, so that what it has spent can still be told. */
const MARGIN_MS = 250;
const MARGIN_PART = 0.1;

/** The time of one inquiry: first its work is told to end, a little later it is no longer waited for. */
export class InquiryTime {
  readonly #startedMs = performance.now();
  readonly #workMs: number;
  readonly #work = new AbortController();
  readonly #over = Promise.withResolvers<null>();
  readonly #timers: readonly ReturnType<typeof setTimeout>[];
  readonly #stop: AbortSignal;
  readonly #stopped = (): void => this.#end();

  /** `stop` ends all of it at once. */
  constructor(totalMs: number, stop: AbortSignal) {
    this.#workMs = totalMs - Math.min(MARGIN_MS, totalMs * MARGIN_PART);
    this.#stop = stop;
    this.#timers = [
      setTimeout(() => this.#work.abort(new Error('the time was over')), this.#workMs),
      setTimeout(() => this.#over.resolve(null), totalMs),
    ];
    if (stop.aborted) this.#end();
    else stop.addEventListener('abort', this.#stopped, { once: true });
  }

  /** For all work: it comes with the end of its time, and with a stop. */
  get signal(): AbortSignal {
    return this.#work.signal;
  }

  /** Why work is to end; null while it is not. */
  get endedBy(): 'deadline' | 'stopped' | null {
    if (this.#stop.aborted) return 'stopped';
    return this.#work.signal.aborted ? 'deadline' : null;
  }

  /** What is left for work, milliseconds. */
  leftMs(): number {
    return Math.max(0, this.#workMs - this.spentMs());
  }

  spentMs(): number {
    return performance.now() - this.#startedMs;
  }

  /** What a promise gives, or null when the end comes first; the work behind it goes on unheard. */
  within<T>(work: Promise<T>): Promise<T | null> {
    return Promise.race([work, this.#over.promise]);
  }

  /** Ends what still runs. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#stop.removeEventListener('abort', this.#stopped);
    this.#end();
  }

  #end(): void {
    this.#work.abort(new Error('the inquiry ended'));
    this.#over.resolve(null);
  }
}
