import { randomInt } from 'node:crypto';
import { closeSync } from 'node:fs';
import type { Socket, TCPSocketListener } from 'bun';
import type { Ip } from '../model/brand.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { proxyPorts } from '../model/intercept-plan.ts';
import type { Flow } from './flow.ts';
import { listenOn } from './listener.ts';

/** Where the proxy listens. The link-local one is a second path for IPv6 on macOS; Linux has none. */
export type LoopbackHost = '127.0.0.1' | '::1' | 'fe80::1%lo0';

/** A listening descriptor on loopback, or why there is none. */
export type LoopbackListener =
  | { readonly ok: true; readonly fd: number }
  | { readonly ok: false; readonly errno: string };

/** The system's part in listening. */
export interface ListenerSockets {
  listen(host: LoopbackHost, port: number): LoopbackListener;
  /** Lets more connections wait at a listener that Bun has adopted than Bun does. */
  widen(fd: number): void;
  /** How many packets a listener turned away because too many connections waited; null when the system does not tell. */
  turnedAway(fd: number): number | null;
}

/** When none of `proxyPorts` is free, somebody takes ports on purpose, and cannot know these. */
const RANDOM_PORTS = { tries: 32, min: 10_000, max: 65_535 };

/** What is listened on, once it is. */
export interface Listening {
  readonly port: number;
  /** False when the machine has no IPv6. */
  readonly ipv6: boolean;
}

/** Takes a connection that came to `local`; null when it is refused. */
export type Accept = (socket: Socket<Flow | null>, peer: Endpoint, local: Endpoint) => Flow | null;

/** The listening sockets that the kernel redirects to. */
export class Listeners {
  readonly #open: TCPSocketListener<Flow | null>[] = [];
  readonly #fds: number[] = [];
  /** Connections whose program gave up before they were accepted. */
  gone = 0;

  constructor(
    private readonly sockets: ListenerSockets,
    /** The file that `proxy.port` is set in, for the error. */
    private readonly configPath: string,
    private readonly notice: (text: string) => void,
    private readonly accept: Accept,
  ) {}

  /**
   * Listens on both loopback addresses of one port, the configured one or another when that is taken: who takes ports must not keep
   * the firewall from starting. Throws a sentence when IPv4 cannot.
   */
  open(configured: number): Listening {
    const { tries, min, max } = RANDOM_PORTS;
    const random = Array.from({ length: tries }, () => randomInt(min, max + 1));
    for (const port of [...proxyPorts(configured), ...random]) {
      const ipv6 = this.#openBoth(port);
      if (ipv6 === null) continue;
      if (port !== configured)
        this.notice(`port ${configured} (proxy.port) is taken by another program: ${port} is used instead`);
      if (process.platform === 'darwin') this.#openLinkLocal(port);
      return { port, ipv6 };
    }
    throw this.#cannot(`127.0.0.1:${configured}, nor on any other port that was tried`, 'EADDRINUSE');
  }

  /** Whether IPv6 is listened on too; null when the port is taken in one of the families. */
  #openBoth(port: number): boolean | null {
    const v4 = this.sockets.listen('127.0.0.1', port);
    if (!v4.ok) {
      if (v4.errno === 'EADDRINUSE') return null;
      throw this.#cannot(`127.0.0.1:${port}`, v4.errno);
    }
    const v6 = this.sockets.listen('::1', port);
    if (!v6.ok && v6.errno === 'EADDRINUSE') {
      closeSync(v4.fd);
      return null;
    }
    this.#take(v4.fd);
    if (v6.ok) this.#take(v6.fd);
    else this.notice(`no IPv6 listener (${v6.errno}): IPv6 connections are refused`);
    return v6.ok;
  }

  /** Packets turned away because too many connections waited to be accepted; null when the system does not tell. */
  turnedAway(): number | null {
    let sum = 0;
    for (const fd of this.#fds) {
      const turnedAway = this.sockets.turnedAway(fd);
      if (turnedAway === null) return null;
      sum += turnedAway;
    }
    return sum;
  }

  close(): void {
    this.#fds.length = 0;
    for (const listener of this.#open) listener.stop();
  }

  /** The second path for IPv6 that pf may need; without it IPv6 is refused if the first does not work. */
  #openLinkLocal(port: number): void {
    const local = this.sockets.listen('fe80::1%lo0', port);
    if (local.ok) this.#take(local.fd);
  }

  /** Accepts what comes to a listening descriptor. */
  #take(fd: number): void {
    // A listener has one address, so what the first accepted socket says of its own end holds for all.
    let local: Endpoint | null = null;
    const onAccept = (socket: Socket<Flow | null>): Flow | null => {
      const ip = socket.remoteAddress;
      if (local === null && socket.localAddress !== undefined) {
        local = endpoint(socket.localAddress, socket.localPort);
      }
      // The program gave up before we looked: nothing is known of the connection, and nothing has happened.
      if (ip === undefined || local === null) {
        this.gone++;
        socket.terminate();
        return null;
      }
      return this.accept(socket, endpoint(ip, socket.remotePort), local);
    };
    this.#open.push(listenOn(fd, onAccept));
    this.#fds.push(fd);
    this.sockets.widen(fd);
  }

  #cannot(address: string, errno: string): Error {
    return new Error(`cannot listen on ${address} (${errno}); set proxy.port in ${this.configPath}`);
  }
}

function endpoint(ip: string, port: number | undefined): Endpoint {
  return { ip: ip as Ip, port: port ?? 0 };
}
