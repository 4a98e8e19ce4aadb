import { dlopen, type Pointer } from 'bun:ffi';
import type { Ip } from '../src/model/brand.ts';
import type { Endpoint } from '../src/model/endpoint.ts';
import { errnoName, type Libc } from '../src/system/libc.ts';
import { nativeMemory, writeCString } from '../src/system/native-memory.ts';
import { readIpv4, readIpv6 } from '../src/system/sockaddr.ts';
import type { SocketCalls } from './bound-sockets.ts';
import { AF_INET, AF_INET6, SOCKADDR_MAX_BYTES, writeDarwinSockaddr } from './sockaddr.ts';

const SOCK = { stream: 1, datagram: 2 };
/** _IOW('f', 126, int) of sys/filio.h. */
const FIONBIO = 0x8004667e;
const IPPROTO_IP = 0;
const IP_BOUND_IF = 25;
const IPPROTO_IPV6 = 41;
const IPV6_BOUND_IF = 125;

// None of these takes a variable number of arguments, which bun:ffi cannot pass on arm64.
const CALLS = {
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' },
  bind: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  connect: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  getsockname: { args: ['i32', 'ptr', 'ptr'], returns: 'i32' },
  if_nametoindex: { args: ['ptr'], returns: 'u32' },
} as const;

/** The calls of macOS behind `BoundSockets`. Throws when the library lacks one. */
export function socketCalls(
  library: string,
  ioctl: (fd: number, request: number, argument: Pointer) => number,
  libc: Libc,
): SocketCalls {
  const { symbols } = dlopen(library, CALLS);
  const memory = nativeMemory(SOCKADDR_MAX_BYTES);
  const size = nativeMemory(4);
  const put = (endpoint: Endpoint): number => writeDarwinSockaddr(memory.view, endpoint, 0);
  return {
    open: (v6, kind) => symbols.socket(v6 ? AF_INET6 : AF_INET, SOCK[kind], 0),
    setNonBlocking: (fd) => {
      memory.view.setInt32(0, 1, true);
      return ioctl(fd, FIONBIO, memory.address) === 0;
    },
    indexOf: (name) => (writeCString(memory, name) ? symbols.if_nametoindex(memory.address) : 0),
    setInterface: (fd, v6, index) => {
      memory.view.setUint32(0, index, true);
      const [level, option] = v6 ? [IPPROTO_IPV6, IPV6_BOUND_IF] : [IPPROTO_IP, IP_BOUND_IF];
      return symbols.setsockopt(fd, level, option, memory.address, 4) === 0;
    },
    bind: (fd, local) => symbols.bind(fd, memory.address, put(local)) === 0,
    connect: (fd, remote) =>
      symbols.connect(fd, memory.address, put(remote)) === 0 || errnoName(libc.errno()) === 'EINPROGRESS',
    localIp: (fd): Ip | null => {
      size.view.setUint32(0, SOCKADDR_MAX_BYTES, true);
      if (symbols.getsockname(fd, memory.address, size.address) !== 0) return null;
      return memory.view.getUint8(1) === AF_INET6 ? readIpv6(memory.view, 8) : readIpv4(memory.view, 4);
    },
    close: (fd) => void libc.c.close(fd),
    error: () => errnoName(libc.errno()),
  };
}
