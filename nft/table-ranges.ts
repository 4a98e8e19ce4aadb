import ipaddr from 'ipaddr.js';
import type { Ip } from '../src/model/brand.ts';
import { ipWords, networkText, parseIpRange } from '../src/model/ip.ts';

/** The elements of one interval set: sorted, apart from each other, each as nft writes it. */
export interface SkipSets {
  readonly v4: readonly string[];
  readonly v6: readonly string[];
}

interface Span {
  readonly first: bigint;
  readonly last: bigint;
}

/**
 * Joins ranges that overlap or touch: nft refuses overlaps, and its own auto-merge differs between versions.
 * Bits past the prefix are dropped. Throws on text that is no CIDR block; the config schema has checked it before.
 */
export function skipSets(ranges: readonly string[]): SkipSets {
  const spans = ranges.map(readSpan);
  const family = (bits: 32 | 128): string[] =>
    join(spans.filter((span) => span.bits === bits)).map((span) => elementText(span, bits));
  return { v4: family(32), v6: family(128) };
}

/** True when `ip` lies in one of the ranges; throws as `skipSets`. */
export function skips(ranges: readonly string[], ip: Ip): boolean {
  const asked = readSpan(ip);
  return ranges.some((text) => {
    const span = readSpan(text);
    return span.bits === asked.bits && span.first <= asked.first && span.last >= asked.last;
  });
}

function readSpan(text: string): Span & { readonly bits: 32 | 128 } {
  const range = parseIpRange(networkText(text));
  if (!range.ok) throw new RangeError(`not an address range: ${JSON.stringify(text)}: ${range.error}`);
  const words = new Uint32Array(4);
  const count = ipWords(range.range.first, words);
  const bits = count === 1 ? 32 : 128;
  const first = words.subarray(0, count).reduce((sum, word) => (sum << 32n) | BigInt(word), 0n);
  const size = 1n << BigInt(bits - range.range.prefix);
  return { first, last: first + size - 1n, bits };
}

function join(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))) {
    const last = joined.at(-1);
    if (last === undefined || span.first > last.last + 1n)
      joined.push({ first: span.first, last: span.last });
    else if (span.last > last.last) joined[joined.length - 1] = { first: last.first, last: span.last };
  }
  return joined;
}

/** A block as CIDR where it is one, as `first-last` where joining left something else. */
function elementText(span: Span, bits: 32 | 128): string {
  const size = span.last - span.first + 1n;
  const hostBits = size.toString(2).length - 1;
  const isBlock = size === 1n << BigInt(hostBits) && span.first % size === 0n;
  if (!isBlock) return `${addressText(span.first, bits)}-${addressText(span.last, bits)}`;
  return hostBits === 0
    ? addressText(span.first, bits)
    : `${addressText(span.first, bits)}/${bits - hostBits}`;
}

function addressText(value: bigint, bits: 32 | 128): Ip {
  const bytes: number[] = [];
  for (let shift = bits - 8; shift >= 0; shift -= 8) bytes.push(Number((value >> BigInt(shift)) & 0xffn));
  const address = ipaddr.fromByteArray(bytes);
  return (address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString()) as Ip;
}
