import { expect, test } from 'bun:test';
import type { Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { RequestDeadline } from '../../../src/judge/client/request-deadline.ts';
import { readSlices } from '../../../src/judge/client/response.ts';
import {
  ALLOW,
  askOnce,
  event,
  head,
  LIMITS,
  NEVER,
  piece,
  rawServer,
  SAYING,
  saying,
} from './model-server.ts';

const GIGABYTE = 1_073_741_824;

/** Writes the same again and again, as fast as it is taken; tells how much went out. */
function flood(socket: Socket, block: Uint8Array): () => number {
  let sent = 0;
  const more = (): void => {
    while (sent < GIGABYTE && !socket.destroyed) {
      sent += block.length;
      if (!socket.write(block)) {
        socket.once('drain', more);
        return;
      }
    }
    socket.end();
  };
  more();
  return () => sent;
}

const many = (text: string): Uint8Array => Buffer.from(text.repeat(Math.ceil(65_536 / text.length)));
const word = event(piece({ content: 'word ' }));
const FLOODS: readonly [string, string, Uint8Array, RegExp][] = [
  ['a stream of empty pieces', head(), many(event(piece({}))), /more than 8388608 bytes/],
  ['a stream of comments', head(), many(': \n\n'), /more than 8388608 bytes/],
  ['a stream of line ends', head(), many('\r'), /more than 8388608 bytes/],
  ['lines that never end an event', head(), many('data: \n'), /more than \d+ (bytes|characters)/],
  ['a line without an end', `${head()}data: `, many('x'), /more than 1048576 characters in one piece/],
  ['a comment without an end', `${head()}: `, many('x'), /more than 8388608 bytes/],
  [
    'an event without an end',
    head(),
    many(`data: "${'x'.repeat(90)}\n`),
    /more than 1048576 characters in one piece/,
  ],
  ['words without an end', head(), many(word), /wrote more than 200000 characters/],
  [
    'thoughts without an end',
    head(),
    many(event(piece({ reasoning: 'hmm '.repeat(20) }))),
    /wrote more than 200000/,
  ],
  [
    'arguments without an end',
    head(),
    many(event(piece({ tool_calls: [{ index: 0, function: { name: 'WHOIS', arguments: 'x' } }] }))),
    /wrote more than 200000/,
  ],
  [
    'JSON without an end',
    `${head(200, 'application/json')}{"choices":[`,
    many('1,'),
    /more than 1048576 characters/,
  ],
  ['nothing but spaces', head(200, 'application/json'), many(' '), /more than 8388608 bytes/],
  ['an error without an end', `${head(500)}sorry `, many('x'), /^HTTP 500: sorry x/],
  ['a page without an end', `${head(200, 'text/html')}<html>`, many('<p>'), /no reply of a model/],
];

test.each(FLOODS)(
  'of %s only so much is taken, and its connection is closed',
  async (_, first, block, told) => {
    let sent = (): number => 0;
    const server = await rawServer((socket) => {
      socket.write(first);
      sent = flood(socket, block);
    });
    const answer = await askOnce(server.apiUrl);
    expect(answer).toMatchObject({ kind: 'failed', detail: expect.stringMatching(told) });
    expect(answer).toMatchObject({
      why: /^HTTP/.test(told.source.slice(1))
        ? 'server_error'
        : /no reply/.test(told.source)
          ? 'broken'
          : 'too_long',
    });
    await server.idle();
    // What the system's buffers took beside what was read.
    expect(sent()).toBeLessThan(64_000_000);
    await server.close();
  },
);

test('a reply with a message as long as any real one is read', async () => {
  const long = `${'It is a shop. '.repeat(5_000)}\n\n${ALLOW}`;
  const whole = JSON.stringify({ choices: [{ message: { content: long }, finish_reason: 'stop' }] });
  for (const body of [SAYING(long), whole]) {
    const server = await rawServer(saying(body));
    expect(await askOnce(server.apiUrl)).toMatchObject({ reply: { kind: 'verdict', verdict: 'allow' } });
    await server.close();
  }
});

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
] as const)('an answer that is compressed by %s, unasked, is never unpacked', async (coding, pack) => {
  const bomb = pack(Buffer.alloc(40_000_000));
  const headers = [`content-encoding: ${coding}`, `content-length: ${bomb.length}`];
  for (const status of [200, 500]) {
    const server = await rawServer(saying(bomb, 'text/event-stream', status, headers));
    const answer = await askOnce(server.apiUrl);
    const told =
      status === 200 ? `the server compresses its answer (${coding}), unasked` : 'HTTP 500: no reason given';
    expect(answer).toMatchObject({ kind: 'failed', detail: told });
    expect(server.requests[0]?.head).toMatch(/^accept-encoding: identity$/im);
    await server.close();
  }
});

test('while a long answer is read, other work gets its turn', async () => {
  const deadline = new RequestDeadline(LIMITS, NEVER);
  let turns = 0;
  let isOver = false;
  const other = (): void => {
    turns++;
    if (!isOver) setImmediate(other);
  };
  setImmediate(other);
  let slices = 0;
  const body = new Uint8Array(1_048_576);
  await readSlices(new Response(body), deadline, () => {
    slices++;
    const until = performance.now() + 1;
    while (performance.now() < until);
    return 'more';
  });
  isOver = true;
  deadline.close();
  expect(slices).toBe(64);
  expect(turns).toBeGreaterThan(8);
});
