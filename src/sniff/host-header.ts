import ipaddr from 'ipaddr.js';
import type { Host } from '../model/brand.ts';
import { COLON, CR, isBlank, isTokenByte } from './ascii.ts';
import { hostOf, textOf } from './names.ts';

/**
 * One header line: a Host header, one with a value past `HOST_HEADER_MAX_BYTES`, a line that servers may take for Host, or one
 * that does not matter; likewise of the two headers that tell how long the request is.
 */
type HeaderLine =
  | { readonly host: string }
  | { readonly length: string }
  | { readonly encoding: string }
  | 'long_host'
  | 'almost_host'
  | 'almost_length'
  | 'other'
  | 'no_header';

// A name, a port and the brackets of an IPv6 literal. What is longer is not cut: a part of a name can be another's name.
const HOST_HEADER_MAX_BYTES = 300;
const NAME = 'host';
const LENGTH = 'content-length';
const ENCODING = 'transfer-encoding';
const FRAMING_MAX_BYTES = 100;
const PORT = /^\d{0,5}$/;
const PORT_MAX = 65_535;

/** Reads `raw[start, end)`, a header line without its line feed (RFC 9112, section 5). */
export function readHeaderLine(raw: Uint8Array, start: number, end: number): HeaderLine {
  let colon = start;
  while (colon < end && isTokenByte(raw[colon] ?? 0)) colon++;
  const exact = colon < end && raw[colon] === COLON && colon > start;
  // A line that is no header is passed over, as nginx does, unless it can be taken for Host: then no reading is safe.
  if (!exact) {
    if (lettersAre('host', raw, start, end)) return 'almost_host';
    const frames =
      lettersAre('contentlength', raw, start, end) || lettersAre('transferencoding', raw, start, end);
    return frames ? 'almost_length' : 'no_header';
  }
  switch (colon - start) {
    case NAME.length:
      return isName(NAME, raw, start) ? hostLine(raw, colon, end) : 'other';
    case LENGTH.length:
      return isName(LENGTH, raw, start)
        ? { length: valueBehind(raw, colon, end, FRAMING_MAX_BYTES) ?? '' }
        : 'other';
    case ENCODING.length:
      return isName(ENCODING, raw, start)
        ? { encoding: valueBehind(raw, colon, end, FRAMING_MAX_BYTES) ?? '' }
        : 'other';
    default:
      return 'other';
  }
}

function hostLine(raw: Uint8Array, colon: number, end: number): HeaderLine {
  const host = valueBehind(raw, colon, end, HOST_HEADER_MAX_BYTES);
  return host === null ? 'long_host' : { host };
}

/** The value behind the colon, without blanks around it; null when it is longer than `maxBytes`. */
function valueBehind(raw: Uint8Array, colon: number, end: number, maxBytes: number): string | null {
  let from = colon + 1;
  let to = end;
  while (from < to && isBlank(raw[from])) from++;
  while (to > from && (isBlank(raw[to - 1]) || raw[to - 1] === CR)) to--;
  return to - from > maxBytes ? null : textOf(raw, from, to);
}

/** The name in a Host header (RFC 9110, section 7.2) without its port; null for an empty one and for an IP literal. */
export function hostOfHeader(value: string): Host | 'impossible' | null {
  if (value === '') return null;
  if (value.startsWith('[')) {
    const close = value.indexOf(']');
    const rest = value.slice(close + 1);
    const port = rest === '' || (rest.startsWith(':') && isPort(rest.slice(1)));
    return close > 0 && port && ipaddr.IPv6.isValid(value.slice(1, close)) ? null : 'impossible';
  }
  const colon = value.indexOf(':');
  if (colon < 0) return hostOf(value);
  return isPort(value.slice(colon + 1)) ? hostOf(value.slice(0, colon)) : 'impossible';
}

function isPort(text: string): boolean {
  return PORT.test(text) && Number(text) <= PORT_MAX;
}

function isName(name: string, raw: Uint8Array, start: number): boolean {
  for (let i = 0; i < name.length; i++) if (lowerOf(raw[start + i] ?? 0) !== name.charCodeAt(i)) return false;
  return true;
}

// Only letters have a case; "-" stays what it is.
function lowerOf(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

// Whether the letters before the colon spell `name`, whatever stands between them.
function lettersAre(name: string, raw: Uint8Array, start: number, end: number): boolean {
  let letters = 0;
  for (let at = start; at < end && raw[at] !== COLON; at++) {
    const lower = (raw[at] ?? 0) | 0x20;
    if (lower < 0x61 || lower > 0x7a) continue;
    if (lower !== name.charCodeAt(letters)) return false;
    letters++;
  }
  return letters === name.length;
}
