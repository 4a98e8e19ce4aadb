import { afterAll, beforeAll, expect, test } from 'bun:test';
import { createServer, type Socket } from 'node:net';
import { daysFromNow, type Made, type Order, Workshop } from '../tools/workshop.ts';
import {
  ALLOW,
  answerTo,
  askOnce,
  failureOf,
  head,
  type RawServer,
  rawServer,
  SAYING,
  saying,
} from './model-server.ts';

const error = (message: string): string => JSON.stringify({ error: { message, type: 'x', code: null } });

const STATUSES: readonly [number, string, string, string, string[]?][] = [
  [400, error('no model is loaded'), 'bad_request', 'HTTP 400: no model is loaded'],
  [401, error('incorrect API key'), 'refused', 'HTTP 401: incorrect API key'],
  [402, error('add credits'), 'rate_limited', 'HTTP 402: add credits'],
  [403, '{"detail":"not for you"}', 'refused', 'HTTP 403: not for you'],
  [404, error('the model `m` does not exist'), 'bad_request', 'HTTP 404: the model `m` does not exist'],
  [404, '404 page not found\n', 'bad_request', 'HTTP 404: 404 page not found'],
  [408, '', 'server_error', 'HTTP 408: no reason given'],
  [413, '<html><head><title>Too large</title></head>', 'bad_request', 'HTTP 413: Too large'],
  [418, '{"error":"teapot"}', 'bad_request', 'HTTP 418: teapot'],
  [429, error('slow down'), 'rate_limited', 'HTTP 429: slow down'],
  [429, error('slow down'), 'rate_limited', 'HTTP 429: it asks to wait 20 s; slow down', ['retry-after: 20']],
  [
    429,
    '',
    'rate_limited',
    'HTTP 429: it asks to wait 0 s; no reason given',
    ['retry-after: Thu, 01 Jan 2015 00:00:00 GMT'],
  ],
  [429, '', 'rate_limited', 'HTTP 429: no reason given', ['retry-after: soon']],
  [500, '{"code":500,"message":"failed to decode"}', 'server_error', 'HTTP 500: failed to decode'],
  [500, '{"detail":[{"loc":["a"],"msg":"bad a"},{"msg":"bad b"}]}', 'server_error', 'HTTP 500: bad a'],
  [500, '{"detail":{"nothing":1}}', 'server_error', 'HTTP 500: no reason given'],
  [500, '\u001b[2J\u202eevil\r\n  and   more', 'server_error', 'HTTP 500: ·[2J·evil and more'],
  [502, '<h1>Bad Gateway</h1><hr>nginx', 'server_error', 'HTTP 502: Bad Gateway nginx'],
  [503, error('Loading model'), 'server_error', 'HTTP 503: Loading model'],
  [599, 'x'.repeat(5_000), 'server_error', `HTTP 599: ${'x'.repeat(189)}…`],
  [666, 'x', 'server_error', 'HTTP 666: x'],
];

test.each(STATUSES)('HTTP %i with %j is told as what it is', async (status, body, why, detail, more = []) => {
  const answer = await answerTo(saying(body, 'application/json', status, more));
  expect(failureOf(answer)).toEqual([why, detail]);
  expect(answer.tokens).toEqual({ prompt: 0, completion: 0 });
});

test.each([301, 302, 303, 307, 308])(
  'a redirect by %i is told, not followed, and the key does not travel',
  async (status) => {
    const other = await rawServer(saying(SAYING(ALLOW)));
    const server = await rawServer(saying('', '', status, [`location: ${other.apiUrl}/chat/completions`]));
    const answer = await askOnce(server.apiUrl, { apiKey: 'sk-stays-where-it-is' });
    const detail = `HTTP ${status}: it redirects to ${other.apiUrl}/chat/completions; set judge.apiUrl to where the API is`;
    expect(failureOf(answer)).toEqual(['bad_request', detail]);
    expect(server.requests).toHaveLength(1);
    expect(other.requests).toHaveLength(0);
    await other.close();
    await server.close();
  },
);

test('the key is sent as a bearer to the server alone, and no header of it where there is none', async () => {
  const server = await rawServer(saying(SAYING(ALLOW)));
  await askOnce(server.apiUrl, { apiKey: 'sk-one' });
  await askOnce(`${server.apiUrl}/`, { apiKey: null });
  await askOnce(`${server.apiUrl}//`, { apiKey: null });
  const [first, ...others] = server.requests.map((request) => request.head);
  expect(first).toMatch(/^POST \/v1\/chat\/completions HTTP\/1\.1\r\n/);
  expect(first).toMatch(/^authorization: Bearer sk-one$/im);
  for (const other of others) {
    expect(other).toMatch(/^POST \/v1\/chat\/completions HTTP\/1\.1\r\n/);
    expect(other).not.toMatch(/authorization|bearer|api-key/i);
  }
  const names = others[0]
    ?.split('\r\n')
    .slice(1)
    .map((line) => line.replace(/:.*/, '').toLowerCase());
  expect(names?.sort()).toEqual([
    'accept',
    'accept-encoding',
    'connection',
    'content-length',
    'content-type',
    'host',
    'user-agent',
  ]);
  await server.close();
});

const STRANGE = /: what listens there does not speak HTTP/;
const CLOSED = /: it closed the connection without an answer \(ECONNRESET\)$/;
const GREETINGS: readonly [string, string, string, RegExp][] = [
  ['speaks SSH', 'SSH-2.0-OpenSSH_9.6\r\n', 'unreachable', STRANGE],
  ['speaks SMTP', '220 mail.example ESMTP\r\n', 'unreachable', STRANGE],
  [
    'changes the protocol',
    'HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    'unreachable',
    STRANGE,
  ],
  ['speaks HTTP/0.9', 'hello\n', 'broken', CLOSED],
  ['sends bytes of no kind', '\u0000\u0001\u0002\u0003\r\n\r\n', 'broken', CLOSED],
  ['ends within its head', 'HTTP/1.1 200 OK\r\nx: y', 'broken', CLOSED],
  ['closes at once', '', 'broken', CLOSED],
];

test.each(GREETINGS)('what listens there %s, and that is told', async (_, greeting, why, told) => {
  for (const options of [{}, { greet: (socket: Socket) => socket.write(greeting) }]) {
    const server = await rawServer((socket) => socket.end('greet' in options ? '' : greeting), options);
    const answer = await askOnce(server.apiUrl);
    expect(failureOf(answer)).toEqual([why, expect.stringMatching(told)]);
    await server.idle();
    await server.close();
  }
});

test('a server that takes the connection and resets it is not one that is gone', async () => {
  const answer = await answerTo((socket) => socket.resetAndDestroy());
  expect(failureOf(answer)).toEqual(['broken', expect.stringMatching(CLOSED)]);
});

test('a server that is not there is told so, by name, IPv4 and IPv6', async () => {
  const gone = await rawServer(() => undefined);
  await gone.close();
  for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
    const answer = await askOnce(`http://${host}:${gone.port}/v1`);
    expect(failureOf(answer)).toEqual([
      'unreachable',
      `${host}:${gone.port}: nothing listens there (ECONNREFUSED)`,
    ]);
  }
  const answer = await askOnce('http://no-such-host.invalid/v1');
  expect(failureOf(answer)).toEqual([
    'unreachable',
    expect.stringMatching(/^no-such-host\.invalid: its name cannot be resolved/),
  ]);
});

test('an address of IPv6 is asked, and localhost wherever the server listens', async () => {
  for (const host of ['::1', '127.0.0.1']) {
    const server = await rawServer(saying(SAYING(ALLOW)), { host });
    for (const url of [server.apiUrl, `http://localhost:${server.port}/v1`]) {
      expect(await askOnce(url)).toMatchObject({ kind: 'reply', reply: { verdict: 'allow' } });
    }
    await server.close();
  }
});

let workshop: Workshop;
beforeAll(() => {
  workshop = new Workshop();
});
afterAll(() => workshop.close());

const secure = async (made: Made): Promise<RawServer> =>
  rawServer(saying(SAYING(ALLOW)), { tls: { cert: made.cert, key: made.key } });

test('a certificate that can be trusted is trusted, for the address and no other', async () => {
  const server = await secure(workshop.make({ names: ['IP:127.0.0.1', 'DNS:localhost'] }));
  expect(await askOnce(server.apiUrl, { ca: workshop.ca })).toMatchObject({ kind: 'reply' });
  expect(await askOnce(`https://localhost:${server.port}/v1`, { ca: workshop.ca })).toMatchObject({
    kind: 'reply',
  });
  await server.close();
});

const INVALID: readonly [string, Order, RegExp][] = [
  [
    'of its own making',
    { names: ['IP:127.0.0.1'], selfSigned: true },
    /certificate is not valid: .*self.signed/,
  ],
  ['for another name', { names: ['DNS:other.example'] }, /certificate is for another name/],
  [
    'that has expired',
    { names: ['IP:127.0.0.1'], from: daysFromNow(-9), until: daysFromNow(-3) },
    /certificate is not valid: .*expired/,
  ],
  ['of an unknown authority', { names: ['IP:127.0.0.1'] }, /certificate is not valid: /],
];

test.each(INVALID)(
  'a certificate %s makes a server unreachable, and the key is not sent',
  async (name, order, told) => {
    const server = await secure(workshop.make(order));
    const ca = name === 'of an unknown authority' ? {} : { ca: workshop.ca };
    const answer = await askOnce(server.apiUrl, { apiKey: 'sk-not-for-strangers', ...ca });
    expect(failureOf(answer)).toEqual(['unreachable', expect.stringMatching(told)]);
    expect(server.requests).toHaveLength(0);
    await server.close();
  },
);

test('TLS where plain HTTP is spoken, and plain HTTP where TLS is, are told', async () => {
  const plain = createServer((socket) => socket.on('error', () => undefined).end(head()));
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  const port = (plain.address() as { port: number }).port;
  const answer = await askOnce(`https://127.0.0.1:${port}/v1`);
  expect(failureOf(answer)).toEqual(['unreachable', expect.stringContaining('does not speak TLS')]);
  plain.close();
  const server = await secure(workshop.make({ names: ['IP:127.0.0.1'] }));
  expect(await askOnce(server.apiUrl.replace('https:', 'http:'))).toMatchObject({ kind: 'failed' });
  await server.close();
});
