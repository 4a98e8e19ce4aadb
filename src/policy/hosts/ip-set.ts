import ipaddr from 'ipaddr.js';

/** Words of an address record: family and prefix length, four words of address, list number, line, 0. */
export const ADDRESS_WORDS = 8;

const V6_BIT = 256;
const DOTTED = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** A range of addresses: `kind` is the prefix length, plus 256 for IPv6; IPv4 stands in the first word. */
export interface AddressRange {
  readonly kind: number;
  readonly words: readonly [number, number, number, number];
}

/** Reads `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32`. Null for anything else; bits below the prefix are cleared. */
export function parseRange(text: string): AddressRange | null {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const six = address.includes(':');
  if (!six && !DOTTED.test(address)) return null;
  const words = addressWords(address);
  if (words === null) return null;
  const most = six ? 128 : 32;
  const prefix = slash < 0 ? most : parsePrefix(text.slice(slash + 1), most);
  return prefix === null ? null : { kind: prefix + (six ? V6_BIT : 0), words: masked(words, prefix) };
}

/** The range in the form `parseRange` reads; a single address without its prefix length. */
export function formatRange(range: AddressRange): string {
  const six = range.kind >= V6_BIT;
  const prefix = six ? range.kind - V6_BIT : range.kind;
  const bytes = range.words
    .slice(0, six ? 4 : 1)
    .flatMap((w) => [w >>> 24, (w >>> 16) & 255, (w >>> 8) & 255, w & 255]);
  const text = ipaddr.fromByteArray(bytes).toString();
  return prefix === (six ? 128 : 32) ? text : `${text}/${prefix}`;
}

/** Answers which range of a set covers an address. A range of every prefix length in use is looked up by bisection. */
export class AddressSet {
  readonly #rows: Int32Array;
  readonly #groups: { readonly kind: number; readonly from: number; readonly to: number }[] = [];

  /** Takes what `sortAddresses` made; trailing words that fill no record are ignored. */
  constructor(rows: Int32Array) {
    this.#rows = rows;
    const count = Math.floor(rows.length / ADDRESS_WORDS);
    for (let from = 0, to = 0; from < count; from = to) {
      const kind = rows[from * ADDRESS_WORDS] as number;
      while (to < count && rows[to * ADDRESS_WORDS] === kind) to++;
      this.#groups.push({ kind, from, to });
    }
  }

  get size(): number {
    return Math.floor(this.#rows.length / ADDRESS_WORDS);
  }

  /** The record of a range that covers the address and stands on a list set in `on`, the narrowest first; -1 for none. */
  find(ip: string, on: Uint8Array): number {
    if (this.#groups.length === 0) return -1;
    const words = addressWords(ip);
    if (words === null) return -1;
    const six = ip.includes(':');
    for (let g = this.#groups.length - 1; g >= 0; g--) {
      const group = this.#groups[g];
      if (group === undefined || group.kind >= V6_BIT !== six) continue;
      const wanted = masked(words, group.kind % V6_BIT);
      for (let at = this.#lowerBound(group.from, group.to, wanted); at < group.to; at++) {
        if (compareAt(this.#rows, at, wanted) !== 0) break;
        if (on[this.list(at)] === 1) return at;
      }
    }
    return -1;
  }

  list(record: number): number {
    return this.#rows[record * ADDRESS_WORDS + 5] ?? 0;
  }

  line(record: number): number {
    return (this.#rows[record * ADDRESS_WORDS + 6] ?? 0) >>> 0;
  }

  /** The entry as text. */
  text(record: number): string {
    const at = record * ADDRESS_WORDS;
    const word = (i: number) => this.#rows[at + i] ?? 0;
    return formatRange({ kind: word(0), words: [word(1), word(2), word(3), word(4)] });
  }

  #lowerBound(from: number, to: number, wanted: AddressRange['words']): number {
    let [low, high] = [from, to];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareAt(this.#rows, middle, wanted) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Sorts address records by kind, address, list and line, as `AddressSet` wants them; repeats within a list are dropped. */
export function sortAddresses(records: Int32Array): Int32Array {
  const count = records.length / ADDRESS_WORDS;
  const order = Array.from({ length: count }, (_, i) => i * ADDRESS_WORDS);
  order.sort((a, b) => {
    for (let word = 0; word < ADDRESS_WORDS; word++) {
      const difference = ((records[a + word] as number) >>> 0) - ((records[b + word] as number) >>> 0);
      if (difference !== 0) return difference;
    }
    return 0;
  });
  const sorted = new Int32Array(records.length);
  let size = 0;
  for (const from of order) {
    const to = size * ADDRESS_WORDS;
    sorted.set(records.subarray(from, from + ADDRESS_WORDS), to);
    let same = size > 0;
    for (let word = 0; same && word < 6; word++)
      same = sorted[to + word] === sorted[to + word - ADDRESS_WORDS];
    if (!same) size++;
  }
  return sorted.slice(0, size * ADDRESS_WORDS);
}

function compareAt(rows: Int32Array, record: number, wanted: AddressRange['words']): number {
  for (let word = 0; word < 4; word++) {
    const difference =
      ((rows[record * ADDRESS_WORDS + 1 + word] as number) >>> 0) - ((wanted[word] ?? 0) >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function addressWords(text: string): AddressRange['words'] | null {
  if (
    text.includes(':')
      ? !ipaddr.IPv6.isValid(text) || text.includes('%')
      : !ipaddr.IPv4.isValidFourPartDecimal(text)
  ) {
    return null;
  }
  const bytes = ipaddr.parse(text).toByteArray();
  const word = (i: number) =>
    ((bytes[i] ?? 0) << 24) | ((bytes[i + 1] ?? 0) << 16) | ((bytes[i + 2] ?? 0) << 8) | (bytes[i + 3] ?? 0);
  return [word(0), word(4), word(8), word(12)];
}

function masked(words: AddressRange['words'], prefix: number): AddressRange['words'] {
  const keep = (i: number) => {
    const bits = Math.min(32, Math.max(0, prefix - i * 32));
    return bits === 0 ? 0 : words[i as 0] & (-1 << (32 - bits));
  };
  return [keep(0), keep(1), keep(2), keep(3)];
}

function parsePrefix(text: string, most: number): number | null {
  if (!/^\d{1,3}$/.test(text)) return null;
  const prefix = Number(text);
  return prefix <= most ? prefix : null;
}
