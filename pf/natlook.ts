import type { Endpoint } from '../src/model/endpoint.ts';
import { readIpv4, readIpv6, writeIp } from '../src/system/sockaddr.ts';

/** _IOWR('D', 23, struct pfioc_natlook) of XNU's bsd/net/pfvar.h, with the 84 bytes of the 64-bit layout. */
export const DIOCNATLOOK = 0xc0544417;
/** Size of the structure, question and answer alike. */
export const NATLOOK_BYTES = 84;

const AT = {
  saddr: 0,
  daddr: 16,
  rdaddr: 48,
  sport: 64,
  dport: 68,
  rdport: 76,
  af: 80,
  proto: 81,
  direction: 83,
};
const AF_INET = 2;
/** macOS has another number for IPv6 than Linux. */
const AF_INET6 = 30;
const IPPROTO_TCP = 6;
/** The kernel looks an outgoing state up by its other end; PF_IN finds nothing (madeye/meow-rs #353). */
const PF_OUT = 2;

/**
 * Fills in the question "where was this connection going before it was redirected": `peer` is the accepted socket's
 * other end, `local` ours. Null when the two are of different families or a port is 0, which the kernel refuses.
 */
export function encodeNatlook(peer: Endpoint, local: Endpoint): Uint8Array | null {
  const v6 = peer.ip.includes(':');
  if (v6 !== local.ip.includes(':') || peer.port === 0 || local.port === 0) return null;
  const bytes = new Uint8Array(NATLOOK_BYTES);
  const view = new DataView(bytes.buffer);
  writeIp(view, AT.saddr, peer.ip);
  writeIp(view, AT.daddr, local.ip);
  // Network order, in the first two bytes of four.
  view.setUint16(AT.sport, peer.port);
  view.setUint16(AT.dport, local.port);
  bytes[AT.af] = v6 ? AF_INET6 : AF_INET;
  bytes[AT.proto] = IPPROTO_TCP;
  bytes[AT.direction] = PF_OUT;
  return bytes;
}

/** Reads the kernel's answer; null when it is too short, of no known family, or without a port. Never throws. */
export function decodeNatlook(bytes: Uint8Array): Endpoint | null {
  if (bytes.length < NATLOOK_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const family = bytes[AT.af];
  const port = view.getUint16(AT.rdport);
  if ((family !== AF_INET && family !== AF_INET6) || port === 0) return null;
  return { ip: family === AF_INET ? readIpv4(view, AT.rdaddr) : readIpv6(view, AT.rdaddr), port };
}
