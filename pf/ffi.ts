import { dlopen, FFIType, type Pointer } from 'bun:ffi';
import { closeSync, openSync } from 'node:fs';
import type { Pid } from '../src/model/brand.ts';
import type { Endpoint } from '../src/model/endpoint.ts';
import { errnoName, type Libc, openLibc } from '../src/system/libc.ts';
import { type NativeMemory, nativeMemory, writeCString } from '../src/system/native-memory.ts';
import { socketCalls } from './ffi-sockets.ts';
import type { NatlookReply } from './interceptor.ts';
import type { DarwinNative, ListenReply } from './native.ts';
import { DIOCNATLOOK, NATLOOK_BYTES } from './natlook.ts';
import { AF_INET, AF_INET6, SOCKADDR_MAX_BYTES, writeDarwinSockaddr } from './sockaddr.ts';

/** Bun itself is linked against it, so opening it loads nothing. */
const LIB_SYSTEM = '/usr/lib/libSystem.B.dylib';
const PF_DEVICE = '/dev/pf';
const PCBLIST = 'net.inet.tcp.pcblist_n';
const LIST_FIRST_BYTES = 1_048_576;
/** Some 100,000 sockets; a longer list is not taken. */
const LIST_MAX_BYTES = 67_108_864;
const PATH_MAX_BYTES = 4_096;
const INFO_MAX_BYTES = 4_096;

const SOCK_STREAM = 1;
const LISTEN_BACKLOG = 1_024;
const SOL_SOCKET = 0xffff;
const SO_REUSEADDR = 0x4;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 27;

// None of these takes a variable number of arguments, which bun:ffi cannot pass on arm64.
const CALLS = {
  sysctlbyname: { args: ['ptr', 'ptr', 'ptr', 'ptr', FFIType.u64_fast], returns: 'i32' },
  proc_pidinfo: { args: ['i32', 'i32', FFIType.u64_fast, 'ptr', 'i32'], returns: 'i32' },
  proc_pidpath: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  csops: { args: ['i32', 'u32', 'ptr', FFIType.u64_fast], returns: 'i32' },
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' },
  bind: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  listen: { args: ['i32', 'i32'], returns: 'i32' },
  if_nametoindex: { args: ['ptr'], returns: 'u32' },
} as const;

type Ioctl = (fd: number, request: number, argument: Pointer) => number;

/** Binds the calls of macOS. Throws, with what could not be found, anywhere else or when the system library lacks one. */
export function openDarwinNative(): DarwinNative {
  if (process.platform !== 'darwin')
    throw new Error(`the calls of macOS cannot be made on ${process.platform}`);
  const { symbols } = dlopen(LIB_SYSTEM, CALLS);
  const libc = openLibc();
  const ioctl = bindIoctl();
  const responsible = bindResponsible();
  const device = openDevice();
  const fd = device.fd;
  return {
    ...socketLists(symbols.sysctlbyname, libc),
    ...processCalls(symbols),
    responsiblePid: (pid) => {
      const answer = responsible === null ? 0 : responsible(pid);
      return answer > 0 ? (answer as Pid) : null;
    },
    natlook: fd === null || ioctl === null ? null : natlookCall(fd, ioctl.call, libc),
    pfError: device.error ?? (ioctl === null ? 'neither __ioctl nor ioctl is there' : null),
    found: { ioctl: ioctl?.name ?? null, responsiblePid: responsible !== null },
    boundSockets: ioctl === null ? null : socketCalls(LIB_SYSTEM, ioctl.call, libc),
    listen: (local, onLo0) => listen(symbols, libc, local, onLo0),
    close: () => {
      if (fd !== null) closeSync(fd);
    },
  };
}

function openDevice(): { fd: number | null; error: string | null } {
  try {
    return { fd: openSync(PF_DEVICE, 'r'), error: null };
  } catch (error) {
    return { fd: null, error: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * ioctl takes its third argument from the stack on arm64, where a caller with a fixed list of arguments puts only the
 * ninth: so either the call beneath it, which has a fixed list, or eight arguments before ours.
 */
function bindIoctl(): { name: '__ioctl' | 'ioctl'; call: Ioctl } | null {
  const three = { args: ['i32', FFIType.u64_fast, 'ptr'], returns: 'i32' } as const;
  try {
    const { symbols } = dlopen(LIB_SYSTEM, { __ioctl: three });
    return { name: '__ioctl', call: (fd, request, argument) => symbols.__ioctl(fd, request, argument) };
  } catch {
    // Not exported here: the public call is, and `doctor` shows which one was found.
  }
  try {
    if (process.arch !== 'arm64') {
      const { symbols } = dlopen(LIB_SYSTEM, { ioctl: three });
      return { name: 'ioctl', call: (fd, request, argument) => symbols.ioctl(fd, request, argument) };
    }
    const filler = FFIType.i64_fast;
    const { symbols } = dlopen(LIB_SYSTEM, {
      ioctl: {
        args: ['i32', FFIType.u64_fast, filler, filler, filler, filler, filler, filler, 'ptr'],
        returns: 'i32',
      },
    });
    return {
      name: 'ioctl',
      call: (fd, request, argument) => symbols.ioctl(fd, request, 0, 0, 0, 0, 0, 0, argument),
    };
  } catch {
    return null; // `pfError` says so; the client's own socket is then the only source.
  }
}

function bindResponsible(): ((pid: number) => number) | null {
  try {
    const { symbols } = dlopen(LIB_SYSTEM, {
      responsibility_get_pid_responsible_for_pid: { args: ['i32'], returns: 'i32' },
    });
    return (pid) => symbols.responsibility_get_pid_responsible_for_pid(pid);
  } catch {
    return null; // A private call: where it is missing, the parents still tell who asked.
  }
}

type Symbols = ReturnType<typeof dlopen<typeof CALLS>>['symbols'];

function socketLists(sysctlbyname: Symbols['sysctlbyname'], libc: Libc): Pick<DarwinNative, 'tcpSockets'> {
  const name = cText(PCBLIST);
  const size = nativeMemory(8);
  let list = nativeMemory(LIST_FIRST_BYTES);
  const tcpSockets = (): Uint8Array | null => {
    for (;;) {
      size.view.setBigUint64(0, BigInt(list.bytes.length), true);
      if (sysctlbyname(name.address, list.address, size.address, null, 0) === 0) {
        return list.bytes.subarray(0, Number(size.view.getBigUint64(0, true)));
      }
      const isFull = errnoName(libc.errno()) === 'ENOMEM' && list.bytes.length < LIST_MAX_BYTES;
      if (!isFull) return null;
      list = nativeMemory(Math.min(LIST_MAX_BYTES, list.bytes.length * 2));
    }
  };
  return { tcpSockets };
}

function processCalls(symbols: Symbols): Pick<DarwinNative, 'pidPath' | 'pidInfo' | 'codeSigning'> {
  const memory = nativeMemory(Math.max(PATH_MAX_BYTES, INFO_MAX_BYTES));
  // Copies: the memory is used again by the next call.
  const copy = (bytes: number): Uint8Array => memory.bytes.slice(0, bytes);
  return {
    pidPath: (pid) => {
      const length = symbols.proc_pidpath(pid, memory.address, PATH_MAX_BYTES);
      return length > 0 ? new TextDecoder().decode(copy(length)) : null;
    },
    pidInfo: (pid, flavor, sizeBytes) => {
      if (sizeBytes > INFO_MAX_BYTES) return null;
      const filled = symbols.proc_pidinfo(pid, flavor, 0, memory.address, sizeBytes);
      return filled === sizeBytes ? copy(sizeBytes) : null;
    },
    codeSigning: (pid, operation, sizeBytes) => {
      if (sizeBytes > INFO_MAX_BYTES) return null;
      memory.bytes.fill(0, 0, sizeBytes);
      return symbols.csops(pid, operation, memory.address, sizeBytes) === 0 ? copy(sizeBytes) : null;
    },
  };
}

function natlookCall(fd: number, ioctl: Ioctl, libc: Libc): (question: Uint8Array) => NatlookReply {
  const memory = nativeMemory(NATLOOK_BYTES);
  return (question) => {
    memory.bytes.set(question.subarray(0, NATLOOK_BYTES));
    if (ioctl(fd, DIOCNATLOOK, memory.address) === 0) {
      return { ok: true, bytes: memory.bytes.slice(0, NATLOOK_BYTES) };
    }
    return { ok: false, errno: errnoName(libc.errno()) };
  };
}

function listen(symbols: Symbols, libc: Libc, local: Endpoint, onLo0: boolean): ListenReply {
  const memory = nativeMemory(SOCKADDR_MAX_BYTES);
  const fd = symbols.socket(local.ip.includes(':') ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return { ok: false, errno: errnoName(libc.errno()) };
  const set = (level: number, option: number): boolean => {
    memory.view.setInt32(0, 1, true);
    return symbols.setsockopt(fd, level, option, memory.address, 4) === 0;
  };
  const prepared =
    set(SOL_SOCKET, SO_REUSEADDR) &&
    set(IPPROTO_TCP, TCP_NODELAY) &&
    (!local.ip.includes(':') || set(IPPROTO_IPV6, IPV6_V6ONLY));
  const scope = onLo0 ? symbols.if_nametoindex(cText('lo0').address) : 0;
  const sizeBytes = writeDarwinSockaddr(memory.view, local, scope);
  if (
    prepared &&
    symbols.bind(fd, memory.address, sizeBytes) === 0 &&
    symbols.listen(fd, LISTEN_BACKLOG) === 0
  ) {
    return { ok: true, fd };
  }
  const errno = errnoName(libc.errno());
  libc.c.close(fd);
  return { ok: false, errno };
}

function cText(text: string): NativeMemory {
  const memory = nativeMemory(text.length + 1);
  writeCString(memory, text);
  return memory;
}
