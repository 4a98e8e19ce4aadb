import type { Ip } from '../model/brand.ts';
import { errnoName, type LinuxLibc } from './libc.ts';
import { SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM } from './listen-socket.ts';
import { nativeMemory } from './native-memory.ts';
import { AF_INET, familyOf, writeSockaddr } from './sockaddr.ts';

/**
 * Source ports of our own connections: below the range that the kernel gives to programs (32768 on, ip_local_port_range),
 * and below the node ports of Kubernetes.
 */
const PORT_FIRST = 10_240;
const PORT_COUNT = 19_760;
/** Ports tried before the kernel is left to choose. */
const TRIES = 8;

const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const EINPROGRESS = 115;
const EADDRINUSE = 98;
const EADDRNOTAVAIL = 99;
const ANY = { 4: '0.0.0.0' as Ip, 6: '::' as Ip };

/**
 * Opens connections with source ports of its own choice (Linux). Left to the kernel, connect(2) looks for a free port with
 * even number, one after the other, which takes milliseconds once thousands of connections lead to one server; and here every
 * one of them exists twice, the program's and ours.
 */
export class ConnectSocket {
  readonly #memory = nativeMemory(64);
  #next: number;
  #fdLimit = Number.POSITIVE_INFINITY;

  /** `random` (0 to 1, exclusive) is where to begin, so that a restart does not meet the ports of the last run. */
  constructor(
    private readonly libc: LinuxLibc,
    random: number,
  ) {
    this.#next = Math.floor(random * PORT_COUNT);
  }

  /** Fails with EMFILE from now on rather than take a descriptor from `fd` on: those are for others of this process. */
  keepFree(fd: number): void {
    this.#fdLimit = fd;
  }

  /** The descriptor of a socket that is connecting, for `Bun.connect({ fd })`, which sets TCP_NODELAY; or the name of the error. */
  start(ip: Ip, port: number): number | string {
    for (let tries = 0; tries <= TRIES; tries++) {
      const fd = this.#socket(ip);
      if (fd < 0) return errnoName(this.libc.errno());
      if (fd >= this.#fdLimit) {
        this.libc.c.close(fd);
        return 'EMFILE';
      }
      const failed = this.#connect(fd, ip, port, tries < TRIES);
      if (failed === 0) return fd;
      this.libc.c.close(fd);
      // Another connection of ours to this very server has the port, or a program listens on it.
      if (failed !== EADDRINUSE && failed !== EADDRNOTAVAIL) return errnoName(failed);
    }
    return 'EADDRNOTAVAIL';
  }

  #socket(ip: Ip): number {
    const { c } = this.libc;
    const fd = c.socket(familyOf(ip), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return fd;
    this.#memory.view.setInt32(0, 1, true);
    // Lets connections to different servers share a port.
    c.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, this.#memory.address, 4);
    return fd;
  }

  /** 0, or the number of the error. */
  #connect(fd: number, ip: Ip, port: number, bind: boolean): number {
    const { c } = this.libc;
    if (bind) {
      const any = familyOf(ip) === AF_INET ? ANY[4] : ANY[6];
      const size = writeSockaddr(this.#memory.view, { ip: any, port: PORT_FIRST + this.#next });
      this.#next = (this.#next + 1) % PORT_COUNT;
      if (c.bind(fd, this.#memory.address, size) !== 0) return this.libc.errno();
    }
    const size = writeSockaddr(this.#memory.view, { ip, port });
    if (c.connect(fd, this.#memory.address, size) === 0) return 0;
    const errno = this.libc.errno();
    return errno === EINPROGRESS ? 0 : errno;
  }
}
