/** What a queue holds, and how much of it. */
export interface QueueOptions<K, T> {
  /** What two states of one thing have in common. */
  readonly keyOf: (item: T) => K;
  /** Bytes an item takes in memory, by estimate. */
  readonly weigh: (item: T) => number;
  /** Past either bound the oldest are given up, but for the newest. */
  readonly maxItems: number;
  readonly maxBytes: number;
  /** What goes to the database in one transaction; an item that is heavier goes alone. */
  readonly batchItems: number;
  readonly batchBytes: number;
}

interface Entry<K, T> {
  readonly key: K;
  item: T;
  weight: number;
}

/**
 * What waits to be written: the newest state of each thing, in the order of arrival. A batch that was taken stays in flight until it is
 * settled as written; until then `take` gives the same batch again.
 * Entries stand in a ring beside the map, because taking the first key of a big Map again and again is slow in JavaScriptCore
 * (29 µs each at 65,536).
 */
export class WriteQueue<K, T> {
  readonly #options: QueueOptions<K, T>;
  readonly #ring: (Entry<K, T> | undefined)[];
  readonly #waiting = new Map<K, Entry<K, T>>();
  #inFlight: T[] = [];
  #inFlightBytes = 0;
  #head = 0;
  #bytes = 0;
  #lost = 0;

  constructor(options: QueueOptions<K, T>) {
    this.#options = options;
    this.#ring = new Array(options.maxItems);
  }

  /** Items not yet known to be on disk. */
  get size(): number {
    return this.#waiting.size + this.#inFlight.length;
  }

  /** True when there is more than one batch takes. */
  get isFull(): boolean {
    return this.size >= this.#options.batchItems;
  }

  /** Items given up since the start. */
  get lost(): number {
    return this.#lost;
  }

  /** Takes an item over any earlier state of it. */
  put(item: T): void {
    const key = this.#options.keyOf(item);
    const entry = this.#waiting.get(key) ?? this.#enter(key, item);
    const weight = this.#options.weigh(item);
    this.#bytes += weight - entry.weight;
    entry.item = item;
    entry.weight = weight;
    while (this.#bytes + this.#inFlightBytes > this.#options.maxBytes && this.#waiting.size > 1) {
      this.#giveUpOldest();
    }
  }

  /** Counts an item that can never be written. */
  refuse(): void {
    this.#lost++;
  }

  /** The next batch, oldest first, empty when nothing waits. The caller settles it before it takes another. */
  take(): readonly T[] {
    if (this.#inFlight.length > 0) return this.#inFlight;
    const { batchItems, batchBytes } = this.#options;
    while (this.#waiting.size > 0 && this.#inFlight.length < batchItems) {
      const weight = this.#ring[this.#head]?.weight ?? 0;
      if (this.#inFlight.length > 0 && this.#inFlightBytes + weight > batchBytes) break;
      const entry = this.#shift();
      if (entry === undefined) break;
      this.#inFlight.push(entry.item);
      this.#inFlightBytes += weight;
    }
    return this.#inFlight;
  }

  /** Says how the batch in flight went: written (it is forgotten, `refused` of it lost) or to be tried again. */
  settle(written: boolean, refused = 0): void {
    if (!written) return;
    this.#lost += refused;
    this.#inFlight = [];
    this.#inFlightBytes = 0;
  }

  /** The newest state of a thing that is not known to be on disk. */
  find(key: K): T | null {
    const { keyOf } = this.#options;
    return this.#waiting.get(key)?.item ?? this.#inFlight.find((item) => keyOf(item) === key) ?? null;
  }

  /** The newest state of everything that is not known to be on disk. */
  all(): readonly T[] {
    const flying = this.#inFlight.filter((item) => !this.#waiting.has(this.#options.keyOf(item)));
    return [...flying, ...[...this.#waiting.values()].map(({ item }) => item)];
  }

  /** Gives up all that waits, and counts it. */
  abandon(): void {
    this.#lost += this.size;
    this.#waiting.clear();
    this.#ring.fill(undefined);
    this.#inFlight = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#inFlightBytes = 0;
  }

  #enter(key: K, item: T): Entry<K, T> {
    const { maxItems } = this.#options;
    if (this.#waiting.size === maxItems) this.#giveUpOldest();
    const entry = { key, item, weight: 0 };
    this.#ring[(this.#head + this.#waiting.size) % maxItems] = entry;
    this.#waiting.set(key, entry);
    return entry;
  }

  #shift(): Entry<K, T> | undefined {
    const entry = this.#ring[this.#head];
    if (entry === undefined) return undefined;
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#options.maxItems;
    this.#waiting.delete(entry.key);
    this.#bytes -= entry.weight;
    return entry;
  }

  #giveUpOldest(): void {
    this.#shift();
    this.#lost++;
  }
}
