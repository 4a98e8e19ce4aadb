import type { Host } from '../model/brand.ts';
import type { Malformed } from './malformed.ts';
import { hostOf, NAME_MAX_BYTES, textOf } from './names.ts';
import { endOfVector8, endOfVector16, isGrease, u16, u16List } from './vectors.ts';

/** What a server_name extension says; `sni` is kept beside `malformed` when the name can be read and cannot be true. */
interface ServerName {
  readonly sni: string | null;
  readonly host: Host | null;
  readonly malformed: Malformed | null;
}

/** Most ALPN protocols that are listed; a client that offers more is read on and its further ones are left out. */
export const ALPN_MAX_NAMES = 32;

const COMMON_PROTOCOLS = ['h2', 'http/1.1'] as const;
const HOST_NAME = 0;
const WRONG_LENGTH: Malformed = 'a length in the ClientHello is wrong';
const NO_NAME: ServerName = { sni: null, host: null, malformed: null };

/** Reads a server_name extension (RFC 6066, section 3). Names of another type than host_name are passed over. */
export function readServerName(body: Uint8Array): ServerName {
  const end = body.length;
  if (endOfVector16(body, 0, end) !== end || end === 2) return { ...NO_NAME, malformed: WRONG_LENGTH };
  let nameAt = -1;
  let nameEnd = -1;
  let several = false;
  for (let at = 2; at < end; ) {
    const next = endOfVector16(body, at + 1, end);
    if (next < 0) return { ...NO_NAME, malformed: WRONG_LENGTH };
    if (body[at] === HOST_NAME) {
      several = nameAt >= 0;
      if (several) break;
      nameAt = at + 3;
      nameEnd = next;
    }
    at = next;
  }
  if (nameAt < 0) return NO_NAME;
  if (nameAt === nameEnd) return { ...NO_NAME, malformed: WRONG_LENGTH };
  const sni = textOf(body, nameAt, Math.min(nameEnd, nameAt + NAME_MAX_BYTES));
  if (several) return { sni, host: null, malformed: 'the ClientHello gives several server names' };
  const host = nameEnd - nameAt > NAME_MAX_BYTES ? 'impossible' : hostOf(sni);
  if (host === 'impossible')
    return { sni, host: null, malformed: 'the server name is not a possible host name' };
  return { sni, host, malformed: null };
}

/** The protocols of an ALPN extension (RFC 7301, section 3.1), one character a byte; null when it breaks its grammar. */
export function readAlpn(body: Uint8Array): string[] | null {
  const end = body.length;
  if (endOfVector16(body, 0, end) !== end || end === 2) return null;
  const names: string[] = [];
  for (let at = 2; at < end; ) {
    const next = endOfVector8(body, at, end);
    if (next < 0 || next === at + 1) return null;
    if (names.length < ALPN_MAX_NAMES) names.push(protocolName(body, at + 1, next));
    at = next;
  }
  return names;
}

/** The highest version of a supported_versions extension, GREASE left out; 0 for none; null when it breaks its grammar. */
export function readHighestVersion(body: Uint8Array): number | null {
  const end = body.length;
  if (endOfVector8(body, 0, end) !== end || end < 3 || end % 2 === 0) return null;
  let highest = 0;
  for (let at = 1; at < end; at += 2) {
    const version = u16(body, at);
    if (version > highest && !isGrease(version)) highest = version;
  }
  return highest;
}

/** The values of a signature_algorithms extension in the client's order, GREASE left out; null when it breaks its grammar. */
export function readSignatureAlgorithms(body: Uint8Array): number[] | null {
  const end = body.length;
  if (endOfVector16(body, 0, end) !== end || end < 4 || end % 2 === 1) return null;
  return u16List(body, 2, end);
}

// ALPN identifiers are bytes, not text in any encoding (RFC 7301): every byte keeps its value.
function protocolName(bytes: Uint8Array, start: number, end: number): string {
  // Nearly all clients offer these: one text for all connections, instead of a tree of characters for each.
  for (const known of COMMON_PROTOCOLS) if (isText(known, bytes, start, end)) return known;
  return String.fromCharCode(...bytes.subarray(start, end));
}

function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
