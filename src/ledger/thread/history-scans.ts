import { setImmediate as nextTurn } from 'node:timers/promises';
import { SerialQueue } from '../../async/serial-queue.ts';
import type { DomainHistory } from '../../model/history.ts';
import { type HistoryQuery, type HistorySlice, SLICE_FLOWS } from '../table/history-reader.ts';
import { HistorySum } from '../table/history-sum.ts';

/** Flows that one history looks through, the newest ones; and the longest it takes. */
export const LOOKED_MAX_FLOWS = 200_000;
const LOOKED_MAX_MS = 2_000;
/** Histories that wait for their turn; past it there is none. */
const WAITING_MAX = 64;

/** Gives a slice of the ledger; null when it cannot be read. */
export type ReadSlice = (query: HistoryQuery, before: number) => HistorySlice | null;

/**
 * Reads histories, one at a time and a slice a turn of the event loop, so that what else is asked of the thread is answered in
 * between.
 */
export class HistoryScans {
  readonly #read: ReadSlice;
  /** Monotonic, milliseconds. */
  readonly #clock: () => number;
  readonly #turns = new SerialQueue();
  #waiting = 0;
  #closed = false;

  constructor(read: ReadSlice, clock: () => number) {
    this.#read = read;
    this.#clock = clock;
  }

  /** A history; null when the ledger cannot be read, was closed meanwhile, or too many are asked for at once. Never rejects for what a disk can do. */
  history(query: HistoryQuery): Promise<DomainHistory | null> {
    if (this.#waiting >= WAITING_MAX) return Promise.resolve(null);
    this.#waiting++;
    return this.#turns.next(() => this.#scan(query)).finally(() => this.#waiting--);
  }

  /** Nothing is read any more. */
  close(): void {
    this.#closed = true;
  }

  async #scan(query: HistoryQuery): Promise<DomainHistory | null> {
    const sum = new HistorySum(query);
    const deadline = this.#clock() + LOOKED_MAX_MS;
    for (let before = Number.MAX_SAFE_INTEGER; ; ) {
      if (this.#closed) return null;
      const slice = this.#read(query, before);
      if (slice === null) return null;
      sum.add(slice);
      if (slice.flows < SLICE_FLOWS || slice.firstId === null) return sum.result(true);
      if (sum.flows >= LOOKED_MAX_FLOWS || this.#clock() > deadline) return sum.result(false);
      before = slice.firstId;
      await nextTurn();
    }
  }
}
