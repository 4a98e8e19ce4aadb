const EMPTY = new Uint8Array(0);
const FIRST_GROWTH_BYTES = 1024;

/**
 * Bytes kept in the order they came. Appending costs time in proportion to what is appended: the room doubles.
 * It sets no limit; whoever appends does.
 */
export class ByteBuffer {
  #bytes: Uint8Array = EMPTY;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The memory behind the buffer, valid up to `length` and until the next append; what lies past it is not data. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Copies `source[start, end)` to the end; the source may be reused afterwards. */
  append(source: Uint8Array, start: number, end: number): void {
    const count = end - start;
    if (count <= 0) return;
    this.#reserve(this.#length + count);
    if (count === 1) this.#bytes[this.#length] = source[start] ?? 0;
    else if (count === source.length) this.#bytes.set(source, this.#length);
    else this.#bytes.set(source.subarray(start, end), this.#length);
    this.#length += count;
  }

  /** What was appended, without a copy; valid until the next append. */
  view(): Uint8Array {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.subarray(0, this.#length);
  }

  // The first append gets exactly its size: most connections say all that matters in one segment.
  #reserve(needed: number): void {
    const room = this.#bytes.length;
    if (needed <= room) return;
    const bytes = new Uint8Array(room === 0 ? needed : Math.max(needed, room * 2, FIRST_GROWTH_BYTES));
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
  }
}
