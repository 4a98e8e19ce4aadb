import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { ToolContext, ToolNetwork } from '../../../src/judge/tools/tool.ts';
import type { Host, Ip, RegistrableDomain } from '../../../src/model/brand.ts';
import { type Made, Workshop } from './workshop.ts';

/** A request as a server saw it. */
export interface Seen {
  readonly url: string;
  readonly headers: readonly string[];
}

/** Writes whatever it likes to the connection that made a request. */
export type Answer = (socket: Socket) => void;

/** Web servers on loopback, with and without TLS, that play every host of a test's internet, well or badly. */
export class OwnerWorld {
  readonly workshop = new Workshop();
  readonly #answers = new Map<string, Answer>();
  readonly #sockets = new Set<Socket>();
  readonly #plain: Server;
  readonly #secure: ReturnType<typeof createTlsServer>;
  readonly seen: Seen[] = [];
  /** Connections that were accepted, by the name in the handshake; empty for plain ones. */
  readonly accepted: string[] = [];
  /** What the lists say. */
  readonly listed = new Map<string, string>();
  /** Names that were resolved. */
  readonly resolved: string[] = [];
  readonly addresses = new Map<string, readonly string[]>();

  private constructor() {
    const made = this.workshop.make({
      subject: '/CN=shop.test',
      names: ['shop.test', '*.shop.test', 'other.test', '*.other.test', 'listed.test'].map((n) => `DNS:${n}`),
    });
    this.#plain = createServer((socket) => this.#serve(socket, 'http'));
    this.#secure = createTlsServer({ ...made, ALPNProtocols: ['http/1.1'] }, (socket) => {
      this.#serve(socket, 'https');
    });
    this.#secure.on('tlsClientError', () => {});
  }

  static async start(): Promise<OwnerWorld> {
    const world = new OwnerWorld();
    for (const server of [world.#plain, world.#secure])
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return world;
  }

  /** Gives a host a certificate of its own. */
  certify(host: string, made: Made): void {
    this.#secure.addContext(host, made);
  }

  /** How tools reach this internet: every name is on loopback unless `addresses` says otherwise. */
  get network(): ToolNetwork {
    return {
      allowPrivate: true,
      ca: this.workshop.ca,
      ports: new Map([
        [80, portOf(this.#plain)],
        [443, portOf(this.#secure)],
      ]),
      resolve: async (name) => {
        this.resolved.push(name);
        return this.addresses.get(name) ?? ['127.0.0.1'];
      },
      blocked: (host: Host | null, ip: Ip | null) => this.listed.get(ip ?? host ?? '') ?? null,
    };
  }

  on(url: string, answer: Answer): void {
    this.#answers.set(url, answer);
  }

  /** A whole, well-formed answer. */
  page(url: string, body: string | Uint8Array, headers: Record<string, string> = {}, status = 200): void {
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    const all = {
      'content-type': 'text/html; charset=utf-8',
      'content-length': String(bytes.length),
      ...headers,
    };
    this.on(url, (socket) => {
      socket.write(head(status, all));
      socket.end(bytes);
    });
  }

  redirect(url: string, location: string, status = 302): void {
    this.page(url, '', { location }, status);
  }

  /** Forgets what was seen. */
  clear(): void {
    for (const list of [this.seen, this.accepted, this.resolved]) list.length = 0;
    this.listed.clear();
    this.addresses.clear();
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#sockets.size;
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#plain.close();
    this.#secure.close();
    this.workshop.close();
  }

  #serve(socket: Socket, scheme: 'http' | 'https'): void {
    this.accepted.push((socket as { servername?: string }).servername ?? '');
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let text = '';
    socket.on('data', (bytes: Uint8Array) => {
      const asked = text.includes('\r\n\r\n');
      text += Buffer.from(bytes).toString('latin1');
      if (asked || !text.includes('\r\n\r\n')) return;
      const [first = '', ...headers] = text.trimEnd().split('\r\n');
      const host = headers.find((line) => line.startsWith('host: '))?.slice(6) ?? '';
      const url = `${scheme}://${host}${first.split(' ')[1]}`;
      this.seen.push({ url, headers });
      const answer = this.#answers.get(url);
      if (answer === undefined) socket.end(head(404, { 'content-length': '0' }));
      else answer(socket);
    });
  }
}

/** Status line and headers. */
export function head(status: number, headers: Record<string, string>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Whatever\r\n${lines.join('')}\r\n`;
}

/** An inquiry about `shop.test`; what it learned may be asked about too. */
export function inquiry(): ToolContext & { readonly learned: ReadonlySet<string> } {
  const learned = new Set<string>();
  return {
    host: 'www.shop.test' as Host,
    domain: 'shop.test' as RegistrableDomain,
    app: { name: null, path: null },
    mayAsk: (host) => host === 'shop.test' || host.endsWith('.shop.test') || learned.has(host),
    learn: (host) => learned.add(host),
    learned,
  };
}

function portOf(server: { address(): AddressInfo | string | null }): number {
  return (server.address() as AddressInfo).port;
}
