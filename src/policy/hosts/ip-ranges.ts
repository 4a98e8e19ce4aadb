import type { Ip } from '../../model/brand.ts';
import { type IpRange, ipWords, samePrefix } from '../../model/ip.ts';

/** Values by block of addresses, both families. Blocks nest or are apart, so a lookup is one binary search and a walk outwards. */
export interface IpRanges<T> {
  readonly v4: Family<T>;
  readonly v6: Family<T>;
  /** The address asked about, in words; kept so that a lookup makes no object. */
  readonly asked: Uint32Array;
}

/** One family, sorted by first address, wider block first. */
interface Family<T> {
  /** Words an address: 1 or 4. */
  readonly width: number;
  /** First addresses, `width` words each. */
  readonly firsts: Uint32Array;
  readonly prefixes: Uint8Array;
  /** The nearest block that holds this one, or -1. */
  readonly outer: Int32Array;
  readonly values: readonly T[];
}

export interface RangeEntry<T> {
  readonly range: IpRange;
  readonly value: T;
}

/** Builds the lookup; each range must stand once. */
export function ipRanges<T>(entries: readonly RangeEntry<T>[]): IpRanges<T> {
  const isV6 = (entry: RangeEntry<T>): boolean => entry.range.first.includes(':');
  return {
    v4: family(
      entries.filter((entry) => !isV6(entry)),
      1,
    ),
    v6: family(entries.filter(isV6), 4),
    asked: new Uint32Array(4),
  };
}

/** Calls `test` for every block that holds `ip`, the narrowest first, until it gives something other than null. */
export function visitRanges<T, Q, C, R>(
  ranges: IpRanges<T>,
  ip: Ip,
  q: Q,
  carry: C,
  test: (value: T, q: Q, carry: C) => R | null,
): R | null {
  const in4 = ipWords(ip, ranges.asked) === 1;
  const blocks = in4 ? ranges.v4 : ranges.v6;
  for (let at = lastNotAfter(blocks, ranges.asked); at >= 0; at = blocks.outer[at] ?? -1) {
    if (!holds(blocks, at, ranges.asked, 0)) continue;
    const result = test(blocks.values[at] as T, q, carry);
    if (result !== null) return result;
  }
  return null;
}

function family<T>(entries: readonly RangeEntry<T>[], width: number): Family<T> {
  const words = new Uint32Array(4);
  const sorted = entries
    .map((entry) => {
      ipWords(entry.range.first, words);
      return { ...entry, words: words.slice(0, width) };
    })
    .sort((a, b) => compare(a.words, 0, b.words, 0, width) || a.range.prefix - b.range.prefix);
  const firsts = new Uint32Array(sorted.length * width);
  for (const [i, entry] of sorted.entries()) firsts.set(entry.words, i * width);
  const blocks = {
    width,
    firsts,
    prefixes: Uint8Array.from(sorted, (entry) => entry.range.prefix),
    outer: new Int32Array(sorted.length).fill(-1),
    values: sorted.map((entry) => entry.value),
  };
  for (let i = 1; i < sorted.length; i++) {
    let outer = i - 1;
    while (outer >= 0 && !holds(blocks, outer, firsts, i * width)) outer = blocks.outer[outer] ?? -1;
    blocks.outer[i] = outer;
  }
  return blocks;
}

/** The last block whose first address is not after `ip`; every block that holds `ip` is it or around it. */
function lastNotAfter<T>(blocks: Family<T>, ip: Uint32Array): number {
  let low = 0;
  let high = blocks.values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(blocks.firsts, middle * blocks.width, ip, 0, blocks.width) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function compare(a: Uint32Array, atA: number, b: Uint32Array, atB: number, width: number): number {
  for (let i = 0; i < width; i++) {
    const difference = (a[atA + i] ?? 0) - (b[atB + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether block `at` holds the address that stands in `words` from `from` on. */
function holds<T>(blocks: Family<T>, at: number, words: Uint32Array, from: number): boolean {
  return samePrefix(blocks.firsts, at * blocks.width, words, from, blocks.prefixes[at] ?? 0);
}
