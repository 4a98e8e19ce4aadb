import type { Accepted, OriginalDst } from '../src/intercept/interceptor.ts';
import { errnoName, type LinuxLibc } from '../src/system/libc.ts';
import { nativeMemory } from '../src/system/native-memory.ts';
import { readSockaddr, SOCKADDR_MAX_BYTES } from '../src/system/sockaddr.ts';

// linux/netfilter_ipv4.h and linux/netfilter_ipv6/ip6_tables.h: the same number at both levels.
const SO_ORIGINAL_DST = 80;
const SOL_IP = 0;
const SOL_IPV6 = 41;

/** Asks connection tracking where a redirected connection was going; one system call, no memory of its own per call. */
export class OriginalDstReader {
  readonly #address = nativeMemory(SOCKADDR_MAX_BYTES);
  readonly #size = nativeMemory(4);

  constructor(private readonly libc: LinuxLibc) {}

  /**
   * `direct` when the connection was made to our own address. Fails with ENOENT where connection tracking has forgotten the
   * connection or never saw it (notrack, another conntrack zone), and with EBADF when the socket is closed.
   */
  read(accepted: Accepted): OriginalDst {
    // An IPv4 connection on an IPv6 socket has IPv4 addresses here, and answers at the IPv4 level.
    const level = accepted.local.ip.includes(':') ? SOL_IPV6 : SOL_IP;
    this.#size.view.setUint32(0, SOCKADDR_MAX_BYTES, true);
    const done = this.libc.c.getsockopt(
      accepted.fd,
      level,
      SO_ORIGINAL_DST,
      this.#address.address,
      this.#size.address,
    );
    if (done !== 0) return { kind: 'failed', error: errnoName(this.libc.errno()) };
    const dst = readSockaddr(this.#address.view, this.#size.view.getUint32(0, true));
    if (dst === null) return { kind: 'failed', error: 'the kernel gave an address of unknown shape' };
    const { ip, port } = accepted.local;
    return dst.ip === ip && dst.port === port ? { kind: 'direct' } : { kind: 'redirected', dst };
  }
}
