import type { FilledPipe, Share } from './handoff.ts';

/** Flows the offload thread can hold at once; past it flows stay with JavaScript. */
export const OFFLOAD_SLOTS = 65_536;

/** Words of a slot; `toClient` and `toUpstream` are the first of those of a pipe. */
export const SLOT = {
  state: 0,
  clientFd: 1,
  upstreamFd: 2,
  end: 3,
  toClient: 4,
  toUpstream: 8,
  isShare: 12,
} as const;
const SLOT_WORDS = 13;
/** Numbers of a slot: bytes moved each way, and those of a share that may be. */
const COUNTS = 4;
/** Words of a pipe that comes with bytes in it; `bytes` 0: there is none. */
const PIPE = { bytes: 0, readEnd: 1, writeEnd: 2, size: 3 } as const;

/** A slot goes round: free → queued (main) → taken (worker has its own descriptors) → ended (worker) → free (main). */
export const STATE = { free: 0, queued: 1, taken: 2, ended: 3 } as const;
/** How a moved flow ended. */
export const END = { closed: 0, clientReset: 1, serverReset: 2 } as const;
/** What main asks of the worker; a message is `slot * 4 + operation`. */
export const OP = { add: 0, cut: 1, stop: 2 } as const;

const HEAD = 0;
const TAIL = 1;
/** How often main asked whether the worker runs, and which of these questions the worker has seen. */
const ASKED = 2;
const SEEN = 3;
const RING_AT = 4;
const RING_SIZE = OFFLOAD_SLOTS * 2;
const RING_MASK = RING_SIZE - 1;

/** Memory shared by the main thread and the offload thread: a slot a flow, byte counts, and one ring of messages to the worker. */
export class OffloadMemory {
  readonly #control: Int32Array;
  readonly #slots: Int32Array;
  readonly #bytes: Float64Array;

  constructor(readonly buffers: OffloadBuffers) {
    this.#control = new Int32Array(buffers.control);
    this.#slots = new Int32Array(buffers.slots);
    this.#bytes = new Float64Array(buffers.bytes);
  }

  static allocate(): OffloadMemory {
    return new OffloadMemory({
      control: new SharedArrayBuffer((RING_AT + RING_SIZE) * 4),
      slots: new SharedArrayBuffer(OFFLOAD_SLOTS * SLOT_WORDS * 4),
      bytes: new SharedArrayBuffer(OFFLOAD_SLOTS * COUNTS * 8),
    });
  }

  get(slot: number, word: number): number {
    return Atomics.load(this.#slots, slot * SLOT_WORDS + word);
  }

  set(slot: number, word: number, value: number): void {
    Atomics.store(this.#slots, slot * SLOT_WORDS + word, value);
  }

  setPipe(slot: number, word: number, pipe: FilledPipe | null): void {
    this.set(slot, word + PIPE.bytes, pipe?.bytes ?? 0);
    this.set(slot, word + PIPE.readEnd, pipe?.readEnd ?? -1);
    this.set(slot, word + PIPE.writeEnd, pipe?.writeEnd ?? -1);
    this.set(slot, word + PIPE.size, pipe?.sizeBytes ?? 0);
  }

  getPipe(slot: number, word: number): FilledPipe | null {
    const bytes = this.get(slot, word + PIPE.bytes);
    if (bytes === 0) return null;
    const readEnd = this.get(slot, word + PIPE.readEnd);
    const writeEnd = this.get(slot, word + PIPE.writeEnd);
    return { readEnd, writeEnd, sizeBytes: this.get(slot, word + PIPE.size), bytes };
  }

  /** Bytes from server to program. One writer, eight aligned bytes: never torn on x64 and arm64. */
  bytesIn(slot: number): number {
    return this.#bytes[slot * COUNTS] ?? 0;
  }

  bytesOut(slot: number): number {
    return this.#bytes[slot * COUNTS + 1] ?? 0;
  }

  setBytes(slot: number, bytesIn: number, bytesOut: number): void {
    this.#bytes[slot * COUNTS] = bytesIn;
    this.#bytes[slot * COUNTS + 1] = bytesOut;
  }

  setShare(slot: number, share: Share | null): void {
    this.#bytes[slot * COUNTS + 2] = share?.bytesIn ?? 0;
    this.#bytes[slot * COUNTS + 3] = share?.bytesOut ?? 0;
    this.set(slot, SLOT.isShare, share === null ? 0 : 1);
  }

  /** Null when the whole flow is moved. */
  getShare(slot: number): Share | null {
    if (this.get(slot, SLOT.isShare) === 0) return null;
    return { bytesIn: this.#bytes[slot * COUNTS + 2] ?? 0, bytesOut: this.#bytes[slot * COUNTS + 3] ?? 0 };
  }

  /** Main only. False when the ring is full, which two messages a slot cannot bring about unless the worker is stuck. */
  send(slot: number, operation: number): boolean {
    const tail = Atomics.load(this.#control, TAIL);
    // Both counters wrap at 2^31; the mask and `| 0` keep index and distance right when they do.
    if (((tail - Atomics.load(this.#control, HEAD)) | 0) >= RING_SIZE) return false;
    this.#control[RING_AT + (tail & RING_MASK)] = slot * 4 + operation;
    Atomics.store(this.#control, TAIL, (tail + 1) | 0);
    return true;
  }

  /** Main only: asks whether the worker runs; it is to be woken then. */
  ask(): void {
    Atomics.add(this.#control, ASKED, 1);
  }

  /** Worker only. */
  answer(): void {
    Atomics.store(this.#control, SEEN, Atomics.load(this.#control, ASKED));
  }

  /** Main only: whether the worker has seen the last question. */
  get isAnswered(): boolean {
    return Atomics.load(this.#control, SEEN) === Atomics.load(this.#control, ASKED);
  }

  /** Worker only: the next message, or -1. */
  receive(): number {
    const head = Atomics.load(this.#control, HEAD);
    if (head === Atomics.load(this.#control, TAIL)) return -1;
    const message = this.#control[RING_AT + (head & RING_MASK)] ?? -1;
    Atomics.store(this.#control, HEAD, (head + 1) | 0);
    return message;
  }
}

export interface OffloadBuffers {
  readonly control: SharedArrayBuffer;
  readonly slots: SharedArrayBuffer;
  readonly bytes: SharedArrayBuffer;
}
