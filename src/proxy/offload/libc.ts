import { dlopen, FFIType, ptr, read } from 'bun:ffi';

const LIBC_NAMES = ['libc.so.6', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1'];

const SOL_SOCKET = 1;
const SO_LINGER = 13;
const SYS_PIDFD_OPEN = 434;
const SYS_PIDFD_GETFD = 438;
const SYS_UNSHARE = process.arch === 'arm64' ? 97 : 272;
const CLONE_FILES = 0x400;
const F_DUPFD_CLOEXEC = 1030;
const F_SETPIPE_SZ = 1031;
const SPLICE_MOVE_NONBLOCK = 1 | 2;
const O_NONBLOCK_CLOEXEC = 0o4000 | 0o2000000;

export const EAGAIN = 11;

export interface Pipe {
  readonly readEnd: number;
  readonly writeEnd: number;
  readonly sizeBytes: number;
}

/** The few calls of libc that moving bytes takes, one table a thread. Every buffer lives in its own ArrayBuffer. */
export class OffloadLibc {
  readonly #c = open();
  readonly #errno = this.#c.__errno_location();
  readonly #pair = new Int32Array(new ArrayBuffer(4_096), 0, 2);
  readonly #pairPtr = ptr(this.#pair.buffer);
  readonly #linger = new Int32Array(new ArrayBuffer(4_096), 0, 2);
  readonly #lingerPtr = ptr(this.#linger.buffer);
  readonly #one = new BigUint64Array(new ArrayBuffer(4_096), 0, 1);
  readonly #onePtr = ptr(this.#one.buffer);

  constructor() {
    this.#linger[0] = 1;
    this.#one[0] = 1n;
  }

  /** errno of this thread's last failed call. */
  errno(): number {
    return this.#errno === null ? 0 : read.i32(this.#errno, 0);
  }

  epollCreate(): number {
    return this.#c.epoll_create1(0o2000000);
  }

  epollAdd(epoll: number, fd: number, eventPtr: ReturnType<typeof ptr>): boolean {
    return this.#c.epoll_ctl(epoll, 1, fd, eventPtr) === 0;
  }

  /** To be told of `fd` no more; closing it is not enough where the main thread has the same socket open. */
  epollRemove(epoll: number, fd: number): void {
    this.#c.epoll_ctl(epoll, 2, fd, this.#pairPtr);
  }

  epollWait(epoll: number, eventsPtr: ReturnType<typeof ptr>, max: number, timeoutMs: number): number {
    return this.#c.epoll_wait(epoll, eventsPtr, max, timeoutMs);
  }

  /** Moves up to `sizeBytes` without copying; bytes moved, 0 at the end of the source, -1 with `errno`. */
  splice(from: number, to: number, sizeBytes: number): number {
    return Number(this.#c.splice(from, null, to, null, sizeBytes, SPLICE_MOVE_NONBLOCK));
  }

  /** A pipe of at most `sizeBytes`, or null when descriptors have run out. */
  pipe(sizeBytes: number): Pipe | null {
    if (this.#c.pipe2(this.#pairPtr, O_NONBLOCK_CLOEXEC) !== 0) return null;
    const [readEnd = -1, writeEnd = -1] = this.#pair;
    const granted = this.#c.fcntl(writeEnd, F_SETPIPE_SZ, sizeBytes);
    return { readEnd, writeEnd, sizeBytes: granted > 0 ? granted : 65_536 };
  }

  /** How many of the bytes were taken; below 0 on failure. */
  write(fd: number, bytes: Uint8Array): number {
    return Number(this.#c.write(fd, bytes, bytes.length));
  }

  dup(fd: number): number {
    return this.#c.fcntl(fd, F_DUPFD_CLOEXEC, 3);
  }

  close(fd: number): void {
    this.#c.close(fd);
  }

  /** Sends FIN, keeps receiving. */
  shutdownWrite(fd: number): void {
    this.#c.shutdown(fd, 1);
  }

  /** Closes with a reset: the other end learns that the connection broke. */
  reset(fd: number): void {
    this.#c.setsockopt(fd, SOL_SOCKET, SO_LINGER, this.#lingerPtr, 8);
    this.#c.close(fd);
  }

  eventfd(): number {
    return this.#c.eventfd(0, O_NONBLOCK_CLOEXEC);
  }

  signal(eventfd: number): void {
    this.#c.write(eventfd, this.#onePtr, 8);
  }

  drain(eventfd: number): void {
    this.#c.read(eventfd, this.#pairPtr, 8);
  }

  /**
   * Gives the calling thread a descriptor table of its own (unshare(2), CLONE_FILES): what it holds then counts against
   * its own RLIMIT_NOFILE. Returns a pidfd by which descriptors of the main thread can be taken, or -1.
   */
  ownTable(): number {
    const pidfd = Number(this.#c.syscall(SYS_PIDFD_OPEN, process.pid, 0, 0));
    if (pidfd < 0) return -1;
    if (Number(this.#c.syscall(SYS_UNSHARE, CLONE_FILES, 0, 0)) === 0) return pidfd;
    this.#c.close(pidfd);
    return -1;
  }

  /** A copy of descriptor `fd` of the process behind `pidfd` (pidfd_getfd(2)), -1 on failure. */
  take(pidfd: number, fd: number): number {
    return Number(this.#c.syscall(SYS_PIDFD_GETFD, pidfd, fd, 0));
  }
}

function load(name: string) {
  return dlopen(name, {
    epoll_create1: { args: ['i32'], returns: 'i32' },
    epoll_ctl: { args: ['i32', 'i32', 'i32', 'ptr'], returns: 'i32' },
    epoll_wait: { args: ['i32', 'ptr', 'i32', 'i32'], returns: 'i32' },
    splice: { args: ['i32', 'ptr', 'i32', 'ptr', FFIType.u64_fast, 'u32'], returns: FFIType.i64_fast },
    pipe2: { args: ['ptr', 'i32'], returns: 'i32' },
    fcntl: { args: ['i32', 'i32', FFIType.i64_fast], returns: 'i32' },
    close: { args: ['i32'], returns: 'i32' },
    read: { args: ['i32', 'ptr', FFIType.u64_fast], returns: FFIType.i64_fast },
    write: { args: ['i32', 'ptr', FFIType.u64_fast], returns: FFIType.i64_fast },
    eventfd: { args: ['u32', 'i32'], returns: 'i32' },
    shutdown: { args: ['i32', 'i32'], returns: 'i32' },
    setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' },
    syscall: {
      args: [FFIType.i64_fast, FFIType.i64_fast, FFIType.i64_fast, FFIType.i64_fast],
      returns: FFIType.i64_fast,
    },
    __errno_location: { args: [], returns: 'ptr' },
  }).symbols;
}

function open(): ReturnType<typeof load> {
  for (const name of LIBC_NAMES) {
    try {
      return load(name);
    } catch {
      // The next name is the other C library's; the loop ends in an error when there is none.
    }
  }
  throw new Error(`cannot open the C library; tried ${LIBC_NAMES.join(', ')}`);
}
