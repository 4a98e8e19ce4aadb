import ipaddr from 'ipaddr.js';
import type { Ip } from '../model/brand.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { ipWords } from '../model/ip.ts';

export const AF_INET = 2;
/** AF_INET6 of Linux; macOS has another. */
export const AF_INET6 = 10;
/** Size of a sockaddr_in6, the longer of the two. */
export const SOCKADDR_MAX_BYTES = 28;

const IN_BYTES = 16;
const words = new Uint32Array(4);

/** AF_INET or AF_INET6, by how the address is written. */
export function familyOf(ip: Ip): number {
  return ip.includes(':') ? AF_INET6 : AF_INET;
}

/** Writes a Linux sockaddr_in or sockaddr_in6 at the start of `view` and returns its size. */
export function writeSockaddr(view: DataView, endpoint: Endpoint): number {
  const v6 = endpoint.ip.includes(':');
  for (let i = 0; i < SOCKADDR_MAX_BYTES; i += 4) view.setUint32(i, 0);
  view.setUint16(0, v6 ? AF_INET6 : AF_INET, true);
  view.setUint16(2, endpoint.port);
  writeIp(view, v6 ? 8 : 4, endpoint.ip);
  return v6 ? SOCKADDR_MAX_BYTES : IN_BYTES;
}

/** Reads a Linux sockaddr; null for another family or too few bytes. An IPv4-mapped address becomes IPv4. */
export function readSockaddr(view: DataView, sizeBytes: number): Endpoint | null {
  if (sizeBytes < IN_BYTES || view.byteLength < IN_BYTES) return null;
  const family = view.getUint16(0, true);
  const port = view.getUint16(2);
  if (family === AF_INET) return { ip: readIpv4(view, 4), port };
  if (family !== AF_INET6 || sizeBytes < SOCKADDR_MAX_BYTES || view.byteLength < SOCKADDR_MAX_BYTES)
    return null;
  return { ip: readIpv6(view, 8), port };
}

/** Writes 4 or 16 bytes of address at `at`, and returns how many. */
export function writeIp(view: DataView, at: number, ip: Ip): number {
  const count = ipWords(ip, words);
  for (let i = 0; i < count; i++) view.setUint32(at + i * 4, words[i] ?? 0);
  return count * 4;
}

/** Reads 4 bytes as an address. */
export function readIpv4(view: DataView, at: number): Ip {
  return `${view.getUint8(at)}.${view.getUint8(at + 1)}.${view.getUint8(at + 2)}.${view.getUint8(at + 3)}` as Ip;
}

/** Reads 16 bytes as an address; an IPv4-mapped one becomes IPv4. */
export function readIpv6(view: DataView, at: number): Ip {
  if (view.getUint32(at) === 0 && view.getUint32(at + 4) === 0 && view.getUint32(at + 8) === 0xffff) {
    return readIpv4(view, at + 12);
  }
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(view.getUint16(at + i));
  return new ipaddr.IPv6(groups).toRFC5952String() as Ip;
}
