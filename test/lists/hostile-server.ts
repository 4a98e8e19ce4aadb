import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';

/** What a request looked like. */
export interface Seen {
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** Writes whatever it likes to the connection that made a request. */
export type Answer = (socket: Socket, seen: Seen) => void;

/** A server on loopback that answers each path with bytes of the test's choosing, right or wrong. */
export class HostileServer {
  readonly #server: Server;
  readonly #answers = new Map<string, Answer>();
  readonly #sockets = new Set<Socket>();
  readonly seen: Seen[] = [];

  constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  on(path: string, answer: Answer): string {
    this.#answers.set(path, answer);
    return this.url(path);
  }

  /** A whole, well-formed answer. */
  serve(path: string, body: string | Uint8Array, headers: Record<string, string> = {}, status = 200): string {
    return this.on(path, (socket) => {
      const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
      socket.write(head(status, { 'content-length': String(bytes.length), ...headers }));
      socket.end(bytes);
    });
  }

  /** Holds the answer of a path back until `open`; `asked` settles when somebody waits for it. */
  hold(path: string): { readonly asked: Promise<void>; open(): void } {
    const answer = this.#answers.get(path);
    const asked = Promise.withResolvers<void>();
    const opened = Promise.withResolvers<void>();
    this.on(path, (socket, seen) => {
      asked.resolve();
      void opened.promise.then(() => answer?.(socket, seen));
    });
    return { asked: asked.promise, open: opened.resolve };
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let text = '';
    socket.on('data', (bytes) => {
      const asked = text.includes('\r\n\r\n');
      text += bytes.toString('latin1');
      if (asked || !text.includes('\r\n\r\n')) return;
      const [first = '', ...lines] = text.split('\r\n');
      const path = first.split(' ')[1] ?? '';
      const headers = new Map(
        lines.filter((line) => line.includes(': ')).map((line) => line.split(': ') as [string, string]),
      );
      const seen = { path, headers };
      this.seen.push(seen);
      const answer = this.#answers.get(path);
      if (answer === undefined) socket.end(head(404, { 'content-length': '0' }));
      else answer(socket, seen);
    });
  }
}

/** Status line and headers. */
export function head(status: number, headers: Record<string, string>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Whatever\r\n${lines.join('')}\r\n`;
}
