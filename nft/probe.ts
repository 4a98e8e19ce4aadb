import type { ProbeResult } from '../src/intercept/interceptor.ts';
import type { Endpoint } from '../src/model/endpoint.ts';
import { errnoName, type LinuxLibc } from '../src/system/libc.ts';
import { SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM } from '../src/system/listen-socket.ts';
import { nativeMemory } from '../src/system/native-memory.ts';
import { familyOf, writeSockaddr } from '../src/system/sockaddr.ts';

/** Probes that are still recognised when they arrive after their deadline. */
const RECENT_MAX = 16;

const SOL_SOCKET = 1;
const SO_ERROR = 4;
const SO_LINGER = 13;
// A group that is nobody's: the probe must look like somebody else's socket.
const NOBODY_GID = 65_534;
const NO_CHANGE = 0xffff_ffff;
// The kernel has no way out for this family, or no such family.
const NO_ROUTE = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETDOWN']);

type Attempt =
  | { readonly state: 'sent'; readonly fd: number; readonly dst: Endpoint; readonly seen: Promise<void> }
  | { readonly state: 'no_route'; readonly dst: Endpoint; readonly errno: string }
  | { readonly state: 'failed'; readonly dst: Endpoint; readonly errno: string };

/** Opens connections as any other program would, and waits for the kernel to bring them to our own listener. */
export class Probe {
  readonly #memory = nativeMemory(64);
  readonly #size = nativeMemory(4);
  /** Probes under way that have not been seen. */
  readonly #waiting = new Map<string, () => void>();
  readonly #recent: Endpoint[] = [];

  constructor(private readonly libc: LinuxLibc) {}

  /** Tries each target once, all at the same time. A target without a route says nothing; all others must be seen. */
  async run(targets: readonly Endpoint[], timeoutMs: number): Promise<ProbeResult> {
    const attempts = targets.map((dst) => this.#open(dst));
    const sent = attempts.filter((attempt) => attempt.state === 'sent');
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    try {
      await Promise.race([late, Promise.all(sent.map((attempt) => attempt.seen))]);
      return this.#result(attempts, timeoutMs);
    } finally {
      clearTimeout(timer);
      for (const attempt of sent) this.#close(attempt.fd, attempt.dst);
    }
  }

  /** True for a connection that a probe made, also when it comes too late; a running probe then knows that it arrived. */
  isProbe(dst: Endpoint): boolean {
    if (!this.#recent.some((probed) => probed.ip === dst.ip && probed.port === dst.port)) return false;
    const seen = this.#waiting.get(keyOf(dst));
    this.#waiting.delete(keyOf(dst));
    seen?.();
    return true;
  }

  #open(dst: Endpoint): Attempt {
    const fd = this.#foreignSocket(familyOf(dst.ip));
    if (typeof fd === 'string') return { state: NO_ROUTE.has(fd) ? 'no_route' : 'failed', dst, errno: fd };
    // Before connect: on loopback the answer can be quicker than the next line.
    const { promise: seen, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(keyOf(dst), resolve);
    if (this.#recent.push(dst) > RECENT_MAX) this.#recent.shift();
    const size = writeSockaddr(this.#memory.view, dst);
    const errno =
      this.libc.c.connect(fd, this.#memory.address, size) === 0
        ? 'EINPROGRESS'
        : errnoName(this.libc.errno());
    if (errno === 'EINPROGRESS') return { state: 'sent', fd, dst, seen };
    this.#close(fd, dst);
    return { state: NO_ROUTE.has(errno) ? 'no_route' : 'failed', dst, errno };
  }

  /** A socket whose group is not ours. The group of the file system is a thread's own, so nothing else is touched. */
  #foreignSocket(family: number): number | string {
    const own = this.libc.c.setfsgid(NOBODY_GID);
    try {
      if (this.libc.c.setfsgid(NO_CHANGE) !== NOBODY_GID) return 'EPERM';
      const fd = this.libc.c.socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      return fd < 0 ? errnoName(this.libc.errno()) : fd;
    } finally {
      this.libc.c.setfsgid(own);
    }
  }

  #result(attempts: readonly Attempt[], timeoutMs: number): ProbeResult {
    const missed: string[] = [];
    for (const attempt of attempts) {
      const to = textOf(attempt.dst);
      if (attempt.state === 'failed') missed.push(`cannot probe ${to}: ${attempt.errno}`);
      if (attempt.state === 'sent' && this.#waiting.has(keyOf(attempt.dst))) {
        missed.push(
          `a connection to ${to} did not reach us in ${timeoutMs} ms (${this.#progress(attempt.fd)})`,
        );
      }
    }
    if (missed.length > 0) return { state: 'not_enforced', detail: missed.join('; ') };
    if (attempts.some((attempt) => attempt.state === 'sent')) return { state: 'enforced' };
    const why = attempts.map((attempt) => textOf(attempt.dst)).join(', ');
    return { state: 'no_route', detail: why === '' ? 'nothing to probe' : `no route to ${why}` };
  }

  /** What became of a connection that we did not see. */
  #progress(fd: number): string {
    this.#size.view.setUint32(0, 4, true);
    this.libc.c.getsockopt(fd, SOL_SOCKET, SO_ERROR, this.#memory.address, this.#size.address);
    const errno = this.#memory.view.getInt32(0, true);
    return errno === 0 ? 'no answer, or answered by somebody else' : errnoName(errno);
  }

  /** Closes without leaving a connection behind that waits for its end (SO_LINGER 0). */
  #close(fd: number, dst: Endpoint): void {
    this.#waiting.delete(keyOf(dst));
    this.#memory.view.setInt32(0, 1, true);
    this.#memory.view.setInt32(4, 0, true);
    this.libc.c.setsockopt(fd, SOL_SOCKET, SO_LINGER, this.#memory.address, 8);
    this.libc.c.close(fd);
  }
}

function keyOf(dst: Endpoint): string {
  return `${dst.ip} ${dst.port}`;
}

function textOf(dst: Endpoint): string {
  return dst.ip.includes(':') ? `[${dst.ip}]:${dst.port}` : `${dst.ip}:${dst.port}`;
}
