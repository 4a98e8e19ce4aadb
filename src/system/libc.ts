import { dlopen, type FFIFunction, FFIType, type Pointer, read } from 'bun:ffi';
import { constants } from 'node:os';

// Sizes returned by these calls are bounded by our own buffers, so the low 32 bits are the whole answer.
const SHARED_CALLS = {
  close: { args: ['i32'], returns: 'i32' },
  flock: { args: ['i32', 'i32'], returns: 'i32' },
  getrlimit: { args: ['i32', 'ptr'], returns: 'i32' },
  setrlimit: { args: ['i32', 'ptr'], returns: 'i32' },
  getsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'ptr'], returns: 'i32' },
} as const satisfies Record<string, FFIFunction>;

const I64 = FFIType.i64_fast;

const LINUX_CALLS = {
  ...SHARED_CALLS,
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  bind: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  listen: { args: ['i32', 'i32'], returns: 'i32' },
  connect: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' },
  getsockname: { args: ['i32', 'ptr', 'ptr'], returns: 'i32' },
  send: { args: ['i32', 'ptr', FFIType.u64_fast, 'i32'], returns: 'i32' },
  recv: { args: ['i32', 'ptr', FFIType.u64_fast, 'i32'], returns: 'i32' },
  setfsgid: { args: ['u32'], returns: 'i32' },
  openat: { args: ['i32', 'ptr', 'i32', 'i32'], returns: 'i32' },
  pread: { args: ['i32', 'ptr', FFIType.u64_fast, I64], returns: 'i32' },
  readlinkat: { args: ['i32', 'ptr', 'ptr', FFIType.u64_fast], returns: 'i32' },
  /** For calls that older C libraries do not wrap: a number and up to five arguments, addresses as numbers. */
  syscall: { args: [I64, I64, I64, I64, I64, I64], returns: 'i32' },
} as const satisfies Record<string, FFIFunction>;

const LINUX_NAMES = [
  'libc.so.6',
  'libc.musl-x86_64.so.1',
  'libc.musl-aarch64.so.1',
  '/lib/ld-musl-x86_64.so.1',
  '/lib/ld-musl-aarch64.so.1',
];
const DARWIN_NAMES = ['/usr/lib/libSystem.B.dylib'];

/** The calls of the C library that both systems have, and the error of this thread's last failed call. */
export interface Libc {
  readonly platform: 'linux' | 'darwin';
  readonly c: SharedCalls;
  /** Number of the error; meaningful only right after a call that failed. */
  errno(): number;
}

/** The C library of Linux, glibc or musl. */
export interface LinuxLibc extends Libc {
  readonly platform: 'linux';
  readonly c: LinuxCalls;
}

type SharedCalls = ReturnType<typeof loadShared>['symbols'];
type LinuxCalls = ReturnType<typeof loadLinux>['symbols'];

/** Opens what both systems share. Throws, with the names it tried, when the C library cannot be opened. */
export function openLibc(): Libc {
  if (process.platform === 'linux') return openLinuxLibc();
  const lib = firstThatOpens(DARWIN_NAMES, loadShared);
  const where = firstThatOpens(DARWIN_NAMES, loadDarwinErrno).symbols.__error();
  return { platform: 'darwin', c: lib.symbols, errno: errnoReader(where) };
}

/** Opens the C library of Linux for the calling thread; costs about a millisecond, so once a thread. Throws as `openLibc`. */
export function openLinuxLibc(): LinuxLibc {
  const { symbols } = firstThatOpens(LINUX_NAMES, loadLinux);
  return { platform: 'linux', c: symbols, errno: errnoReader(symbols.__errno_location()) };
}

/** The name of an error number, `ECONNREFUSED`; the number itself as text when it has none. */
export function errnoName(errno: number): string {
  return ERROR_NAMES.get(errno) ?? String(errno);
}

const ERROR_NAMES = new Map<number, string>(
  Object.entries(constants.errno)
    // EAGAIN and EOPNOTSUPP are the usual names of their numbers.
    .filter(([name]) => name !== 'EWOULDBLOCK' && name !== 'ENOTSUP')
    .map(([name, errno]) => [errno, name]),
);

function loadShared(name: string) {
  return dlopen(name, SHARED_CALLS);
}

function loadLinux(name: string) {
  return dlopen(name, { ...LINUX_CALLS, __errno_location: { args: [], returns: 'ptr' } });
}

function loadDarwinErrno(name: string) {
  return dlopen(name, { __error: { args: [], returns: 'ptr' } });
}

function errnoReader(address: Pointer | bigint | null): () => number {
  if (address === null) return () => 0;
  const where = Number(address) as Pointer;
  // errno stays in place for the life of its thread.
  return () => read.i32(where, 0);
}

function firstThatOpens<T>(names: readonly string[], load: (name: string) => T): T {
  const errors: string[] = [];
  for (const name of names) {
    try {
      return load(name);
    } catch (error) {
      errors.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(`cannot open the C library of this machine; tried ${errors.join('; ')}`);
}
