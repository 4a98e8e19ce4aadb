import { parse } from 'tldts';
import { bareHost } from '../../../net/reachable.ts';

/** Who a host belongs to, as far as its name tells: its registrable domain, or the host itself when it has none. */
export function siteOf(host: string): string {
  const bare = bareHost(host);
  return parse(bare, { allowPrivateDomains: true, validateHostname: false }).domain ?? bare;
}

/** Hosts that a page leads to outside its own domain, counted; beyond a number of them no new ones are. */
export class OtherHosts {
  /** Most hosts that are told apart. */
  static readonly MAX = 500;
  readonly #own: string;
  readonly #counts = new Map<string, number>();
  #isFull = false;

  constructor(own: string) {
    this.#own = own;
  }

  /** Counts an address; one that is no web address or stays within the domain is none. */
  add(url: URL | null): void {
    if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return;
    const host = bareHost(url.hostname);
    const count = this.#counts.get(host);
    if (count !== undefined) this.#counts.set(host, count + 1);
    else if (this.#counts.size >= OtherHosts.MAX) this.#isFull = true;
    else if (siteOf(host) !== this.#own) this.#counts.set(host, 1);
  }

  /** The hosts that occur most, most first. */
  top(most: number): readonly { readonly host: string; readonly count: number }[] {
    return [...this.#counts]
      .map(([host, count]) => ({ host, count }))
      .sort((a, b) => b.count - a.count)
      .slice(0, most);
  }

  get size(): number {
    return this.#counts.size;
  }

  /** True when there were more hosts than are told apart. */
  get isFull(): boolean {
    return this.#isFull;
  }
}
