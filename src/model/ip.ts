import ipaddr from 'ipaddr.js';
import type { Ip } from './brand.ts';

/** A block of addresses: `first` is its lowest address, `prefix` its length in bits (0 to 32 or 0 to 128). */
export interface IpRange {
  readonly first: Ip;
  readonly prefix: number;
}

// Longest text of an IPv6 address with a dotted tail, with room for `/128`.
const ADDRESS_MAX_CHARS = 50;
// Bits before the IPv4 address in `::ffff:203.0.113.7`.
const MAPPED_BITS = 96;

/**
 * Never the public internet: this network, private, shared (CGNAT), loopback, link-local, unique local, multicast and above (RFC 6890).
 * The documentation ranges are not here: tests use them, and nothing lives there.
 */
export const PRIVATE_V4_RANGES = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/3',
] as const;
export const PRIVATE_V6_RANGES = ['::1/128', 'fc00::/7', 'fe80::/10', 'ff00::/8'] as const;
// Unspecified, and the old site-local (RFC 3879): nothing can be reached there.
const UNUSED_V6_RANGES = ['::/128', 'fec0::/10'];
const PRIVATE_V4 = PRIVATE_V4_RANGES.map(rangeOf);
// What a translator (NAT64, RFC 6052) takes for one of the IPv4 ranges.
const TRANSLATED = PRIVATE_V4.map(({ first, prefix }) =>
  rangeOf(`64:ff9b::${first}/${prefix + MAPPED_BITS}`),
);
const PRIVATE_V6 = [...PRIVATE_V6_RANGES, ...UNUSED_V6_RANGES].map(rangeOf);
const PRIVATE = [...PRIVATE_V4, ...PRIVATE_V6, ...TRANSLATED].map(rangeTest);

/**
 * Reads an address in its usual notations into canonical text; an IPv4-mapped one becomes IPv4. Null for anything else:
 * octal, hexadecimal or short IPv4, zones, brackets and ports.
 */
export function parseIp(text: string): Ip | null {
  if (text.length > ADDRESS_MAX_CHARS) return null;
  if (!text.includes(':')) return ipaddr.IPv4.isValidFourPartDecimal(text) ? (text as Ip) : null;
  const plain = withoutDottedTail(text);
  if (plain === null || plain.includes('%') || !ipaddr.IPv6.isValid(plain)) return null;
  const address = ipaddr.IPv6.parse(plain);
  return (
    address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toRFC5952String()
  ) as Ip;
}

export type ReadRange =
  | { readonly ok: true; readonly range: IpRange }
  | { readonly ok: false; readonly error: string };

/** Reads an address or a CIDR block. Bits past the prefix are an error, since one of the two was meant otherwise. */
export function parseIpRange(text: string): ReadRange {
  const slash = text.indexOf('/');
  const head = slash === -1 ? text : text.slice(0, slash);
  const ip = parseIp(head);
  if (ip === null) return { ok: false, error: 'not an IP address' };
  const bits = ip.includes(':') ? 128 : 32;
  if (slash === -1) return { ok: true, range: { first: ip, prefix: bits } };
  // `::ffff:203.0.113.0/120` is written in IPv6 and means IPv4.
  const shift = bits === 32 && head.includes(':') ? MAPPED_BITS : 0;
  const length = text.slice(slash + 1);
  const prefix = /^(0|[1-9]\d{0,2})$/.test(length) ? Number(length) - shift : -1;
  if (prefix < 0 || prefix > bits) {
    return { ok: false, error: `the prefix length must be ${shift} to ${shift + bits}` };
  }
  if (hasBitsPast(ip, prefix)) {
    const write = `write ${lowest(ip, prefix)}/${prefix} or ${ip}`;
    return { ok: false, error: `${ip} is not the first address of a /${prefix}: ${write}` };
  }
  return { ok: true, range: { first: ip, prefix } };
}

/** `10.1.2.3/8` as `10.0.0.0/8`; text that is no CIDR block comes back as it was. */
export function networkText(text: string): string {
  // The strict check: ipaddr.js would read 010.0.0.0 as octal.
  const isBlock = text.includes(':')
    ? ipaddr.IPv6.isValidCIDR(text)
    : ipaddr.IPv4.isValidCIDRFourPartDecimal(text);
  if (!isBlock) return text;
  const [, prefix] = ipaddr.parseCIDR(text);
  const network = text.includes(':')
    ? ipaddr.IPv6.networkAddressFromCIDR(text).toNormalizedString()
    : ipaddr.IPv4.networkAddressFromCIDR(text).toString();
  return `${network}/${prefix}`;
}

/** The one text of a range: a bare address when it holds only one. */
export function rangeText(range: IpRange): string {
  const bits = range.first.includes(':') ? 128 : 32;
  return range.prefix === bits ? range.first : `${range.first}/${range.prefix}`;
}

/** Makes the test whether an address lies in `range`; addresses of the other family never do. */
export function rangeTest(range: IpRange): (ip: Ip) => boolean {
  const first = new Uint32Array(4);
  const asked = new Uint32Array(4);
  const width = ipWords(range.first, first);
  return (ip) => ipWords(ip, asked) === width && samePrefix(first, 0, asked, 0, range.prefix);
}

/** True for addresses that are never the public internet: private, shared, loopback, link-local, multicast, unspecified. */
export function isPrivate(ip: Ip): boolean {
  return PRIVATE.some((holds) => holds(ip));
}

/** Whether two addresses, given as words from a place on, agree in their first `bits` bits. */
export function samePrefix(a: Uint32Array, atA: number, b: Uint32Array, atB: number, bits: number): boolean {
  for (let i = 0, left = bits; left > 0; i++, left -= 32) {
    const differs = (a[atA + i] ?? 0) ^ (b[atB + i] ?? 0);
    if ((left >= 32 ? differs : differs >>> (32 - left)) !== 0) return false;
  }
  return true;
}

/**
 * Writes an address into 32-bit words, highest first, and returns how many: 1 for IPv4, 4 for IPv6. `out` has room for 4.
 * Makes no object and trusts that the text is canonical.
 */
export function ipWords(ip: Ip, out: Uint32Array): 1 | 4 {
  if (ip.includes(':')) {
    readGroups(ip, out);
    return 4;
  }
  let word = 0;
  let octet = 0;
  for (let i = 0; i < ip.length; i++) {
    const c = ip.charCodeAt(i);
    if (c === 0x2e) {
      word = (word << 8) | octet;
      octet = 0;
    } else octet = octet * 10 + c - 0x30;
  }
  out[0] = (word << 8) | octet;
  return 1;
}

function readGroups(ip: string, out: Uint32Array): void {
  let groups = 0;
  for (let i = 0; i < ip.length; i++) if (!isColon(ip, i) && (i === 0 || isColon(ip, i - 1))) groups++;
  out.fill(0);
  let at = 0;
  let group = 0;
  for (let i = 0; i <= ip.length; i++) {
    if (i < ip.length && !isColon(ip, i)) {
      const c = ip.charCodeAt(i);
      group = group * 16 + (c >= 0x61 ? c - 0x57 : c - 0x30);
    } else if (i > 0 && !isColon(ip, i - 1)) {
      out[at >> 1] = (out[at >> 1] ?? 0) | (group << (at % 2 === 0 ? 16 : 0));
      at++;
      group = 0;
      // The second colon of `::` stands for the groups that are not written.
    } else if (i > 0 && i < ip.length) at += 8 - groups;
  }
}

function isColon(text: string, at: number): boolean {
  return text.charCodeAt(at) === 0x3a;
}

/** `::1.2.3.4` as `::102:304`: ipaddr.js takes every dotted tail for a mapped address, and its octets for octal. */
function withoutDottedTail(text: string): string | null {
  if (!text.includes('.')) return text;
  const at = text.lastIndexOf(':') + 1;
  if (!ipaddr.IPv4.isValidFourPartDecimal(text.slice(at))) return null;
  const [a = 0, b = 0, c = 0, d = 0] = ipaddr.IPv4.parse(text.slice(at)).octets;
  return `${text.slice(0, at)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

function hasBitsPast(ip: Ip, prefix: number): boolean {
  const words = new Uint32Array(4);
  const width = ipWords(ip, words);
  for (let i = Math.floor(prefix / 32); i < width; i++) {
    const kept = Math.max(0, prefix - 32 * i);
    if ((words[i] ?? 0) << kept !== 0) return true;
  }
  return false;
}

function lowest(ip: Ip, prefix: number): Ip {
  const cidr = `${ip}/${prefix}`;
  return (
    ip.includes(':')
      ? ipaddr.IPv6.networkAddressFromCIDR(cidr).toRFC5952String()
      : ipaddr.IPv4.networkAddressFromCIDR(cidr).toString()
  ) as Ip;
}

function rangeOf(cidr: string): IpRange {
  const [first, prefix] = ipaddr.parseCIDR(cidr);
  return { first: first.toString() as Ip, prefix };
}
