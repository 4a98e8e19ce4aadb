import type { LinuxLibc } from '../../system/libc.ts';
import { type NativeMemory, nativeMemory } from '../../system/native-memory.ts';

export const NETLINK_SOCK_DIAG = 4;
export const NETLINK_NETFILTER = 12;

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const MSG_DONTWAIT = 0x40;
const REQUEST_BYTES = 4_096;
const REPLY_BYTES = 16_384;
/** Answers to earlier questions that are passed over before giving up. */
const STALE_MAX = 8;
const EAGAIN = 11;
const ENOBUFS = 105;

/** One netlink socket for questions that the kernel answers while they are sent, so that nothing ever waits. */
export class NetlinkSocket {
  readonly #request: NativeMemory = nativeMemory(REQUEST_BYTES);
  readonly #reply: NativeMemory = nativeMemory(REPLY_BYTES);
  readonly #libc: LinuxLibc;
  #fd: number;
  #seq = 0;

  /** Opens it; `protocol` as in netlink(7). A socket that cannot be opened answers every question with its error. */
  constructor(libc: LinuxLibc, protocol: number) {
    this.#libc = libc;
    this.#fd = libc.c.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol);
  }

  /**
   * Sends what `write` puts into the buffer (it returns the size) and gives the answer to `read`, which may call it stale;
   * then the next one is taken. `failed` makes the answer when the kernel took or gave none.
   */
  ask<T extends { readonly kind: string }>(
    write: (view: DataView, seq: number) => number,
    read: (view: DataView, sizeBytes: number, seq: number) => T,
    failed: (errno: number) => T,
  ): T {
    this.#seq = (this.#seq + 1) >>> 0;
    const { c, errno } = this.#libc;
    const size = write(this.#request.view, this.#seq);
    if (c.send(this.#fd, this.#request.address, size, 0) !== size) return failed(errno());
    for (let i = 0; i < STALE_MAX; i++) {
      const got = c.recv(this.#fd, this.#reply.address, REPLY_BYTES, MSG_DONTWAIT);
      if (got < 0) {
        // The kernel dropped an answer that nobody had read; ours may follow.
        if (errno() === ENOBUFS) continue;
        return failed(errno());
      }
      const reply = read(this.#reply.view, got, this.#seq);
      if (reply.kind !== 'stale') return reply;
    }
    return failed(EAGAIN);
  }

  close(): void {
    if (this.#fd >= 0) this.#libc.c.close(this.#fd);
    this.#fd = -1;
  }
}
