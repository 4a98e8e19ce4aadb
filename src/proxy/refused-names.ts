import type { Host, Ip } from '../model/brand.ts';
import type { Origin } from '../model/flow.ts';

/** How long a refusal counts for the sockets of the same program that say nothing. */
const KEPT_MS = 60_000;
/** Addresses remembered; past it the oldest is forgotten. */
const ADDRESSES_MAX = 1_024;
/** Refusals remembered an address; past it the oldest is forgotten. */
const REFUSALS_MAX = 8;

interface Refusal {
  readonly path: string | null;
  readonly host: Host;
  readonly atMs: number;
}

/**
 * The names that programs were refused a moment ago, by address: a browser that is refused a name has a second socket to the same
 * server, which says nothing and names nobody.
 */
export class RefusedNames {
  readonly #refusals = new Map<Ip, Refusal[]>();

  /** `nowMs`: of a clock that nobody sets. */
  note({ path }: Origin, ip: Ip, host: Host, nowMs: number): void {
    const others = (this.#refusals.get(ip) ?? []).filter((each) => each.path !== path || each.host !== host);
    this.#refusals.delete(ip);
    this.#refusals.set(ip, [...others, { path, host, atMs: nowMs }].slice(-REFUSALS_MAX));
    if (this.#refusals.size <= ADDRESSES_MAX) return;
    for (const oldest of this.#refusals.keys()) {
      this.#refusals.delete(oldest);
      return;
    }
  }

  /** The names that this program was just refused at an address, the latest last. A program that is not known counts as any. */
  of({ path }: Origin, ip: Ip, nowMs: number): readonly Host[] {
    const found: Host[] = [];
    for (const each of this.#refusals.get(ip) ?? []) {
      const same = each.path === path || each.path === null || path === null;
      if (same && nowMs - each.atMs < KEPT_MS) found.push(each.host);
    }
    return found;
  }
}
