import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { decode } from 'dns-packet';
import type { Host } from '../../src/model/brand.ts';
import { RECORD_TYPES, type RecordType } from '../../src/net/dns-message.ts';
import { resolveOverHttps } from '../../src/net/dns-over-https.ts';
import { Workshop } from '../judge/tools/workshop.ts';
import { DohServer, message, reply } from './doh-server.ts';

const NAME = 'www.shop.test' as Host;
const workshop = new Workshop();
const made = workshop.make({ names: ['DNS:localhost'] });
const OK = { ':status': 200, 'content-type': 'application/dns-message' };

const ASKED = { name: NAME, type: 'A', method: '', path: '', accept: null, id: 0 };
const GOOD = reply(ASKED, { answers: [{ name: NAME, type: 'A', ttl: 1, data: '203.0.113.7' }] });

let server: Http2SecureServer;
let plain: DohServer;
let sessions = 0;
let paths: string[] = [];
let answer: (stream: ServerHttp2Stream, message: Buffer) => void;

beforeAll(async () => {
  plain = new DohServer(made);
  server = createSecureServer({ ...made, allowHTTP1: false });
  server.on('session', (session) => {
    sessions++;
    session.on('error', () => session.destroy());
  });
  server.on('sessionError', () => {});
  server.on('tlsClientError', () => {});
  server.on('stream', (stream, headers) => {
    const path = String(headers[':path']);
    paths.push(path);
    stream.on('error', () => stream.destroy());
    answer(
      stream as ServerHttp2Stream,
      Buffer.from(new URL(path, 'https://localhost').searchParams.get('dns') ?? '', 'base64url'),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  plain.clear();
  sessions = 0;
  paths = [];
});
afterAll(async () => {
  await plain.close();
  server.close();
  workshop.close();
});

/** An answer a line, or why there is none. */
async function told(
  types: readonly RecordType[],
  port = (server.address() as AddressInfo).port,
  signal = new AbortController().signal,
): Promise<string> {
  const dnsUrl = `https://localhost:${port}/dns-query?profile=7`;
  const answers = await resolveOverHttps({ dnsUrl, ca: workshop.ca }, NAME, types, signal);
  if ('why' in answers) return `not asked: ${answers.why}`;
  const texts = [...answers].map(([type, answer]) =>
    answer.kind === 'failed' ? `failed: ${answer.why}` : `${type}: ${answer.records.map(({ data }) => data)}`,
  );
  return texts.join('\n');
}

/** The reply with one address to whatever was asked. */
function replyTo(message: Buffer): Buffer {
  const [question] = decode(message).questions ?? [];
  const asked = {
    name: question?.name ?? '',
    type: question?.type ?? '',
    method: '',
    path: '',
    accept: null,
    id: 0,
  };
  const answers =
    question?.type === 'A' ? [{ name: NAME, type: 'A' as const, ttl: 9, data: '203.0.113.7' }] : [];
  return reply(asked, { answers });
}

test('all questions go over one HTTP/2 connection where the server has it', async () => {
  answer = (stream, message) => {
    stream.respond(OK);
    stream.end(replyTo(message));
  };
  expect(await told(RECORD_TYPES)).toBe('A: 203.0.113.7\nAAAA: \nCNAME: \nMX: \nNS: \nTXT: ');
  expect(sessions).toBe(1);
  expect(paths).toHaveLength(6);
  for (const path of paths) expect(path).toMatch(/^\/dns-query\?profile=7&dns=[\w-]+$/);
});

test('a reply in many small pieces is put together', async () => {
  answer = (stream, message) => {
    stream.respond(OK);
    for (const byte of replyTo(message)) stream.write(Buffer.of(byte));
    stream.end();
  };
  expect(await told(['A'])).toBe('A: 203.0.113.7');
});

test('a stream that is reset fails alone', async () => {
  answer = (stream, message) => {
    const [question] = decode(message).questions ?? [];
    if (question?.type === 'MX') return stream.close(2);
    stream.respond(OK);
    stream.end(replyTo(message));
  };
  expect(await told(['A', 'MX'])).toMatch(/^A: 203\.0\.113\.7\nfailed: ./);
});

test.each([
  [
    'another status',
    { ':status': 404, 'content-type': 'text/plain' },
    'the server answered with status 404 and text/plain',
  ],
  [
    'HTML',
    { ':status': 200, 'content-type': 'text/html' },
    'the server answered with status 200 and text/html',
  ],
  ['no type', { ':status': 200 }, 'the server answered with status 200 and nothing'],
  ['nonsense', OK, 'the reply cannot be used: it is too short'],
])('an answer of %s is a failure', async (_, headers, why) => {
  answer = (stream) => {
    stream.respond(headers);
    stream.end('nonsense');
  };
  expect(await told(['A'])).toBe(`failed: ${why}`);
});

test('a body without end is left at 64 KB', async () => {
  const left = Promise.withResolvers<void>();
  answer = (stream) => {
    stream.on('close', () => left.resolve());
    stream.respond(OK);
    const more = (): void => {
      if (stream.destroyed) return;
      if (stream.write(Buffer.alloc(16_384))) setImmediate(more);
      else stream.once('drain', more);
    };
    more();
  };
  expect(await told(['A'])).toBe('failed: it is longer than 64 KB');
  await left.promise;
});

test('a server that goes away in the middle is a failure', async () => {
  answer = (stream) => {
    stream.respond(OK);
    stream.write('half');
    stream.session?.destroy();
  };
  expect(await told(['A', 'MX'])).toMatch(/^(not asked|failed): ./);
});

test('a server that never answers is left when the time is over', async () => {
  const deadline = new AbortController();
  const left = Promise.withResolvers<void>();
  answer = (stream) => {
    stream.on('close', () => left.resolve());
    deadline.abort(new Error('over'));
  };
  expect(await told(['A'], undefined, deadline.signal)).toBe('failed: the time was over');
  await left.promise;
});

/** What a server sends that agreed on HTTP/2 and speaks something else. */
const RUDE: readonly (readonly [string, (socket: TLSSocket) => void])[] = [
  ['HTTP/1.1', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['nothing, and hangs up', (socket) => socket.end()],
  ['zeros', (socket) => socket.end(Buffer.alloc(100_000))],
  ['a frame that is too long', (socket) => socket.end(Buffer.of(0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1))],
  [
    'GOAWAY',
    (socket) =>
      socket.end(Buffer.of(0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)),
  ],
];

test.each(RUDE)('a server that agrees on HTTP/2 and sends %s is a failure', async (_, speak) => {
  const rude = createTlsServer({ ...made, ALPNProtocols: ['h2'] }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => speak(socket));
  });
  await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
  try {
    expect(await told(['A', 'MX'], (rude.address() as AddressInfo).port)).toMatch(/^(not asked|failed): ./);
  } finally {
    rude.close();
  }
});

test.each([
  [
    () => message(Buffer.concat([Buffer.of(9, 9), GOOD.subarray(2)])),
    'the reply cannot be used: it answers another query',
  ],
  [
    () => new Response('<html>blocked</html>', { headers: { 'content-type': 'text/html' } }),
    'the server answered with status 200 and text/html',
  ],
  [
    () => new Response('{}', { headers: { 'content-type': 'application/dns-json' } }),
    'status 200 and application/dns-json',
  ],
  [
    () => new Response(null, { status: 302, headers: { location: 'https://localhost/' } }),
    'with status 302 and nothing',
  ],
  [() => new Response(null, { status: 429 }), 'the server answered with status 429 and nothing'],
  [
    () => message(GOOD, { 'content-encoding': 'br' }),
    'the reply was not whole: its encoding was not asked for',
  ],
  [() => message(Buffer.alloc(70_000)), 'the reply was not whole: it is longer than 64 KB'],
  [
    () => message(gzipSync(Buffer.alloc(64 << 20)), { 'content-encoding': 'gzip' }),
    'the reply was not whole: it is longer than 64 KB',
  ],
  [
    () => message(Buffer.from('<html>not DNS, whatever the header says</html>')),
    'the reply cannot be used: it',
  ],
] as const)('over HTTP/1.1 an answer that is something else is a failure (%#)', async (answer, expected) => {
  plain.answer = answer;
  expect(await told(['A'], plain.port)).toContain(expected);
  expect(plain.asked).toHaveLength(1);
});

test('over HTTP/1.1 a reply without end is left', async () => {
  const left = Promise.withResolvers<void>();
  plain.answer = () =>
    new Response(
      new ReadableStream({
        async pull(controller) {
          controller.enqueue(new Uint8Array(16_384));
        },
        cancel: () => left.resolve(),
      }),
      { headers: { 'content-type': 'application/dns-message' } },
    );
  expect(await told(['A'], plain.port)).toBe('failed: the reply was not whole: it is longer than 64 KB');
  await left.promise;
});

test('over HTTP/1.1 a server that never answers is left when the time is over', async () => {
  const deadline = new AbortController();
  plain.answer = () => {
    deadline.abort(new Error('over'));
    return new Promise<never>(() => {});
  };
  expect(await told(['A'], plain.port, deadline.signal)).toBe('failed: the time was over');
});

test('a call whose time was over before it began fails at once', async () => {
  expect(await told(['A'], plain.port, AbortSignal.abort(new Error('over')))).toBe(
    'not asked: the time was over',
  );
});
