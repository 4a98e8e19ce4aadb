import { expect, test } from 'bun:test';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { hello, latin1, serverName } from '../sniff/hello.ts';
import type { TestProxy } from './harness.ts';
import { client, echo, errorOf, GET, proxy, readAll, server } from './real-sockets.ts';

const QUICK = { proxy: { sniffWaitMs: 20 } };
const HELLO = Buffer.from(hello({ extensions: [serverName('evil.example')] }));

interface Heard {
  readonly p: TestProxy;
  /** What the server got. */
  bytes: Buffer;
}

/** A proxy in front of a server that keeps what it hears, and greets if it is told to. */
async function listening(greeting = '', config: object = QUICK): Promise<Heard> {
  const heard = { bytes: Buffer.alloc(0) } as { p: TestProxy; bytes: Buffer };
  const real = await server((socket) => {
    if (greeting !== '') socket.write(greeting);
    socket.on('data', (data: Buffer) => {
      heard.bytes = Buffer.concat([heard.bytes, data]);
      socket.write('ok');
    });
  });
  heard.p = proxy(real, { config });
  heard.p.names.set('a.example', ['127.0.0.1']);
  heard.p.rule('block', 'evil.example');
  return heard;
}

/** Says something and waits for the server's word. */
async function say(socket: Socket, text: string | Buffer): Promise<void> {
  const answered = once(socket, 'data');
  socket.write(text);
  await answered;
}

test('a later request for another host ends the connection before a byte of it has passed', async () => {
  const heard = await listening();
  const socket = await client(heard.p.port);
  await say(socket, GET('a.example'));
  await say(socket, GET('A.example.:80'));
  const ended = errorOf(socket);
  socket.write(GET('b.example'));
  expect(await ended).toBe('ECONNRESET');
  expect(heard.bytes.toString()).toBe(GET('a.example') + GET('A.example.:80'));
  const record = await heard.p.until((r) => r.state === 'refused');
  expect(record).toMatchObject({
    target: { host: 'a.example' },
    effect: 'reset',
    verdict: { kind: 'block', stage: 'name', reason: 'another_host' },
  });
  expect(record.verdict.evidence[0]?.text).toContain('b.example');
});

test('a second request in the first piece is read too', async () => {
  const heard = await listening();
  const socket = await client(heard.p.port);
  const ended = errorOf(socket);
  socket.write(GET('a.example') + GET('evil.example'));
  expect(await ended).toBe('ECONNRESET');
  expect(heard.bytes.toString()).not.toContain('evil');
});

test('a first request that takes longer than its time is read to its end, and what comes behind it too', async () => {
  const heard = await listening('', { proxy: { sniffWaitMs: 20, sniffTimeoutMs: 100 } });
  const socket = await client(heard.p.port);
  const [head, end] = ['GET / HTTP/1.1\r\nHost: a.example\r\n', 'X: y\r\n\r\n'];
  await say(socket, head);
  await say(socket, end);
  const ended = errorOf(socket);
  socket.write(GET('evil.example'));
  expect(await ended).toBe('ECONNRESET');
  expect(heard.bytes.toString()).toBe(head + end);
});

test('permissive mode lets a later request for another host pass', async () => {
  const heard = await listening('', { ...QUICK, policy: { mode: 'permissive' } });
  const socket = await client(heard.p.port);
  await say(socket, GET('a.example'));
  await say(socket, GET('evil.example'));
  expect(heard.bytes.toString()).toBe(GET('a.example') + GET('evil.example'));
});

test('each request to a proxy is decided by the host it is for', async () => {
  const heard = await listening();
  const socket = await client(heard.p.port);
  const asked = (host: string) => `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  await say(socket, asked('a.example'));
  await say(socket, asked('b.example'));
  const ended = errorOf(socket);
  socket.write(asked('evil.example'));
  expect(await ended).toBe('ECONNRESET');
  expect(heard.bytes.toString()).not.toContain('evil');
  expect(await heard.p.until((r) => r.state === 'refused')).toMatchObject({
    verdict: { kind: 'block', reason: 'rule' },
  });
});

const STARTTLS = 'EHLO me\r\nSTARTTLS\r\n';
const BEFORE_HELLO: readonly (readonly [string, string, Buffer])[] = [
  ['STARTTLS', '220 mail\r\n', Buffer.from(STARTTLS)],
  ['a MySQL SSLRequest', '\u000a8.0', Buffer.from([0x20, 0, 0, 1, 5, 0xae, 3, 0, ...new Uint8Array(28)])],
  ['a Postgres SSLRequest', '', Buffer.from([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f])],
  ['CONNECT', '', Buffer.from('CONNECT 192.0.2.1:443 HTTP/1.1\r\n\r\n')],
  ['SOCKS 5', '', Buffer.from([5, 1, 0])],
];

test.each(BEFORE_HELLO)('a hello behind %s names whom it can block', async (_, greeting, before) => {
  const heard = await listening(greeting);
  const socket = await client(heard.p.port);
  if (greeting !== '') await once(socket, 'data');
  await say(socket, before);
  const ended = errorOf(socket);
  socket.write(HELLO);
  expect(await ended).toBe('ECONNRESET');
  expect(heard.bytes.equals(before)).toBe(true);
  expect(await heard.p.until((r) => r.state === 'refused')).toMatchObject({
    sniff: { sni: 'evil.example' },
    verdict: { kind: 'block', reason: 'rule' },
  });
});

test('a hello behind STARTTLS that may pass does, and its name is written down', async () => {
  const heard = await listening('220 mail\r\n');
  const socket = await client(heard.p.port);
  await once(socket, 'data');
  await say(socket, STARTTLS);
  const good = Buffer.from(hello({ extensions: [serverName('a.example')] }));
  await say(socket, good);
  expect(heard.bytes.equals(Buffer.concat([Buffer.from(STARTTLS), good]))).toBe(true);
  expect(await heard.p.until((r) => r.sniff.sni !== null)).toMatchObject({
    state: 'open',
    sniff: { protocol: 'silent', sni: 'a.example' },
  });
});

test('a name asked of a SOCKS proxy can be blocked', async () => {
  const heard = await listening();
  const socket = await client(heard.p.port);
  await say(socket, Buffer.from([5, 1, 0]));
  const ended = errorOf(socket);
  socket.write(Buffer.from([5, 1, 0, 3, 12, ...latin1('evil.example'), 1, 0xbb]));
  expect(await ended).toBe('ECONNRESET');
  expect(heard.bytes.length).toBe(3);
});

test('a PROXY line does not hide whom the hello behind it names', async () => {
  const real = await server(echo);
  const p = proxy(real, { config: QUICK });
  p.rule('block', 'evil.example');
  const socket = await client(p.port);
  socket.write(Buffer.concat([Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 1 443\r\n'), HELLO]));
  expect(await errorOf(socket)).toBe('ECONNRESET');
  expect(real.connections).toBe(0);
});

test.each(['q', 'P', 'L', 'PO'])(
  '%p waits no longer than silence, and is still read when it goes on',
  async (start) => {
    const heard = await listening('', { proxy: { sniffWaitMs: 20, sniffTimeoutMs: 60_000 } });
    const socket = await client(heard.p.port);
    await say(socket, start);
    expect(heard.bytes.toString()).toBe(start);
    const ended = errorOf(socket);
    socket.write(`ST / HTTP/1.1\r\nHost: evil.example\r\n\r\n`);
    expect(await ended).toBe('ECONNRESET');
    expect(heard.bytes.toString()).toBe(start);
  },
);

test('bytes that may become a request are passed on after a moment', async () => {
  const heard = await listening();
  const socket = await client(heard.p.port);
  await say(socket, GET('a.example'));
  await say(socket, 'abc');
  await say(socket, 'def');
  expect(heard.bytes.toString()).toBe(`${GET('a.example')}abcdef`);
});

test('a request that stops in the middle is ended and not passed', async () => {
  const heard = await listening('', { proxy: { sniffWaitMs: 20, sniffTimeoutMs: 200 } });
  const socket = await client(heard.p.port);
  await say(socket, GET('a.example'));
  const ended = errorOf(socket);
  socket.write('GET / HTTP/1.1\r\nHost: ev');
  expect(await ended).toBe('ECONNRESET');
  expect(heard.bytes.toString()).toBe(GET('a.example'));
  expect(await heard.p.until((r) => r.state === 'refused')).toMatchObject({
    verdict: { kind: 'block', reason: 'unreadable_name' },
  });
});

test('a body that ends with the connection passes whole', async () => {
  const real = await server(echo);
  const p = proxy(real, { config: QUICK });
  p.names.set('a.example', ['127.0.0.1']);
  const socket = await client(p.port);
  const request = `POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(200_000)}`;
  socket.end(`${request}${GET('a.example')}tail`);
  expect((await readAll(socket)).toString()).toBe(`${request}${GET('a.example')}tail`);
});
