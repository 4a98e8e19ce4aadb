/**
 * The time of some work. It ends when all of it is over, when the caller's signal comes, or when a part of it is over that was set by
 * `endIn`; the first reason holds. Its signal ends what still runs. Must be closed.
 */
export class Deadline<Why> {
  readonly #startedMs = performance.now();
  readonly #control = new AbortController();
  readonly #over = Promise.withResolvers<Why>();
  readonly #whole: ReturnType<typeof setTimeout>;
  #part: ReturnType<typeof setTimeout> | undefined;
  #why: Why | null = null;
  readonly #stop = (): void => this.#end(this.stopped);

  constructor(
    private readonly totalMs: number,
    private readonly caller: AbortSignal,
    private readonly late: Why,
    private readonly stopped: Why,
  ) {
    // Rounded up: a clock that looks at fractions must not find time left.
    this.#whole = setTimeout(() => this.#end(late), Math.max(0, Math.ceil(totalMs)));
    if (caller.aborted) this.#stop();
    else caller.addEventListener('abort', this.#stop, { once: true });
  }

  /** Comes with the end, and when it is closed. */
  get signal(): AbortSignal {
    return this.#control.signal;
  }

  /** Why it ended, by the clock, though its timer be late; null while it goes on. */
  get why(): Why | null {
    return this.#why ?? (this.leftMs() === 0 ? this.late : null);
  }

  leftMs(): number {
    return Math.max(0, this.totalMs - this.spentMs());
  }

  spentMs(): number {
    return performance.now() - this.#startedMs;
  }

  /** Ends it in so many milliseconds, unless it is told otherwise before that. */
  endIn(ms: number, why: Why): void {
    clearTimeout(this.#part);
    if (!this.signal.aborted) this.#part = setTimeout(() => this.#end(why), ms);
  }

  /** What work comes to, or why the time for it ended before that; the work goes on unheard. */
  within<T>(work: Promise<T>): Promise<T | Why> {
    return Promise.race([work, this.#over.promise]);
  }

  close(): void {
    clearTimeout(this.#whole);
    clearTimeout(this.#part);
    this.caller.removeEventListener('abort', this.#stop);
    this.#control.abort(new Error('its time is over'));
  }

  #end(why: Why): void {
    this.#why ??= why;
    this.#over.resolve(this.#why);
    this.close();
  }
}
