const ENCODER = new TextEncoder();

/** Writes bytes to a socket and says how many it took; less than asked when its buffer is full. */
export type WriteBytes = (bytes: Uint8Array) => number;

/** What waits to be written to one socket, because it takes less than it is given. Its owner bounds it by `sizeBytes`. */
export class OutBuffer {
  readonly #write: WriteBytes;
  #parts: Uint8Array[] = [];
  #sizeBytes = 0;

  constructor(write: WriteBytes) {
    this.#write = write;
  }

  /** Bytes not yet taken by the socket. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Writes text, or keeps what the socket does not take. */
  push(text: string): void {
    const bytes = ENCODER.encode(text);
    const taken = this.#parts.length === 0 ? Math.max(0, this.#write(bytes)) : 0;
    if (taken === bytes.length) return;
    this.#parts.push(bytes.subarray(taken));
    this.#sizeBytes += bytes.length - taken;
  }

  /** Writes on after the socket said that it takes more; true when nothing is left. */
  drain(): boolean {
    let written = 0;
    for (const part of this.#parts) {
      const taken = Math.max(0, this.#write(part));
      this.#sizeBytes -= taken;
      if (taken < part.length) {
        this.#parts[written] = part.subarray(taken);
        break;
      }
      written++;
    }
    this.#parts.splice(0, written);
    return this.#parts.length === 0;
  }
}
