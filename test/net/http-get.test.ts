import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';

let root: string;
let server: Server;
const names: (string | false | null)[] = [];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'resolagent-tls-'));
  const subject = [
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost',
    '-days',
    '2',
    '-nodes',
  ];
  const made = Bun.spawnSync([
    'openssl',
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    ...subject,
    '-keyout',
    join(root, 'key.pem'),
    '-out',
    join(root, 'cert.pem'),
  ]);
  expect(made.exitCode).toBe(0);
  const pem = (name: string) => readFileSync(join(root, name));
  server = createServer({ key: pem('key.pem'), cert: pem('cert.pem') }, (socket) => {
    names.push(socket.servername ?? null);
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\nover-tls.test'));
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
  rmSync(root, { recursive: true, force: true });
});

/** Makes a request in a process of its own, since which certificates are trusted is settled when a process starts. */
function fetchWith(host: string, trusted: boolean): Promise<string> {
  const url = `https://${host}:${(server.address() as AddressInfo).port}/`;
  const module = join(import.meta.dir, '../../src/net/http-get.ts');
  const program = `
    const { httpGet } = await import(${JSON.stringify(module)});
    try {
      const signal = new AbortController().signal;
      const { body } = await httpGet(new URL(${JSON.stringify(url)}), { headers: {}, addresses: ['127.0.0.1'], connectMs: 5000, idleMs: 5000, signal });
      for await (const piece of body) process.stdout.write(piece);
    } catch (error) {
      process.stdout.write('error: ' + error.message);
    }
    process.exit(0);`;
  const env = { ...process.env, ...(trusted ? { NODE_EXTRA_CA_CERTS: join(root, 'cert.pem') } : {}) };
  const child = Bun.spawn([process.execPath, '-e', program], { env, stdout: 'pipe', stderr: 'inherit' });
  return child.stdout.text();
}

test('downloads over TLS and names the server in the handshake, though it dials an address', async () => {
  expect(await fetchWith('localhost', true)).toBe('over-tls.test');
  expect(names.at(-1)).toBe('localhost');
});

test('refuses a certificate that nobody vouches for', async () => {
  expect(await fetchWith('localhost', false)).toMatch(
    /^error: cannot connect to localhost:\d+: .*certificate/,
  );
});

test('refuses a certificate of another name', async () => {
  expect(await fetchWith('127.0.0.1', true)).toMatch(/^error: cannot connect to 127\.0\.0\.1:\d+: /);
});
