import { dlopen } from 'bun:ffi';
import type { SocketCalls } from '../../pf/bound-sockets.ts';
import { errnoName, openLinuxLibc } from '../../src/system/libc.ts';
import { SOCK_NONBLOCK, SOCK_STREAM } from '../../src/system/listen-socket.ts';
import { nativeMemory, writeCString } from '../../src/system/native-memory.ts';
import {
  AF_INET,
  AF_INET6,
  readSockaddr,
  SOCKADDR_MAX_BYTES,
  writeSockaddr,
} from '../../src/system/sockaddr.ts';

const SOCK_DGRAM = 2;
const SOL_SOCKET = 1;
/** Takes the number of an interface, as IP_BOUND_IF of macOS does. */
const SO_BINDTOIFINDEX = 62;

/** The calls of this machine in place of those of macOS: the same order, another option. */
export function linuxSocketCalls(): SocketCalls {
  const libc = openLinuxLibc();
  const { c } = libc;
  const { symbols } = dlopen('libc.so.6', { if_nametoindex: { args: ['ptr'], returns: 'u32' } });
  const memory = nativeMemory(64);
  const size = nativeMemory(4);
  return {
    open: (v6, kind) =>
      c.socket(v6 ? AF_INET6 : AF_INET, (kind === 'stream' ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK, 0),
    setNonBlocking: () => true,
    indexOf: (name) => (writeCString(memory, name) ? symbols.if_nametoindex(memory.address) : 0),
    setInterface: (fd, _v6, index) => {
      memory.view.setInt32(0, index, true);
      return c.setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, memory.address, 4) === 0;
    },
    bind: (fd, local) => c.bind(fd, memory.address, writeSockaddr(memory.view, local)) === 0,
    connect: (fd, remote) =>
      c.connect(fd, memory.address, writeSockaddr(memory.view, remote)) === 0 ||
      errnoName(libc.errno()) === 'EINPROGRESS',
    localIp: (fd) => {
      size.view.setUint32(0, SOCKADDR_MAX_BYTES, true);
      if (c.getsockname(fd, memory.address, size.address) !== 0) return null;
      return readSockaddr(memory.view, size.view.getUint32(0, true))?.ip ?? null;
    },
    close: (fd) => void c.close(fd),
    error: () => errnoName(libc.errno()),
  };
}
