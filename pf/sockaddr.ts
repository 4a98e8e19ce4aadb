import type { Endpoint } from '../src/model/endpoint.ts';
import { writeIp } from '../src/system/sockaddr.ts';

/** IPv4, the same number everywhere. */
export const AF_INET = 2;
/** macOS has another number for IPv6 than Linux. */
export const AF_INET6 = 30;
/** Size of a sockaddr_in6, the longer of the two. */
export const SOCKADDR_MAX_BYTES = 28;

const IN_BYTES = 16;

/**
 * Writes a sockaddr_in or sockaddr_in6 of macOS, which begins with its own length, and returns its size. `scope` is the
 * number of the interface a link-local address belongs to, 0 for others.
 */
export function writeDarwinSockaddr(view: DataView, endpoint: Endpoint, scope: number): number {
  const v6 = endpoint.ip.includes(':');
  const size = v6 ? SOCKADDR_MAX_BYTES : IN_BYTES;
  for (let i = 0; i < SOCKADDR_MAX_BYTES; i += 4) view.setUint32(i, 0);
  view.setUint8(0, size);
  view.setUint8(1, v6 ? AF_INET6 : AF_INET);
  view.setUint16(2, endpoint.port);
  writeIp(view, v6 ? 8 : 4, endpoint.ip);
  if (v6) view.setUint32(24, scope, true);
  return size;
}
