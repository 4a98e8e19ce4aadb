import type { Flow } from './flow.ts';
import type { Offload } from './offload/offload.ts';

/** Descriptors kept for the engine itself: database, sockets of clients, pipes, programs it runs. */
const RESERVE = 96;
/**
 * The part of them that no connection takes, however many attempts a server with several addresses needs. Out of
 * descriptors altogether, a listener would spin on connections that it cannot accept.
 */
export const OWN_RESERVE = 64;
/** Above this share of the limit, flows are handed to the offload thread, whose thread has a descriptor table of its own. */
const RELIEVE_AT = 0.5;
/** Flows looked at and flows handed over at a time: two milliseconds at most. */
const LOOKED_AT_MAX = 4_096;
const RELIEVED_MAX = 192;

/** Keeps the number of open descriptors below the limit of the process. */
export class Pressure {
  /** The flows of this round that are still to be looked at. */
  #round: Iterator<Flow> | null = null;

  constructor(
    /** RLIMIT_NOFILE; null when unknown. */
    private readonly limit: number | null,
    private readonly offload: Offload | null,
  ) {}

  /** True when one more flow, accepted as `fd`, might not find the two descriptors it takes. The kernel gives the lowest free. */
  full(flows: number, fd: number): boolean {
    if (this.limit === null) return false;
    if (fd >= this.limit - OWN_RESERVE) return true;
    return this.#held(flows) + 2 > this.limit - RESERVE;
  }

  /** Moves some flows out of this thread's table while it is well filled; called ten times a second. */
  relieve(flows: ReadonlyMap<number, Flow>): void {
    if (this.limit === null || this.offload === null || !this.offload.ownsTable) return;
    if (this.#held(flows.size) < this.limit * RELIEVE_AT) return;
    this.#round ??= flows.values();
    let relieved = 0;
    for (let i = 0; i < LOOKED_AT_MAX && this.#round !== null && relieved < RELIEVED_MAX; i++) {
      const { value: flow, done } = this.#round.next();
      if (done === true) this.#round = null;
      else if (flow.relieve()) relieved++;
    }
  }

  #held(flows: number): number {
    const moved = this.offload?.ownsTable === true ? this.offload.whole : 0;
    return (flows - moved) * 2;
  }
}
