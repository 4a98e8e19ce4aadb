interface Entry<T> {
  readonly item: T;
  readonly ticket: number;
  readonly atMs: number;
}

/** Consumed entries are cut off the front once there are so many. */
const COMPACT_AT = 1_024;

/**
 * Deadlines that all lie the same time ahead, so they come due in the order they were set: one timer for all flows.
 * A deadline is lifted by no longer answering to its ticket: `due` is called with both and compares.
 */
export class DeadlineQueue<T> {
  readonly #entries: Entry<T>[] = [];
  #head = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly delayMs: number,
    private readonly due: (item: T, ticket: number) => void,
  ) {}

  add(item: T, ticket: number): void {
    this.#entries.push({ item, ticket, atMs: performance.now() + this.delayMs });
    if (this.#timer === null) this.#arm(this.delayMs);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#entries.length = 0;
    this.#head = 0;
  }

  #arm(delayMs: number): void {
    this.#timer = setTimeout(() => this.#run(), Math.max(1, delayMs));
  }

  #run(): void {
    this.#timer = null;
    const now = performance.now();
    for (;;) {
      const entry = this.#entries[this.#head];
      if (entry === undefined) break;
      if (entry.atMs > now) {
        this.#arm(entry.atMs - now);
        break;
      }
      this.#head++;
      this.due(entry.item, entry.ticket);
    }
    if (this.#head >= COMPACT_AT || this.#head === this.#entries.length) {
      this.#entries.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
