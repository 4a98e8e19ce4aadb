// A listener that keeps what it accepts, and clients that talk in lines.
import { readdirSync } from 'node:fs';
import type { Socket } from 'bun';
import type { Ip } from '../../../src/model/brand.ts';
import type { Endpoint } from '../../../src/model/endpoint.ts';
import type { LinuxLibc } from '../../../src/system/libc.ts';
import { listenSocket } from '../../../src/system/listen-socket.ts';

/** Both ends of a connection, as the client sees them. */
interface Ends {
  readonly client: Endpoint;
  readonly dst: Endpoint;
}

export class Accepting {
  readonly port: number;
  readonly #server: { stop(closeAll: boolean): void };
  readonly #ready: Ends[] = [];
  readonly #waiting: ((ends: Ends) => void)[] = [];
  readonly #sockets: Socket[] = [];

  constructor(
    libc: LinuxLibc,
    private readonly ip = '127.0.0.1',
  ) {
    const listening = listenSocket(libc, ip as Ip, 0);
    if (!listening.ok) throw new Error(listening.errno);
    this.port = listening.local.port;
    const socket = { open: (accepted: Socket) => this.#open(accepted), data: () => {} };
    this.#server = Bun.listen({ fd: listening.fd, allowHalfOpen: true, socket } as never);
  }

  /** The next connection, the oldest first. */
  next(): Promise<Ends> {
    const ends = this.#ready.shift();
    if (ends !== undefined) return Promise.resolve(ends);
    const { promise, resolve } = Promise.withResolvers<Ends>();
    this.#waiting.push(resolve);
    return promise;
  }

  local(port: number): Endpoint {
    return { ip: this.ip as Ip, port };
  }

  /** Closes what was accepted so far. */
  forget(): void {
    for (const socket of this.#sockets.splice(0)) socket.terminate();
  }

  close(): void {
    this.forget();
    this.#server.stop(true);
  }

  #open(socket: Socket): void {
    // Reads nothing, so that what a client sends stays in its queue.
    socket.pause();
    this.#sockets.push(socket);
    const ends = { client: this.local(socket.remotePort), dst: this.local(this.port) };
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#ready.push(ends);
    else waiting(ends);
  }
}

export class Client {
  readonly #child;
  readonly #reader;
  #rest = '';

  constructor(command: readonly string[]) {
    this.#child = Bun.spawn([...command], { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' });
    this.#reader = this.#child.stdout.getReader();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** The next line it prints: two numbers, its port and its pid. */
  async line(): Promise<number[]> {
    while (!this.#rest.includes('\n')) {
      const { done, value } = await this.#reader.read();
      if (done) throw new Error('the client ended');
      this.#rest += new TextDecoder().decode(value);
    }
    const line = this.#rest.slice(0, this.#rest.indexOf('\n'));
    this.#rest = this.#rest.slice(line.length + 1);
    return line.split(' ').map(Number);
  }

  say(line: string): void {
    this.#child.stdin.write(`${line}\n`);
    void this.#child.stdin.flush();
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#child.exited;
    await this.#reader.cancel();
  }
}

/** How many descriptors this process has open. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
