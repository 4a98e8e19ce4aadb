import { LF } from './ascii.ts';

/** Longest line of version 1, with its line end. */
const LINE_MAX_BYTES = 107;
const LINE_START = [0x50, 0x52, 0x4f, 0x58, 0x59, 0x20]; // "PROXY "
const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const HEADER_BYTES = SIGNATURE.length + 4;
/** Most bytes of addresses and extensions that are passed over in version 2; senders use a few hundred. */
const REST_MAX_BYTES = 4_096;

/**
 * Length of a PROXY protocol header at the start of `raw[0, end)` (HAProxy, proxy-protocol.txt, versions 1 and 2): it tells a server
 * whom the connection comes from, and what follows is read as if it came first. 0 for none; null when more bytes are needed.
 */
export function proxyPrefixBytes(raw: Uint8Array, end: number): number | null {
  const wanted = raw[0] === LINE_START[0] ? LINE_START : SIGNATURE;
  for (let at = 0; at < wanted.length; at++) {
    if (at >= end) return null;
    if (raw[at] !== wanted[at]) return 0;
  }
  return wanted === LINE_START ? lineBytes(raw, end) : headerBytes(raw, end);
}

function lineBytes(raw: Uint8Array, end: number): number | null {
  const limit = Math.min(end, LINE_MAX_BYTES);
  for (let at = LINE_START.length; at < limit; at++) if (raw[at] === LF) return at + 1;
  return end < LINE_MAX_BYTES ? null : 0;
}

function headerBytes(raw: Uint8Array, end: number): number | null {
  if (end < HEADER_BYTES) return null;
  const rest = ((raw[HEADER_BYTES - 2] ?? 0) << 8) | (raw[HEADER_BYTES - 1] ?? 0);
  if (rest > REST_MAX_BYTES) return 0;
  return end < HEADER_BYTES + rest ? null : HEADER_BYTES + rest;
}
