import { type Sniffed, Sniffer } from '../../src/sniff/sniffer.ts';

type Bytes = readonly number[] | Uint8Array;
export type Extension = readonly [type: number, body: Bytes];

export const latin1 = (text: string): number[] => [...text].map((char) => char.charCodeAt(0));
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const u16 = (value: number): number[] => [value >> 8, value & 0xff];
const vector8 = (body: Bytes): number[] => [body.length, ...body];
export const vector16 = (body: Bytes): number[] => [...u16(body.length), ...body];

/** A server_name extension with names of any type. */
export const serverNames = (...names: (readonly [type: number, name: Bytes])[]): Extension => [
  0,
  vector16(names.flatMap(([type, name]) => [type, ...vector16(name)])),
];
export const serverName = (name: string): Extension => serverNames([0, utf8(name)]);
export const alpn = (...protocols: string[]): Extension => [
  16,
  vector16(protocols.flatMap((p) => vector8(latin1(p)))),
];
export const versions = (...list: number[]): Extension => [43, vector8(list.flatMap(u16))];
export const signatures = (...list: number[]): Extension => [13, vector16(list.flatMap(u16))];
export const padding = (bytes: number): Extension => [21, new Uint8Array(bytes)];

export interface HelloParts {
  readonly legacyVersion?: number;
  readonly sessionId?: Bytes;
  readonly ciphers?: readonly number[];
  readonly compression?: Bytes;
  /** Null for a hello that ends before its extensions. */
  readonly extensions?: readonly Extension[] | null;
}

/** A ClientHello with its handshake header. */
export function helloMessage(parts: HelloParts): Uint8Array {
  const body = [
    ...u16(parts.legacyVersion ?? 0x0303),
    ...new Uint8Array(32).fill(7),
    ...vector8(parts.sessionId ?? []),
    ...vector16((parts.ciphers ?? [0x1301]).flatMap(u16)),
    ...vector8(parts.compression ?? [0]),
  ];
  if (parts.extensions !== null) {
    const list = parts.extensions ?? [];
    body.push(...u16(list.reduce((sum, [, extension]) => sum + 4 + extension.length, 0)));
    for (const [type, extension] of list) {
      body.push(...u16(type), ...u16(extension.length));
      for (const byte of extension) body.push(byte);
    }
  }
  return Uint8Array.from([1, body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff, ...body]);
}

/** A handshake message in TLS records of `size` bytes of payload. */
export function inRecords(message: Uint8Array, size = 16_384, version = 0x0301): Uint8Array {
  const count = Math.ceil(message.length / size);
  const out = new Uint8Array(message.length + 5 * count);
  for (let i = 0, at = 0; i < count; i++) {
    const part = message.subarray(i * size, (i + 1) * size);
    out.set([22, ...u16(version), ...u16(part.length)], at);
    out.set(part, at + 5);
    at += 5 + part.length;
  }
  return out;
}

/** A complete ClientHello in as few records as can be. */
export const hello = (parts: HelloParts): Uint8Array => inRecords(helloMessage(parts));

/** One push and the answer; `undecided` when more bytes are wanted. */
export function sniff(bytes: Uint8Array): Sniffed | 'undecided' {
  const outcome = new Sniffer().push(bytes);
  return outcome.state === 'done' ? outcome.sniffed : 'undecided';
}
