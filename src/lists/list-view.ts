import type { Host, Ip } from '../model/brand.ts';
import type { Category } from '../model/flow.ts';
import { type HostSet, hitSlot, hitStart, MISS } from '../policy/hosts/host-set.ts';
import type { AddressSet } from '../policy/hosts/ip-set.ts';
import type { ListHit } from '../policy/lists/host-lists.ts';
import type { CompiledLists } from './compile/compiled-lists.ts';
import type { CompiledList } from './compile/meta.ts';

/** A compiled file together with which of its lists are on. Lookups allocate only for what they find. */
export class ListView {
  readonly compiled: CompiledLists;
  readonly #on: Uint8Array;
  readonly #mask: Uint8Array;
  readonly #only: Uint8Array;
  readonly #hits: Float64Array;
  readonly #hasExceptions: boolean;

  constructor(
    compiled: CompiledLists,
    isOn: (list: CompiledList) => boolean,
    hits: ReadonlyMap<string, number>,
  ) {
    const { lists } = compiled.meta;
    this.compiled = compiled;
    this.#on = Uint8Array.from(lists, (list) => (isOn(list) ? 1 : 0));
    this.#mask = new Uint8Array(lists.length);
    this.#only = new Uint8Array(lists.length);
    this.#hits = Float64Array.from(lists, (list) => hits.get(list.name) ?? 0);
    this.#hasExceptions = lists.some((list) => list.exceptions > 0);
  }

  isOn(list: number): boolean {
    return this.#on[list] === 1;
  }

  /** How often each list was the answer, by name. */
  hits(): Map<string, number> {
    return new Map(this.compiled.meta.lists.map((list, i) => [list.name, this.#hits[i] ?? 0]));
  }

  allow(host: Host): ListHit | null {
    return this.#hostHit(this.compiled.sets.allow, this.compiled.sets.allow.find(host, this.#on), host);
  }

  /** The first list that blocks a host. A list's own exceptions take the host out of that list only. */
  block(host: Host): ListHit | null {
    const { block, except, topBlock, topExcept } = this.compiled.sets;
    let hit = block.find(host, this.#on);
    if (hit === MISS) return null;
    if (this.#hasExceptions) {
      this.#mask.set(this.#on);
      while (hit !== MISS) {
        const list = block.list(hitSlot(hit));
        if (this.#inList(except, list, host) === MISS) break;
        const important = this.#inList(topBlock, list, host);
        if (important !== MISS && this.#inList(topExcept, list, host) === MISS)
          return this.#hostHit(topBlock, important, host);
        this.#mask[list] = 0;
        hit = block.find(host, this.#mask);
      }
    }
    return this.#hostHit(block, hit, host);
  }

  allowIp(ip: Ip): ListHit | null {
    return this.#rangeHit(this.compiled.ranges.allow, this.compiled.ranges.allow.find(ip, this.#on));
  }

  blockIp(ip: Ip): ListHit | null {
    const { block, except, topBlock, topExcept } = this.compiled.ranges;
    let hit = block.find(ip, this.#on);
    if (hit === MISS) return null;
    this.#mask.set(this.#on);
    while (hit !== MISS) {
      const list = block.list(hit);
      if (this.#inList(except, list, ip) === MISS) break;
      const important = this.#inList(topBlock, list, ip);
      if (important !== MISS && this.#inList(topExcept, list, ip) === MISS)
        return this.#rangeHit(topBlock, important);
      this.#mask[list] = 0;
      hit = block.find(ip, this.#mask);
    }
    return this.#rangeHit(block, hit);
  }

  /** The list and line of the closest entry of a popular or provider list that covers a host. */
  table(set: 'popular' | 'provider', host: Host): { list: CompiledList; line: number; entry: string } | null {
    const names = this.compiled.sets[set];
    const hit = names.findClosest(host, this.#on);
    if (hit === MISS) return null;
    const list = this.compiled.meta.lists[names.list(hitSlot(hit))];
    return list === undefined
      ? null
      : { list, line: names.line(hitSlot(hit)), entry: host.slice(hitStart(hit)) };
  }

  /** Every entry that covers a host, on whatever list, the closest first. Exceptions and switches are left aside. */
  search(host: Host): (ListHit & { readonly on: boolean })[] {
    const { lists } = this.compiled.meta;
    const labels = host.split('.');
    return labels.slice(0, -1).flatMap((_, i) => {
      const entry = labels.slice(i).join('.');
      return [this.compiled.sets.allow, this.compiled.sets.block].flatMap((set) =>
        set.exact(entry).flatMap((slot) => {
          const list = lists[set.list(slot)];
          if (list === undefined || list.kind === 'popular' || list.kind === 'provider') return [];
          return [
            {
              list: list.name,
              category: list.kind,
              entry,
              line: set.line(slot),
              on: this.isOn(set.list(slot)),
            },
          ];
        }),
      );
    });
  }

  /** The first entry of one list that covers a host or address; `MISS` when there is none. */
  #inList(set: HostSet | AddressSet, list: number, host: string): number {
    this.#only[list] = 1;
    const found = set.find(host, this.#only);
    this.#only[list] = 0;
    return found;
  }

  #hostHit(set: HostSet, hit: number, host: Host): ListHit | null {
    if (hit === MISS) return null;
    return this.#found(set.list(hitSlot(hit)), host.slice(hitStart(hit)), set.line(hitSlot(hit)));
  }

  #rangeHit(set: AddressSet, hit: number): ListHit | null {
    return hit === MISS ? null : this.#found(set.list(hit), set.text(hit), set.line(hit));
  }

  #found(number: number, entry: string, line: number): ListHit | null {
    const list = this.compiled.meta.lists[number];
    // Allow and block sets hold no popular or provider entries.
    if (list === undefined || list.kind === 'popular' || list.kind === 'provider') return null;
    this.#hits[number] = (this.#hits[number] ?? 0) + 1;
    const category: Category | 'allow' = list.kind;
    return { list: list.name, category, entry, line };
  }
}
