import { HANDSHAKE_RECORD, RECORD_MAJOR_VERSION } from './tls-records.ts';

/** As much as tells a ClientHello from other bytes: two headers and the version (RFC 8446, sections 4, 4.1.2 and 5.1). */
const TELLING_BYTES = 11;
const RECORD_MAX_BYTES = 16_384;
const NEWEST_MINOR_VERSION = 4;
const CLIENT_HELLO = 1;
const TYPE_AT = 5;

/** Where the bytes may be a ClientHello: `whole` when it is one beyond doubt, else as far as the bytes go. */
export interface HelloPlace {
  readonly at: number;
  readonly whole: boolean;
}

/** Finds the first place in `bytes` where a ClientHello begins, or could begin at their end; null when there is none. */
export function findHello(bytes: Uint8Array): HelloPlace | null {
  for (let at = bytes.indexOf(HANDSHAKE_RECORD); at >= 0; at = bytes.indexOf(HANDSHAKE_RECORD, at + 1)) {
    if (isHello(bytes, at)) return { at, whole: at + tellingBytes(bytes, at) <= bytes.length };
  }
  return null;
}

/** Whether all bytes from `at` are those of a ClientHello, as far as they go. */
function isHello(bytes: Uint8Array, at: number): boolean {
  const length = bytes.length - at;
  if (length > 1 && bytes[at + 1] !== RECORD_MAJOR_VERSION) return false;
  if (length > 2 && (bytes[at + 2] ?? 0) > NEWEST_MINOR_VERSION) return false;
  if (length > 4) {
    const record = recordBytes(bytes, at);
    if (record === 0 || record > RECORD_MAX_BYTES) return false;
  }
  if (length > TYPE_AT && bytes[at + TYPE_AT] !== CLIENT_HELLO) return false;
  // A hello in records of a few bytes: the rest of its header stands in the next ones.
  if (length > 4 && tellingBytes(bytes, at) < TELLING_BYTES) return true;
  if (length > 6 && bytes[at + 6] !== 0) return false;
  if (length > 9 && bytes[at + 9] !== RECORD_MAJOR_VERSION) return false;
  return length <= 10 || (bytes[at + 10] ?? 0) <= NEWEST_MINOR_VERSION;
}

function tellingBytes(bytes: Uint8Array, at: number): number {
  if (bytes.length - at <= 4) return TELLING_BYTES;
  return recordBytes(bytes, at) < TELLING_BYTES - TYPE_AT ? TYPE_AT + 1 : TELLING_BYTES;
}

function recordBytes(bytes: Uint8Array, at: number): number {
  return ((bytes[at + 3] ?? 0) << 8) | (bytes[at + 4] ?? 0);
}
