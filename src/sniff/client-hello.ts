import type { Host } from '../model/brand.ts';
import { readAlpn, readHighestVersion, readServerName, readSignatureAlgorithms } from './hello-extensions.ts';
import { ja4Raw } from './ja4.ts';
import type { Malformed } from './malformed.ts';
import { endOfVector8, endOfVector16, isGrease, u16, u16List } from './vectors.ts';

/** What a ClientHello tells. With `malformed`, `host` is null and the rest is what could still be read. */
interface ClientHello {
  readonly sni: string | null;
  readonly host: Host | null;
  readonly alpn: readonly string[];
  readonly ech: boolean;
  readonly ja4r: string | null;
  readonly malformed: Malformed | null;
}

interface Extensions {
  readonly types: number[];
  serverName: Uint8Array | null;
  alpn: Uint8Array | null;
  versions: Uint8Array | null;
  signatureAlgorithms: Uint8Array | null;
  ech: boolean;
}

const LEGACY_VERSION_AT = 4;
const SESSION_ID_AT = LEGACY_VERSION_AT + 2 + 32;
const SESSION_ID_MAX_BYTES = 32;

// IANA, "TLS ExtensionType Values".
const SERVER_NAME = 0x0000;
const SIGNATURE_ALGORITHMS = 0x000d;
const ALPN = 0x0010;
const SUPPORTED_VERSIONS = 0x002b;
const ENCRYPTED_CLIENT_HELLO = 0xfe0d;

/** Reads a complete ClientHello with its four-byte handshake header (RFC 8446, section 4.1.2; RFC 5246, section 7.4.1.2). */
export function parseClientHello(message: Uint8Array): ClientHello {
  const end = message.length;
  const sessionEnd = endOfVector8(message, SESSION_ID_AT, end);
  const ciphersEnd = endOfVector16(message, sessionEnd, end);
  const compressionEnd = endOfVector8(message, ciphersEnd, end);
  const ciphersAt = sessionEnd + 2;
  if (
    compressionEnd <= ciphersEnd + 1 ||
    sessionEnd - SESSION_ID_AT > SESSION_ID_MAX_BYTES + 1 ||
    ciphersEnd === ciphersAt ||
    (ciphersEnd - ciphersAt) % 2 === 1
  ) {
    return broken('a length in the ClientHello is wrong');
  }
  const extensions = readExtensions(message, compressionEnd);
  if (typeof extensions === 'string') return broken(extensions);
  return describe(u16(message, LEGACY_VERSION_AT), u16List(message, ciphersAt, ciphersEnd), extensions);
}

/**
 * Finds the extensions that matter. One of these given twice is refused, as TLS libraries do; an unknown one given twice
 * is let through, also as they do: refusing would hide a name that the server reads.
 */
function readExtensions(message: Uint8Array, at: number): Extensions | Malformed {
  const found: Extensions = {
    types: [],
    serverName: null,
    alpn: null,
    versions: null,
    signatureAlgorithms: null,
    ech: false,
  };
  const end = message.length;
  if (at === end) return found; // before TLS 1.3 a hello may end here
  if (endOfVector16(message, at, end) !== end) return 'a length in the ClientHello is wrong';
  for (let next = at + 2; next < end; ) {
    const bodyAt = next + 4;
    const type = u16(message, next);
    next = endOfVector16(message, next + 2, end);
    if (next < 0) return 'a length in the ClientHello is wrong';
    if (!isGrease(type)) found.types.push(type);
    if (!keep(found, type, message, bodyAt, next)) return 'the ClientHello gives an extension twice';
  }
  return found;
}

function keep(found: Extensions, type: number, message: Uint8Array, start: number, end: number): boolean {
  switch (type) {
    case SERVER_NAME:
      if (found.serverName !== null) return false;
      found.serverName = message.subarray(start, end);
      return true;
    case ALPN:
      if (found.alpn !== null) return false;
      found.alpn = message.subarray(start, end);
      return true;
    case SUPPORTED_VERSIONS:
      if (found.versions !== null) return false;
      found.versions = message.subarray(start, end);
      return true;
    case SIGNATURE_ALGORITHMS:
      if (found.signatureAlgorithms !== null) return false;
      found.signatureAlgorithms = message.subarray(start, end);
      return true;
    case ENCRYPTED_CLIENT_HELLO:
      found.ech = true;
      return true;
    default:
      return true;
  }
}

function describe(legacyVersion: number, ciphers: number[], extensions: Extensions): ClientHello {
  const { serverName, types, ech } = extensions;
  const name = serverName === null ? null : readServerName(serverName);
  const alpn = extensions.alpn === null ? [] : readAlpn(extensions.alpn);
  const highest = extensions.versions === null ? 0 : readHighestVersion(extensions.versions);
  const signatureAlgorithms =
    extensions.signatureAlgorithms === null ? [] : readSignatureAlgorithms(extensions.signatureAlgorithms);
  if (alpn === null || highest === null || signatureAlgorithms === null) {
    return { ...broken('a length in the ClientHello is wrong'), sni: name?.sni ?? null, ech };
  }
  return {
    sni: name?.sni ?? null,
    host: name?.host ?? null,
    alpn,
    ech,
    ja4r: ja4Raw({
      version: highest === 0 ? legacyVersion : highest,
      hasServerName: serverName !== null,
      ciphers,
      extensions: types,
      firstAlpn: alpn[0] ?? '',
      signatureAlgorithms,
    }),
    malformed: name?.malformed ?? null,
  };
}

function broken(malformed: Malformed): ClientHello {
  return { sni: null, host: null, alpn: [], ech: false, ja4r: null, malformed };
}
