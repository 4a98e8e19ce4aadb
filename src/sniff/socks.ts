import type { Host } from '../model/brand.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { hostOf, textOf } from './names.ts';

/** Most bytes of a client's side of the handshake. */
const HANDSHAKE_MAX_BYTES = 1_024;
const VERSION_4 = 4;
const VERSION_5 = 5;
const AUTHENTICATION = 1;
const CONNECT = 1;
const BIND = 2;
const UDP_ASSOCIATE = 3;
const IPV4 = 1;
const NAME = 3;
const IPV6 = 4;

/** What a client asked its SOCKS proxy for. `host` is null for an address or an impossible name; `bytes` is the handshake's length. */
interface SocksRequest {
  readonly host: Host | null;
  readonly bytes: number;
}

/** Whether a connection that begins so may be a client's side of SOCKS 4, 4a or 5. */
export function mayBeSocks(bytes: Uint8Array): boolean {
  return bytes[0] === VERSION_4 || bytes[0] === VERSION_5;
}

/** Reads a client's side of a SOCKS handshake (SOCKS 4 and 4A protocol notes; RFC 1928; RFC 1929), whatever the proxy says. */
export class SocksReader {
  readonly #buffer = new ByteBuffer();

  /** Takes the next bytes; null while the request is not complete. */
  push(bytes: Uint8Array): SocksRequest | 'not_socks' | null {
    this.#buffer.append(bytes, 0, bytes.length);
    const raw = this.#buffer.view();
    const found = raw[0] === VERSION_4 ? readVersion4(raw) : readVersion5(raw);
    return found === null && raw.length > HANDSHAKE_MAX_BYTES ? 'not_socks' : found;
  }

  get length(): number {
    return this.#buffer.length;
  }
}

function readVersion4(raw: Uint8Array): SocksRequest | 'not_socks' | null {
  if (raw.length > 1 && raw[1] !== CONNECT && raw[1] !== BIND) return 'not_socks';
  const userEnd = raw.indexOf(0, 8);
  if (raw.length < 9 || userEnd < 0) return null;
  // 4A: an address that cannot be, 0.0.0.x, and the name behind the user.
  const named = raw[4] === 0 && raw[5] === 0 && raw[6] === 0 && raw[7] !== 0;
  if (!named) return { host: null, bytes: userEnd + 1 };
  const nameEnd = raw.indexOf(0, userEnd + 1);
  return nameEnd < 0 ? null : { host: nameIn(raw, userEnd + 1, nameEnd), bytes: nameEnd + 1 };
}

function readVersion5(raw: Uint8Array): SocksRequest | 'not_socks' | null {
  const methods = raw[1];
  if (methods === undefined) return null;
  if (methods === 0) return 'not_socks';
  let at = 2 + methods;
  if (raw[at] === AUTHENTICATION) {
    const passwordAt = at + 2 + (raw[at + 1] ?? 0);
    const password = raw[passwordAt];
    if (password === undefined) return null;
    at = passwordAt + 1 + password;
  }
  const [version, command, reserved, type, length] = raw.subarray(at, at + 5);
  if (version === undefined) return null;
  if (version !== VERSION_5) return 'not_socks';
  if (command === undefined || reserved === undefined || type === undefined || length === undefined)
    return null;
  if (command < CONNECT || command > UDP_ASSOCIATE) return 'not_socks';
  const addressBytes = type === IPV4 ? 4 : type === IPV6 ? 16 : type === NAME ? 1 + length : null;
  if (addressBytes === null) return 'not_socks';
  const end = at + 4 + addressBytes + 2;
  if (raw.length < end) return null;
  return { host: type === NAME ? nameIn(raw, at + 5, end - 2) : null, bytes: end };
}

function nameIn(raw: Uint8Array, start: number, end: number): Host | null {
  const host = hostOf(textOf(raw, start, end));
  return host === 'impossible' ? null : host;
}
