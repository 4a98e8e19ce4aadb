import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate authority of a test's own, and a certificate of it for localhost. Needs openssl. */
export class TestCa {
  readonly #root = mkdtempSync(join(tmpdir(), 'resolagent-ca-'));
  readonly ca: string;
  readonly cert: string;
  readonly key: string;

  constructor() {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    this.#openssl('req', '-x509', ...key, '-subj', '/CN=Test CA', '-keyout', 'ca.key', '-out', 'ca.pem');
    const issuer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', 'subjectAltName=DNS:localhost'];
    this.#openssl(
      'req',
      '-x509',
      ...key,
      '-subj',
      '/CN=localhost',
      ...issuer,
      '-keyout',
      'key.pem',
      '-out',
      'cert.pem',
    );
    this.ca = this.#read('ca.pem');
    this.cert = this.#read('cert.pem');
    this.key = this.#read('key.pem');
  }

  close(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }

  #openssl(...args: string[]): void {
    const made = Bun.spawnSync(['openssl', ...args], { cwd: this.#root, stderr: 'pipe' });
    if (made.exitCode !== 0) throw new Error(`openssl ${args[0]} failed: ${made.stderr.toString()}`);
  }

  #read(name: string): string {
    return readFileSync(join(this.#root, name), 'utf8');
  }
}

/** What a registry answers: a whole response, or nothing for as long as it likes. */
export type Handler = (request: Request) => Response | Promise<Response>;

/** An RDAP registry on loopback, over TLS, that answers each path as the test says; 404 for the rest. */
export class RegistryServer {
  readonly #server: ReturnType<typeof Bun.serve>;
  readonly #handlers = new Map<string, Handler>();
  readonly asked: string[] = [];

  constructor({ cert, key }: TestCa) {
    this.#server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      tls: { cert, key },
      idleTimeout: 10,
      fetch: (request) => {
        const { pathname } = new URL(request.url);
        this.asked.push(pathname);
        return this.#handlers.get(pathname)?.(request) ?? new Response('', { status: 404 });
      },
    });
  }

  get origin(): string {
    return `https://localhost:${this.#server.port}`;
  }

  on(path: string, handler: Handler): void {
    this.#handlers.set(path, handler);
  }

  json(path: string, value: unknown, headers: Record<string, string> = {}): void {
    this.on(path, () =>
      Response.json(value, { headers: { 'content-type': 'application/rdap+json', ...headers } }),
    );
  }

  /** How often a path was asked for. */
  count(path: string): number {
    return this.asked.filter((asked) => asked === path).length;
  }

  async close(): Promise<void> {
    await this.#server.stop(true);
  }
}

/** A WHOIS server on loopback (RFC 3912): gives the line it was sent to the test, which writes what it likes. */
export class WhoisServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly lines: string[] = [];
  answer: (socket: Socket, line: string) => void = (socket) => socket.end();

  constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
      let text = '';
      socket.on('data', (bytes) => {
        text += bytes.toString();
        if (!text.endsWith('\r\n')) return;
        this.lines.push(text.slice(0, -2));
        this.answer(socket, text.slice(0, -2));
      });
    });
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}
