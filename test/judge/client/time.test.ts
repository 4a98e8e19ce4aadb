import { expect, test } from 'bun:test';
import type { Socket } from 'node:net';
import { Model } from '../../../src/judge/client/client.ts';
import {
  ALLOW,
  type Answering,
  answerTo,
  askOnce,
  DONE,
  event,
  head,
  LIMITS,
  piece,
  QUESTION,
  rawServer,
  SAYING,
} from './model-server.ts';

/** Sends something, and then something again and again, until the connection is gone. */
const drip =
  (first: string, text: string): Answering =>
  (socket) => {
    socket.write(first);
    const timer = setInterval(() => socket.write(text), 5);
    socket.once('close', () => clearInterval(timer));
  };
const send =
  (text: string): Answering =>
  (socket) =>
    socket.write(text);

const half = event(piece({ content: ALLOW.slice(0, 20) }));
const HANGING: readonly [string, Answering, object, RegExp][] = [
  ['before its head', () => undefined, { firstByteMs: 40 }, /no reply began within 40 ms/],
  ['within its head', send('HTTP/1.1 200'), { firstByteMs: 40 }, /no reply began/],
  ['after its head', send(head()), { firstByteMs: 40 }, /no reply began/],
  ['after half a reply', send(head() + half), { idleMs: 40 }, /stopped for 40 ms/],
  ['after half an error', send(`${head(500)}{"error":`), { idleMs: 40 }, /HTTP 500/],
  ['with comments for ever', drip(head(), ': wait\n\n'), { totalMs: 80 }, /within 80 ms/],
  ['letter by letter', drip(head(), 'd'), { totalMs: 80 }, /within 80 ms/],
  ['with empty pieces', drip(head(), event(piece({}))), { totalMs: 80 }, /within 80 ms/],
  ['with headers for ever', drip('HTTP/1.1 200 X\r\n', 'x: y\r\n'), { totalMs: 80 }, /within 80 ms/],
  ['with interim answers', drip('', 'HTTP/1.1 102 Wait\r\n\r\n'), { totalMs: 80 }, /within 80 ms/],
];

test.each(HANGING)(
  'a server that hangs %s is left, and its connection closed',
  async (_, answering, limits, told) => {
    const server = await rawServer(answering);
    const answer = await askOnce(server.apiUrl, { limits });
    expect(answer).toMatchObject({ kind: 'failed', detail: expect.stringMatching(told) });
    await server.idle();
    await server.close();
  },
);

test('a server that takes no connection, or no TLS handshake, is left too', async () => {
  const server = await rawServer(() => undefined);
  const secure = server.apiUrl.replace('http:', 'https:');
  expect(await askOnce(secure, { limits: { firstByteMs: 40 } })).toMatchObject({ why: 'timed_out' });
  await server.idle();
  await server.close();
});

test('the caller ends a question at once, whatever the server is doing, and its connection is closed', async () => {
  for (const [, answering] of HANGING) {
    const end = new AbortController();
    const server = await rawServer((socket, request, count) => {
      answering(socket, request, count);
      setImmediate(() => end.abort());
    });
    const answer = await askOnce(server.apiUrl, { signal: end.signal });
    expect(answer).toMatchObject({ kind: 'failed' });
    await server.idle();
    await server.close();
  }
});

test('a question that was given up before it was asked reaches no server', async () => {
  const server = await rawServer(() => undefined);
  const answer = await askOnce(server.apiUrl, { signal: AbortSignal.abort() });
  expect(answer).toMatchObject({ kind: 'failed', why: 'timed_out', tokens: { prompt: 0, completion: 0 } });
  expect(server.requests).toHaveLength(0);
  await server.close();
});

const FINISHED = event(piece({ content: ALLOW })) + event(piece({}, 'stop'));
const COUNTED = event({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } });
const OPEN: readonly [string, Answering, object][] = [
  ['its end is told', send(head() + SAYING(ALLOW)), LIMITS],
  ['its tokens are counted', send(head() + FINISHED + COUNTED), LIMITS],
  ['the model stopped', send(head() + FINISHED), { ...LIMITS, idleMs: 30 }],
  ['the model stopped, with comments for ever', drip(head() + FINISHED, ': ping\n\n'), LIMITS],
  ['the model stopped, at the end of all time', send(head() + FINISHED), { ...LIMITS, totalMs: 200 }],
];

test.each(OPEN)('a stream that is not closed is over once %s', async (_, answering, limits) => {
  const server = await rawServer(answering);
  const answer = await askOnce(server.apiUrl, { limits });
  expect(answer).toMatchObject({ kind: 'reply', reply: { kind: 'verdict', verdict: 'allow' } });
  await server.idle();
  await server.close();
});

test('a reply in one piece may take all the time there is', async () => {
  const whole = JSON.stringify({ choices: [{ message: { content: ALLOW }, finish_reason: 'stop' }] });
  const server = await rawServer((socket) => {
    setTimeout(() => socket.end(head(200, 'application/json') + whole), 30);
  });
  const limits = { firstByteMs: 1 };
  const answer = await askOnce(server.apiUrl, { limits, features: { streaming: false } });
  expect(answer).toMatchObject({ kind: 'reply', streamed: false });
  expect(await askOnce(server.apiUrl, { limits })).toMatchObject({ why: 'timed_out' });
  await server.close();
});

test('a reply that is whole counts, though its connection breaks after it', async () => {
  const answer = await answerTo((socket) => {
    socket.write(head(200, 'text/event-stream', ['content-length: 100000']) + FINISHED);
    setTimeout(() => socket.resetAndDestroy(), 20);
  });
  expect(answer).toMatchObject({ kind: 'reply', reply: { verdict: 'allow' } });
  for (const rest of [DONE, DONE.slice(0, 8), COUNTED.slice(0, 20), ': bye']) {
    const cut = await answerTo((socket) => socket.end(head() + FINISHED + rest));
    expect(cut).toMatchObject({ kind: 'reply', reply: { verdict: 'allow' } });
  }
});

test('several questions are asked of one model at once, and one that is given up disturbs no other', async () => {
  const held: Socket[] = [];
  const full = Promise.withResolvers<void>();
  const server = await rawServer((socket) => {
    if (held.push(socket) === 20) full.resolve();
  });
  const model = new Model({ apiUrl: server.apiUrl, model: 'm', apiKey: null });
  const ends = Array.from({ length: 20 }, () => new AbortController());
  const asked = ends.map(({ signal }) => model.ask(QUESTION, LIMITS, signal));
  await full.promise;
  for (const end of ends.slice(0, 10)) end.abort();
  await Promise.all(asked.slice(0, 10));
  for (const socket of held) socket.end(head() + SAYING(ALLOW));
  const kinds = (await Promise.all(asked)).map(({ kind }) => kind);
  expect(kinds).toEqual([...Array(10).fill('failed'), ...Array(10).fill('reply')]);
  await server.idle();
  await server.close();
});
