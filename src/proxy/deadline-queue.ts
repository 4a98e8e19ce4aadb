/** A deadline that was set. Lifting it lets go of its item at once; lifting it again, or after it came due, does nothing. */
export class Deadline<T> {
  /** The neighbours in its queue. */
  before: Deadline<T> | null = null;
  after: Deadline<T> | null = null;

  constructor(
    readonly item: T,
    readonly atMs: number,
    private queue: DeadlineQueue<T> | null,
  ) {}

  lift(): void {
    const { queue } = this;
    this.queue = null;
    queue?.unlink(this);
  }
}

/**
 * Deadlines that all lie the same time ahead, so they come due in the order they were set: one timer for all flows, which
 * fires about once a delay, because nearly all are lifted before that.
 */
export class DeadlineQueue<T> {
  #first: Deadline<T> | null = null;
  #last: Deadline<T> | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly delayMs: number,
    private readonly due: (item: T) => void,
  ) {}

  add(item: T): Deadline<T> {
    const deadline = new Deadline<T>(item, performance.now() + this.delayMs, this);
    deadline.before = this.#last;
    if (this.#last === null) this.#first = deadline;
    else this.#last.after = deadline;
    this.#last = deadline;
    if (this.#timer === null) this.#arm(this.delayMs);
    return deadline;
  }

  /** For `Deadline.lift`. */
  unlink(deadline: Deadline<T>): void {
    const { before, after } = deadline;
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    while (this.#first !== null) this.#first.lift();
  }

  #arm(delayMs: number): void {
    this.#timer = setTimeout(() => this.#run(), Math.max(1, delayMs));
  }

  #run(): void {
    this.#timer = null;
    const now = performance.now();
    for (let next = this.#first; next !== null; next = this.#first) {
      if (next.atMs > now) {
        this.#arm(next.atMs - now);
        return;
      }
      next.lift();
      this.due(next.item);
    }
  }
}
