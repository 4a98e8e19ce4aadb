import type { Accepted, OriginalDst } from '../src/intercept/interceptor.ts';
import type { Endpoint } from '../src/model/endpoint.ts';
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
   * `direct` when the connection was made to our own address. Fails where connection tracking has forgotten the connection or never
   * saw it (ENOENT: notrack, another conntrack zone), where it names what our rules never redirect, and when the socket is closed
   * (EBADF).
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
    if (done !== 0) {
      const errno = errnoName(this.libc.errno());
      const why = errno === 'ENOENT' ? 'connection tracking does not know it, or has forgotten it' : errno;
      return { kind: 'failed', error: why };
    }
    const dst = readSockaddr(this.#address.view, this.#size.view.getUint32(0, true));
    if (dst === null) return { kind: 'failed', error: 'the kernel gave an address of unknown shape' };
    const { ip, port } = accepted.local;
    if (dst.ip === ip && dst.port === port) return { kind: 'direct' };
    if (!isNeverRedirected(dst)) return { kind: 'redirected', dst };
    const error = `connection tracking says ${dst.ip} port ${dst.port}, which no rule of ours redirects`;
    return { kind: 'failed', error };
  }
}

/** True for loopback and for no address: that would lead to ourselves, and a rule of somebody else's has sent it here. */
function isNeverRedirected({ ip, port }: Endpoint): boolean {
  return port === 0 || ip.startsWith('127.') || ip === '0.0.0.0' || ip === '::1' || ip === '::';
}
