const NEWLINE = 0x0a;
const DECODER = new TextDecoder();

/** What a chunk of bytes completed; `tooLong`: the line that has begun is longer than may be, and nothing more is read. */
export interface SplitLines {
  readonly lines: readonly string[];
  readonly tooLong: boolean;
}

/**
 * Cuts a stream of bytes into lines, wherever the chunks are cut, in the middle of a character too. Holds at most
 * `maxBytes` of a line; empty lines are left out; bytes that are not UTF-8 become U+FFFD.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #heldBytes = 0;
  #tooLong = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes a chunk, which is copied where it must be kept. */
  push(chunk: Uint8Array): SplitLines {
    const lines: string[] = [];
    let from = 0;
    while (!this.#tooLong) {
      const end = chunk.indexOf(NEWLINE, from);
      const until = end === -1 ? chunk.length : end;
      this.#tooLong = this.#heldBytes + until - from > this.#maxBytes;
      if (this.#tooLong) this.#parts = [];
      else if (end === -1) {
        this.#hold(chunk.slice(from));
        break;
      } else {
        const line = this.#finish(chunk.subarray(from, end));
        if (line !== '') lines.push(line);
        from = end + 1;
      }
    }
    return { lines, tooLong: this.#tooLong };
  }

  #hold(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#heldBytes += part.length;
  }

  #finish(last: Uint8Array): string {
    if (this.#parts.length === 0) return DECODER.decode(last);
    const whole = new Uint8Array(this.#heldBytes + last.length);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    whole.set(last, at);
    this.#parts = [];
    this.#heldBytes = 0;
    return DECODER.decode(whole);
  }
}
