import type { Ip, Uid } from '../../model/brand.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { LinuxLibc } from '../../system/libc.ts';
import { listenSocket } from '../../system/listen-socket.ts';
import { type ConntrackReply, readConntrackReply, writeConntrackRequest } from './conntrack-message.ts';
import { DIAG_REQUEST_BYTES, type DiagReply, readDiagReply, writeDiagRequest } from './diag-message.ts';
import { NETLINK_NETFILTER, NETLINK_SOCK_DIAG, NetlinkSocket } from './netlink.ts';

const ENOENT = 2;
const EPERM = 1;
const EACCES = 13;
// ENOENT, EINVAL, EPROTONOSUPPORT and EOPNOTSUPP; EBADF when there is no such netlink family.
const UNSUPPORTED = new Set([ENOENT, 22, 93, 95, 9]);

/** What is known of the client's end of a connection. */
export type FoundSocket =
  | { readonly kind: 'found'; readonly inode: number; readonly uid: Uid }
  /** Closed by its process already; `uid` when the kernel still tells. */
  | { readonly kind: 'gone'; readonly uid: Uid | null }
  | { readonly kind: 'not_permitted' };

const GONE: FoundSocket = { kind: 'gone', uid: null };
const NOT_PERMITTED: FoundSocket = { kind: 'not_permitted' };

/** Finds the client's socket by the addresses of a redirected connection: two system calls, most of the time. */
export class SocketFinder {
  readonly #diag: NetlinkSocket;
  readonly #conntrack: NetlinkSocket;
  #client: Endpoint = { ip: '0.0.0.0' as Ip, port: 0 };
  #dst: Endpoint = this.#client;
  #proxy4: Endpoint = this.#client;
  #proxy6: Endpoint = this.#client;

  /** `proxyPort` tells the loopback port that the kernel redirects to. */
  constructor(
    libc: LinuxLibc,
    private readonly proxyPort: () => number,
  ) {
    this.#diag = new NetlinkSocket(libc, NETLINK_SOCK_DIAG);
    this.#conntrack = new NetlinkSocket(libc, NETLINK_NETFILTER);
  }

  /**
   * Whether this kernel answers for TCP at all: one without tcp_diag says of every socket that there is none. Asks for a socket
   * that is there.
   */
  static isSupported(libc: LinuxLibc): boolean {
    const listening = listenSocket(libc, '127.0.0.1' as Ip, 0);
    if (!listening.ok) return true;
    const finder = new SocketFinder(libc, () => 0);
    const reply = finder.#askDiag(listening.local, { ip: '0.0.0.0' as Ip, port: 0 });
    finder.close();
    libc.c.close(listening.fd);
    return reply.kind !== 'error' || !UNSUPPORTED.has(reply.errno);
  }

  find(client: Endpoint, dst: Endpoint): FoundSocket {
    // Two connections from one source port to two destinations get the same address after the redirect, and the kernel
    // changes the port of the second. Only connection tracking knows what it was; and the changed port may be that of
    // another socket to the same destination, such as our own connection to that server, so it is asked first.
    const original = this.#askConntrack(client);
    return toFound(this.#askDiag(original.kind === 'source' ? original.source : client, dst));
  }

  close(): void {
    this.#diag.close();
    this.#conntrack.close();
  }

  // An IPv4 question also finds an IPv6 socket that dialled an IPv4-mapped address: they share one table in the kernel.
  #askDiag(client: Endpoint, dst: Endpoint): DiagReply {
    this.#client = client;
    this.#dst = dst;
    return this.#diag.ask(this.#writeDiag, readDiagReply, failure);
  }

  #askConntrack(client: Endpoint): ConntrackReply {
    this.#client = client;
    return this.#conntrack.ask(this.#writeConntrack, readConntrackReply, failure);
  }

  readonly #writeDiag = (view: DataView, seq: number): number => {
    writeDiagRequest(view, seq, this.#client, this.#dst);
    return DIAG_REQUEST_BYTES;
  };

  readonly #writeConntrack = (view: DataView, seq: number): number => {
    const port = this.proxyPort();
    if (this.#proxy4.port !== port) {
      this.#proxy4 = { ip: '127.0.0.1' as Ip, port };
      this.#proxy6 = { ip: '::1' as Ip, port };
    }
    const proxy = this.#client.ip.includes(':') ? this.#proxy6 : this.#proxy4;
    return writeConntrackRequest(view, seq, proxy, this.#client);
  };
}

function failure(errno: number): { readonly kind: 'error'; readonly errno: number } {
  return { kind: 'error', errno };
}

function toFound(reply: DiagReply): FoundSocket {
  if (reply.kind === 'socket') {
    const uid = reply.uid as Uid;
    return reply.inode === 0 ? { kind: 'gone', uid } : { kind: 'found', inode: reply.inode, uid };
  }
  const refused = reply.kind === 'error' && (reply.errno === EPERM || reply.errno === EACCES);
  return refused ? NOT_PERMITTED : GONE;
}
