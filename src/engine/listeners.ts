import type { Socket, TCPSocketListener } from 'bun';
import type { Endpoint } from '../intercept/interceptor.ts';
import type { Ip } from '../model/brand.ts';
import type { EngineOptions } from './engine.ts';
import type { Flow } from './flow.ts';
import { listenOn } from './listener.ts';

/** Takes a connection that came to `local`; null when it is refused. */
export type Accept = (socket: Socket<Flow | null>, peer: Endpoint, local: Endpoint) => Flow | null;

/** The listening sockets that the kernel redirects to. */
export class Listeners {
  readonly #open: TCPSocketListener<Flow | null>[] = [];

  constructor(
    private readonly options: Pick<EngineOptions, 'platform' | 'paths' | 'notice'>,
    private readonly accept: Accept,
  ) {}

  /** Listens on both loopback addresses; throws a sentence when IPv4 cannot. True when IPv6 can too. */
  open(port: number): boolean {
    const { platform, notice } = this.options;
    const v4 = platform.listen('127.0.0.1', port);
    if (!v4.ok) throw this.#inUse(`127.0.0.1:${port}`, v4.errno);
    this.#take(v4.fd);
    const v6 = platform.listen('::1', port);
    if (v6.ok) this.#take(v6.fd);
    else if (v6.errno === 'EADDRINUSE') throw this.#inUse(`[::1]:${port}`, v6.errno);
    else notice(`no IPv6 listener (${v6.errno}): IPv6 connections are refused`);
    if (process.platform === 'darwin') this.#openLinkLocal(port);
    return v6.ok;
  }

  close(): void {
    for (const listener of this.#open) listener.stop();
  }

  /** The second path for IPv6 that pf may need; without it IPv6 is refused if the first does not work. */
  #openLinkLocal(port: number): void {
    const local = this.options.platform.listen('fe80::1%lo0', port);
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
        socket.terminate();
        return null;
      }
      return this.accept(socket, endpoint(ip, socket.remotePort), local);
    };
    this.#open.push(listenOn(fd, onAccept));
    this.options.platform.widen(fd);
  }

  #inUse(address: string, errno: string): Error {
    return new Error(
      `cannot listen on ${address} (${errno}); set proxy.port in ${this.options.paths.config}`,
    );
  }
}

function endpoint(ip: string, port: number | undefined): Endpoint {
  return { ip: ip as Ip, port: port ?? 0 };
}
