import type { Ip } from '../model/brand.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { errnoName, type LinuxLibc } from './libc.ts';
import { type NativeMemory, nativeMemory } from './native-memory.ts';
import { AF_INET6, familyOf, readSockaddr, SOCKADDR_MAX_BYTES, writeSockaddr } from './sockaddr.ts';

/** Connections that may wait for accept; Bun's own listeners stop at 511. The kernel caps it at net.core.somaxconn. */
const LISTEN_BACKLOG = 4_096;

export const SOCK_STREAM = 1;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;

const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
// linux/sock_diag.h: nine numbers, the last of them SK_MEMINFO_DROPS (Linux 4.12).
const SO_MEMINFO = 55;
const MEMINFO_BYTES = 36;
const MEMINFO_DROPS_AT = 32;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const IPPROTO_IP = 0;
const IP_TRANSPARENT = 19;
const IPV6_TRANSPARENT = 75;

export type ListenResult =
  | { readonly ok: true; readonly fd: number; readonly local: Endpoint }
  /** `errno` by name: EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT … */
  | { readonly ok: false; readonly errno: string };

/**
 * Opens a listening TCP socket on Linux, ready for `Bun.listen({ fd })`, which then owns it (see `widenBacklog`). Port 0 takes a free one;
 * `local` says which. An IPv6 socket takes IPv6 only, so that both families can share a port. A `transparent` one, and what it accepts,
 * can be told in the kernel from those of programs without CAP_NET_ADMIN or CAP_NET_RAW in the user namespace that owns the network
 * (ip(7), IP_TRANSPARENT), which cannot make such a socket (EPERM).
 */
export function listenSocket(libc: LinuxLibc, ip: Ip, port: number, transparent = false): ListenResult {
  const memory = nativeMemory(64);
  const fd = libc.c.socket(familyOf(ip), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return { ok: false, errno: errnoName(libc.errno()) };
  const local = prepare(libc, fd, memory, { ip, port }, transparent);
  if (local !== null) return { ok: true, fd, local };
  const errno = errnoName(libc.errno());
  libc.c.close(fd);
  return { ok: false, errno };
}

/** Sets the backlog anew: whoever adopts the descriptor calls listen(2) again, with a smaller one. */
export function widenBacklog(libc: LinuxLibc, fd: number): void {
  libc.c.listen(fd, LISTEN_BACKLOG);
}

/**
 * How many packets the kernel has turned away from a listener because too many connections waited to be accepted; null when it does not
 * tell. Their programs try again after a second, so one connection may count several times.
 */
export function turnedAway(libc: LinuxLibc, fd: number): number | null {
  const value = nativeMemory(MEMINFO_BYTES);
  const size = nativeMemory(4);
  size.view.setUint32(0, MEMINFO_BYTES, true);
  if (libc.c.getsockopt(fd, SOL_SOCKET, SO_MEMINFO, value.address, size.address) !== 0) return null;
  return size.view.getUint32(0, true) < MEMINFO_BYTES ? null : value.view.getUint32(MEMINFO_DROPS_AT, true);
}

function prepare(
  libc: LinuxLibc,
  fd: number,
  memory: NativeMemory,
  wanted: Endpoint,
  transparent: boolean,
): Endpoint | null {
  const set = (level: number, option: number): boolean => {
    memory.view.setInt32(0, 1, true);
    return libc.c.setsockopt(fd, level, option, memory.address, 4) === 0;
  };
  if (!set(SOL_SOCKET, SO_REUSEADDR)) return null;
  // Accepted sockets inherit it, which saves a call for each.
  if (!set(IPPROTO_TCP, TCP_NODELAY)) return null;
  const isV6 = familyOf(wanted.ip) === AF_INET6;
  if (isV6 && !set(IPPROTO_IPV6, IPV6_V6ONLY)) return null;
  const isSet =
    !transparent || (isV6 ? set(IPPROTO_IPV6, IPV6_TRANSPARENT) : set(IPPROTO_IP, IP_TRANSPARENT));
  if (!isSet) return null;
  if (libc.c.bind(fd, memory.address, writeSockaddr(memory.view, wanted)) !== 0) return null;
  if (libc.c.listen(fd, LISTEN_BACKLOG) !== 0) return null;
  const size = nativeMemory(4);
  size.view.setUint32(0, SOCKADDR_MAX_BYTES, true);
  if (libc.c.getsockname(fd, memory.address, size.address) !== 0) return null;
  return readSockaddr(memory.view, size.view.getUint32(0, true));
}
