import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { decode } from 'dns-packet';
import { dnsTool } from '../../../../src/judge/tools/dns/tool.ts';
import { inquiry } from '../owner-world.ts';
import { Workshop } from '../workshop.ts';
import { reply } from './doh-server.ts';

const NAME = 'www.shop.test';
const workshop = new Workshop();
const made = workshop.make({ names: ['DNS:localhost'] });
const OK = { ':status': 200, 'content-type': 'application/dns-message' };

let server: Http2SecureServer;
let sessions = 0;
let paths: string[] = [];
let answer: (stream: ServerHttp2Stream, message: Buffer) => void;

beforeAll(async () => {
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
  sessions = 0;
  paths = [];
});
afterAll(() => {
  server.close();
  workshop.close();
});

async function told(
  types: ('A' | 'MX')[] | undefined,
  port = (server.address() as AddressInfo).port,
  signal = new AbortController().signal,
): Promise<string> {
  const dnsUrl = `https://localhost:${port}/dns-query?profile=7`;
  const tool = dnsTool({ dnsUrl, network: { blocked: () => null, ca: workshop.ca } });
  const outcome = await tool.run(
    { name: NAME, ...(types === undefined ? {} : { types }) },
    inquiry(),
    signal,
  );
  return outcome.kind === 'ok' ? outcome.text : `failed: ${outcome.why}`;
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
  expect(await told(undefined)).toBe(
    [
      `Name: ${NAME}`,
      'A: 203.0.113.7 (TTL 9)',
      'AAAA: none',
      'CNAME: none',
      'MX: none',
      'NS: none',
      'TXT: none',
    ].join('\n'),
  );
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
  expect(await told(['A'])).toBe(`Name: ${NAME}\nA: 203.0.113.7 (TTL 9)`);
});

test('a stream that is reset fails alone', async () => {
  answer = (stream, message) => {
    const [question] = decode(message).questions ?? [];
    if (question?.type === 'MX') return stream.close(2);
    stream.respond(OK);
    stream.end(replyTo(message));
  };
  expect(await told(['A', 'MX'])).toMatch(
    /^Name: www\.shop\.test\nA: 203\.0\.113\.7 \(TTL 9\)\nMX: no answer: ./,
  );
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
  expect(await told(['A'])).toBe(`failed: www.shop.test was not resolved: ${why}`);
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
  expect(await told(['A'])).toBe('failed: www.shop.test was not resolved: it is longer than 64 KB');
  await left.promise;
});

test('a server that goes away in the middle is a failure', async () => {
  answer = (stream) => {
    stream.respond(OK);
    stream.write('half');
    stream.session?.destroy();
  };
  expect(await told(['A', 'MX'])).toMatch(/^failed: www\.shop\.test was not resolved: ./);
});

test('a server that never answers is left when the time is over', async () => {
  const deadline = new AbortController();
  const left = Promise.withResolvers<void>();
  answer = (stream) => {
    stream.on('close', () => left.resolve());
    deadline.abort(new Error('over'));
  };
  expect(await told(['A'], undefined, deadline.signal)).toBe(
    'failed: www.shop.test was not resolved: the time was over',
  );
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
    expect(await told(['A', 'MX'], (rude.address() as AddressInfo).port)).toMatch(
      /^failed: www\.shop\.test was not resolved: ./,
    );
  } finally {
    rude.close();
  }
});
