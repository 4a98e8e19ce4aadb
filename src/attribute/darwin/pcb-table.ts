import type { Endpoint } from '../../model/endpoint.ts';
import { findPcbs, type PcbWalk } from './pcblist.ts';

/** A connection is looked up twice in one turn of the loop (destination, owner): a list so young serves both. */
const SHARED_FOR_MS = 2;
/** Those who wait for a later list share one, taken after so long. */
const BATCH_MS = 5;
/** With more sockets than these a list costs over half a millisecond: it is then only taken for a whole batch. */
const CROWDED_SOCKETS = 4_096;

/**
 * The kernel's list of TCP sockets, taken no more often than needed: it costs time in the number of all sockets,
 * and the event loop must not stand still for it at every connection.
 */
export class PcbTable {
  #list: Uint8Array | null = null;
  #takenAt = Number.NEGATIVE_INFINITY;
  #sockets = 0;
  #batch: Promise<void> | null = null;

  /** `read` takes a new list; `now` is a monotonic clock in milliseconds. */
  constructor(
    private readonly read: () => Uint8Array | null,
    private readonly now: () => number,
  ) {}

  /** True when taking a list for a single connection would be too slow: ask `findLater`. */
  get crowded(): boolean {
    return this.#sockets > CROWDED_SOCKETS;
  }

  /** The sockets with this own end, and with this remote end if one is given; null when the list cannot be read. */
  find(local: Endpoint, remote: Endpoint | null): PcbWalk | null {
    if (this.now() - this.#takenAt < SHARED_FOR_MS) {
      const walk = this.#search(local, remote);
      if (walk !== null && walk.rows.length > 0) return walk;
    }
    this.#take();
    return this.#search(local, remote);
  }

  /** The same in a list that is taken a few milliseconds from now, one for all who ask until then. */
  async findLater(local: Endpoint, remote: Endpoint | null): Promise<PcbWalk | null> {
    this.#batch ??= this.#nextBatch();
    await this.#batch;
    return this.#search(local, remote);
  }

  async #nextBatch(): Promise<void> {
    await Bun.sleep(BATCH_MS);
    this.#batch = null;
    this.#take();
  }

  #take(): void {
    this.#list = this.read();
    this.#takenAt = this.now();
  }

  #search(local: Endpoint, remote: Endpoint | null): PcbWalk | null {
    if (this.#list === null) return null;
    const walk = findPcbs(this.#list, local, remote);
    this.#sockets = walk.sockets;
    return walk;
  }
}
