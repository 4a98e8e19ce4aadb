import type { Host, Ip } from '../model/brand.ts';
import { assertNever } from '../model/never.ts';
import type { Pattern } from './host-pattern.ts';
import { type IpRanges, ipRanges, visitRanges } from './ip-ranges.ts';

/** Values by host pattern; finding all that cover a connection costs a map lookup a label, however many there are. */
export interface PatternIndex<T> {
  readonly exact: ReadonlyMap<string, T>;
  /** By the name in `*.name`. */
  readonly below: ReadonlyMap<string, T>;
  /** By the name in `name`, which covers itself and what is under it. */
  readonly under: ReadonlyMap<string, T>;
  /** 1 at the length of each name in `below` and `under`: no other suffix needs to be cut out and looked up. */
  readonly lengths: Uint8Array;
  readonly ranges: IpRanges<T>;
  readonly any: T | null;
}

/** What a lookup goes by. */
interface Asked {
  readonly host: Host | null;
  readonly ip: Ip | null;
}

const HOST_MAX_CHARS = 253;
const DOT = 0x2e;

/** Builds the lookup; each pattern must stand once (equal `patternText`). */
export function patternIndex<T>(
  entries: Iterable<{ readonly pattern: Pattern; readonly value: T }>,
): PatternIndex<T> {
  const exact = new Map<string, T>();
  const below = new Map<string, T>();
  const under = new Map<string, T>();
  const lengths = new Uint8Array(HOST_MAX_CHARS + 1);
  const ranges = [];
  let any: T | null = null;
  for (const { pattern, value } of entries) {
    switch (pattern.kind) {
      case 'exact':
        exact.set(pattern.host, value);
        break;
      case 'below':
      case 'under':
        (pattern.kind === 'below' ? below : under).set(pattern.host, value);
        lengths[pattern.host.length] = 1;
        break;
      case 'range':
        ranges.push({ range: pattern.range, value });
        break;
      case 'any':
        any = value;
        break;
      default:
        assertNever(pattern);
    }
  }
  return { exact, below, under, lengths, ranges: ipRanges(ranges), any };
}

/**
 * Calls `test` for the value of every pattern that covers the connection, the one that covers fewer hosts first, until it
 * gives something other than null: `=name`, then names from the longest to the shortest (`*.name` before `name`, which
 * also covers the name itself), then blocks of addresses from the longest prefix to the shortest, then `*`.
 * A name thus goes before an address: the name says who is meant, the address only where it was found.
 */
export function visitPatterns<T, Q extends Asked, C, R>(
  index: PatternIndex<T>,
  q: Q,
  carry: C,
  test: (value: T, q: Q, carry: C) => R | null,
): R | null {
  let found: R | null = null;
  if (q.host !== null) {
    const exact = index.exact.get(q.host);
    if (exact !== undefined) found = test(exact, q, carry);
    if (found === null) found = visitNames(index, q.host, q, carry, test);
  }
  if (found === null && q.ip !== null) found = visitRanges(index.ranges, q.ip, q, carry, test);
  return found === null && index.any !== null ? test(index.any, q, carry) : found;
}

function visitNames<T, Q extends Asked, C, R>(
  index: PatternIndex<T>,
  host: Host,
  q: Q,
  carry: C,
  test: (value: T, q: Q, carry: C) => R | null,
): R | null {
  for (let at = 0; at < host.length; at++) {
    if (at > 0 && host.charCodeAt(at - 1) !== DOT) continue;
    if (index.lengths[host.length - at] !== 1) continue;
    const suffix = at === 0 ? host : host.slice(at);
    const below = at === 0 ? undefined : index.below.get(suffix);
    const narrow = below === undefined ? null : test(below, q, carry);
    if (narrow !== null) return narrow;
    const under = index.under.get(suffix);
    const wide = under === undefined ? null : test(under, q, carry);
    if (wide !== null) return wide;
  }
  return null;
}
