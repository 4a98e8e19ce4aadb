import type { Host, Ip } from '../../model/brand.ts';
import { assertNever } from '../../model/never.ts';
import { type IpRanges, ipRanges, type RangeEntry, visitRanges } from '../hosts/ip-ranges.ts';
import { type Pattern, patternText } from './host-pattern.ts';

/**
 * Values by host pattern. Finding all that cover a connection costs a map lookup a label, however many there are; a name
 * comes and goes at the cost of one map entry, a range makes the ranges be sorted anew at the next lookup.
 */
export interface PatternIndex<T> {
  readonly exact: Map<string, T>;
  /** By the name in `*.name`. */
  readonly below: Map<string, T>;
  /** By the name in `name`, which covers itself and what is under it. */
  readonly under: Map<string, T>;
  /** How many names in `below` and `under` have a length: suffixes of other lengths need not be cut out and looked up. */
  readonly lengths: Uint32Array;
  /** By canonical text. */
  readonly ranges: Map<string, RangeEntry<T>>;
  /** `ranges`, ready for lookups; null when they changed. */
  sorted: IpRanges<T> | null;
  any: T | null;
}

/** What a lookup goes by. */
interface Asked {
  readonly host: Host | null;
  readonly ip: Ip | null;
}

const HOST_MAX_CHARS = 253;
const DOT = 0x2e;

/** An index that covers nothing yet. */
export function emptyIndex<T>(): PatternIndex<T> {
  return {
    exact: new Map(),
    below: new Map(),
    under: new Map(),
    lengths: new Uint32Array(HOST_MAX_CHARS + 1),
    ranges: new Map(),
    sorted: null,
    any: null,
  };
}

/** The value at a pattern, null when there is none. */
export function valueAt<T>(index: PatternIndex<T>, pattern: Pattern): T | null {
  switch (pattern.kind) {
    case 'exact':
    case 'below':
    case 'under':
      return index[pattern.kind].get(pattern.host) ?? null;
    case 'range':
      return index.ranges.get(patternText(pattern))?.value ?? null;
    case 'any':
      return index.any;
    default:
      return assertNever(pattern);
  }
}

/** Puts a value at a pattern, or takes away what is there. */
export function setValue<T>(index: PatternIndex<T>, pattern: Pattern, value: T | null): void {
  switch (pattern.kind) {
    case 'exact':
    case 'below':
    case 'under':
      setName(index, pattern.kind, pattern.host, value);
      return;
    case 'range':
      if (value === null) index.ranges.delete(patternText(pattern));
      else index.ranges.set(patternText(pattern), { range: pattern.range, value });
      index.sorted = null;
      return;
    case 'any':
      index.any = value;
      return;
    default:
      assertNever(pattern);
  }
}

function setName<T>(
  index: PatternIndex<T>,
  kind: 'exact' | 'below' | 'under',
  host: Host,
  value: T | null,
): void {
  const names = index[kind];
  const before = names.size;
  if (value === null) names.delete(host);
  else names.set(host, value);
  if (kind === 'exact') return;
  index.lengths[host.length] = (index.lengths[host.length] ?? 0) + names.size - before;
}

/**
 * Calls `test` for the value of every pattern that covers the connection, the one that covers fewer hosts first, until it
 * gives something other than null: `=name`, then names from the longest to the shortest (`*.name` before `name`, which
 * also covers the name itself), then blocks of addresses from the longest prefix to the shortest, then `*`.
 * A name thus goes before an address: the name says who is meant, the address only where it was found.
 */
export function visitPatterns<T, Q extends Asked, C, R>(
  index: PatternIndex<T>,
  subject: Q,
  carry: C,
  test: (value: T, subject: Q, carry: C) => R | null,
): R | null {
  let found: R | null = null;
  if (subject.host !== null) {
    const exact = index.exact.get(subject.host);
    if (exact !== undefined) found = test(exact, subject, carry);
    if (found === null) found = visitNames(index, subject.host, subject, carry, test);
  }
  if (found === null && subject.ip !== null && index.ranges.size > 0) {
    index.sorted ??= ipRanges([...index.ranges.values()]);
    found = visitRanges(index.sorted, subject.ip, subject, carry, test);
  }
  return found === null && index.any !== null ? test(index.any, subject, carry) : found;
}

function visitNames<T, Q extends Asked, C, R>(
  index: PatternIndex<T>,
  host: Host,
  subject: Q,
  carry: C,
  test: (value: T, subject: Q, carry: C) => R | null,
): R | null {
  for (let at = 0; at < host.length; at++) {
    if (at > 0 && host.charCodeAt(at - 1) !== DOT) continue;
    if (index.lengths[host.length - at] === 0) continue;
    const suffix = at === 0 ? host : host.slice(at);
    const below = at === 0 ? undefined : index.below.get(suffix);
    const narrow = below === undefined ? null : test(below, subject, carry);
    if (narrow !== null) return narrow;
    const under = index.under.get(suffix);
    const wide = under === undefined ? null : test(under, subject, carry);
    if (wide !== null) return wide;
  }
  return null;
}
