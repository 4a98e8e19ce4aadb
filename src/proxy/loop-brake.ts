import type { Pid } from '../model/brand.ts';
import type { Endpoint } from '../model/endpoint.ts';

/** New connections of one program to one destination in a second, above which they can only be the same one coming round. */
const ROUNDS_MAX = 200;
const SECOND_MS = 1_000;
/** Pairs that are counted at a time; what comes beyond within the second is not counted. */
const PAIRS_MAX = 10_000;

/**
 * Breaks circles: a program that tunnels (a VPN, a proxy with an interface of its own) gets our connection, opens its outer one, that
 * is redirected to us, and so on. The kernel shows nothing that tells the rounds from each other but their number.
 */
export class LoopBrake {
  readonly #counts = new Map<string, number>();
  #since = Number.NEGATIVE_INFINITY;

  /** `now`: a monotonic clock in milliseconds. */
  constructor(private readonly now: () => number) {}

  /** Counts a connection; true when it is one too many. Never for a program that is not known. */
  goesRound(pid: Pid | null, dst: Endpoint): boolean {
    if (pid === null) return false;
    const now = this.now();
    if (now - this.#since >= SECOND_MS) {
      this.#counts.clear();
      this.#since = now;
    }
    const key = `${pid} ${dst.ip} ${dst.port}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    if (count > 1 || this.#counts.size < PAIRS_MAX) this.#counts.set(key, count);
    return count > ROUNDS_MAX;
  }
}
