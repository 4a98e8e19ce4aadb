import ipaddr from 'ipaddr.js';
import type { Host } from '../model/brand.ts';
import { COLON, CR, isBlank, isTokenByte } from './ascii.ts';
import { hostOf, textOf } from './names.ts';

/**
 * One header line: a Host header, one with a value past `HOST_HEADER_MAX_BYTES`, a line that servers may take for Host, or one
 * that does not matter.
 */
type HeaderLine = { readonly host: string } | 'long_host' | 'almost_host' | 'other';

// A name, a port and the brackets of an IPv6 literal. What is longer is not cut: a part of a name can be another's name.
const HOST_HEADER_MAX_BYTES = 300;
const NAME = 'host';
const PORT = /^\d{0,5}$/;
const PORT_MAX = 65_535;

/** Reads `raw[start, end)`, a header line without its line feed (RFC 9112, section 5). */
export function readHeaderLine(raw: Uint8Array, start: number, end: number): HeaderLine {
  let colon = start;
  while (colon < end && isTokenByte(raw[colon] ?? 0)) colon++;
  const exact = colon < end && raw[colon] === COLON && colon > start;
  // A line that is no header is passed over, as nginx does, unless it can be taken for Host: then no reading is safe.
  if (!exact) return lettersAreHost(raw, start, end) ? 'almost_host' : 'other';
  if (colon - start !== NAME.length || !lettersAreHost(raw, start, end)) return 'other';
  let from = colon + 1;
  let to = end;
  while (from < to && isBlank(raw[from])) from++;
  while (to > from && (isBlank(raw[to - 1]) || raw[to - 1] === CR)) to--;
  return to - from > HOST_HEADER_MAX_BYTES ? 'long_host' : { host: textOf(raw, from, to) };
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

// Whether the letters before the colon spell "host", whatever stands between them.
function lettersAreHost(raw: Uint8Array, start: number, end: number): boolean {
  let letters = 0;
  for (let at = start; at < end && raw[at] !== COLON; at++) {
    const lower = (raw[at] ?? 0) | 0x20;
    if (lower < 0x61 || lower > 0x7a) continue;
    if (lower !== NAME.charCodeAt(letters)) return false;
    letters++;
  }
  return letters === NAME.length;
}
