import { UPSTREAM_PORT_FIRST, UPSTREAM_PORT_LAST } from './anchor-name.ts';

const COUNT = UPSTREAM_PORT_LAST - UPSTREAM_PORT_FIRST + 1;

/**
 * Hands out the source ports by which pf knows the engine's own connections, one after the other. A port may still be in
 * use or in TIME_WAIT: binding then fails with EADDRINUSE, and the next one is to be tried.
 */
export class UpstreamPorts {
  #next: number;

  /** `random` (0 to 1, exclusive) is where to begin, so that a restart does not meet the ports of the last run. */
  constructor(random: number) {
    this.#next = Math.floor(random * COUNT);
  }

  /** A port of 20000 to 29999. */
  next(): number {
    const port = UPSTREAM_PORT_FIRST + this.#next;
    this.#next = (this.#next + 1) % COUNT;
    return port;
  }
}
