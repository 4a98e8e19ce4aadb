import { expect, setDefaultTimeout, test } from 'bun:test';
import { Model } from '../../../src/judge/client/client.ts';
import type { ModelAnswer } from '../../../src/judge/core/model.ts';
import type { ModelFailure } from '../../../src/model/inquiry.ts';
import type { Mishap } from '../scripted-model/script.ts';
import { type ScriptedModel, startScriptedModel } from '../scripted-model/scripted-model.ts';
import {
  ALLOW,
  type Answering,
  type AskOptions,
  askOnce,
  event,
  head,
  NEVER,
  piece,
  QUESTION,
  rawServer,
  SAYING,
  saying,
} from './model-server.ts';

setDefaultTimeout(30_000);

const LONG = { totalMs: 20_000, firstByteMs: 20_000, idleMs: 20_000 };
const askPatiently = (apiUrl: string, options: AskOptions = {}): Promise<ModelAnswer> =>
  askOnce(apiUrl, { retries: true, ...options, limits: { ...LONG, ...options.limits } });

async function withMishaps(
  mishaps: readonly Mishap[],
  use: (model: ScriptedModel) => Promise<void>,
): Promise<void> {
  const model = await startScriptedModel({ mishaps });
  await use(model);
  await model.close();
}

const busy = (wait: string): Mishap => ({ status: 429, headers: { 'retry-after': wait } });
const PASSED: readonly [string, readonly Mishap[], readonly ModelFailure[]][] = [
  ['asks to wait a second', [busy('1')], ['rate_limited']],
  ['asks to wait until a moment', [busy(new Date(Date.now() + 1_000).toUTCString())], ['rate_limited']],
  [
    'asks to wait some milliseconds',
    [{ status: 429, headers: { 'retry-after-ms': '300', 'retry-after': '60' } }],
    ['rate_limited'],
  ],
  ['does not say how long', [{ status: 429 }], ['rate_limited']],
  ['is loading', [{ status: 503 }, { status: 503 }], ['server_error', 'server_error']],
  ['is overloaded', [{ status: 529 }], ['server_error']],
  [
    'stands behind one that is not there yet',
    [{ status: 502 }, { status: 504 }],
    Array(2).fill('server_error'),
  ],
  ['fails', [{ status: 500 }], ['server_error']],
  ['resets the connection', ['reset', 'reset'], ['broken', 'broken']],
  ['breaks off in the middle of its reply', ['cut', 'cut'], ['broken', 'broken']],
  [
    'meets all of that',
    [{ status: 503 }, 'reset', busy('0'), 'cut'],
    ['server_error', 'broken', 'rate_limited', 'broken'],
  ],
];

test.each(PASSED)('a server that %s is asked again, and its reply counts', async (_, mishaps, retried) => {
  await withMishaps(mishaps, async (model) => {
    const answer = await askPatiently(model.apiUrl);
    expect(answer.kind).toBe('reply');
    expect(answer.retried?.map(({ why }) => why)).toEqual([...retried]);
    expect(model.requests).toHaveLength(mishaps.length + 1);
  });
});

test('a server that asks to wait is not asked before that', async () => {
  await withMishaps([busy('1')], async (model) => {
    await askPatiently(model.apiUrl);
    const [first, second] = model.requests;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(990);
  });
});

test('a server that starts anew is asked again once it listens', async () => {
  const before = await startScriptedModel();
  await before.close();
  const asking = askPatiently(before.apiUrl);
  await new Promise((resolve) => setTimeout(resolve, 400));
  const after = await startScriptedModel({ port: before.port });
  const answer = await asking;
  expect(answer.kind).toBe('reply');
  expect(new Set(answer.retried?.map(({ why }) => why))).toEqual(new Set(['unreachable']));
  await after.close();
});

test('a server that died in the middle of its reply is given up once nothing has listened for a few tries', async () => {
  const server = await rawServer((socket) => {
    socket.write(head() + event(piece({ content: ALLOW.slice(0, 8) })));
    setTimeout(() => void server.close(), 50);
  });
  const answer = await askPatiently(server.apiUrl);
  expect(answer).toMatchObject({ kind: 'failed', why: 'unreachable' });
  const whys = answer.retried?.map(({ why }) => why) ?? [];
  // Longer, and each connection that waits would wait for nothing.
  expect(whys).toEqual(['broken', 'unreachable', 'unreachable', 'unreachable']);
});

test('what a server sent before it broke off costs tokens, an error none', async () => {
  const answers = [
    saying('', 'text/plain', 503),
    saying(event(piece({ content: ALLOW.slice(0, 8) }))),
    saying(SAYING(ALLOW)),
  ];
  const server = await rawServer((...args) => answers[args[2]]?.(...args));
  const whole = await askOnce((await rawServer(saying(SAYING(ALLOW)))).apiUrl);
  const answer = await askPatiently(server.apiUrl);
  const { prompt, completion } = whole.tokens;
  expect(answer.tokens).toEqual({ prompt: prompt * 2, completion: completion + 2 });
  await server.close();
});

test('a server that asks for more time than is left is not waited for, and its words are told', async () => {
  for (const wait of ['120', new Date(Date.now() + 120_000).toUTCString()]) {
    await withMishaps([busy(wait)], async (model) => {
      const answer = await askPatiently(model.apiUrl);
      expect(answer).toMatchObject({ kind: 'failed', why: 'rate_limited' });
      expect(answer.kind === 'failed' && answer.detail).toMatch(
        /^HTTP 429: it asks to wait 1(19|20) s; too many requests$/,
      );
      expect(model.requests).toHaveLength(1);
    });
  }
});

test('a fault that lasts is told in the words of the server once there is no time for another pause', async () => {
  await withMishaps(Array(20).fill({ status: 503 }), async (model) => {
    const answer = await askPatiently(model.apiUrl, { limits: { totalMs: 3_000 } });
    expect(answer).toMatchObject({ kind: 'failed', why: 'server_error', detail: 'HTTP 503: try again' });
    expect(model.requests.length).toBeWithin(3, 5);
  });
});

test('a time that ran out after failures tells of them', async () => {
  const server = await rawServer((socket, request, count) => {
    if (count === 0) saying('{"error":"loading"}', 'application/json', 503)(socket, request, count);
  });
  const answer = await askPatiently(server.apiUrl, { limits: { totalMs: 1_500 } });
  expect(answer).toMatchObject({
    why: 'timed_out',
    detail: 'no whole reply within 1500 ms; before that HTTP 503: loading',
  });
  await server.close();
});

test('a server that ends its answer before a word of it is asked again', async () => {
  const server = await rawServer((socket, _request, count) => {
    socket.end(count === 0 ? head() : head() + SAYING(ALLOW));
  });
  expect(await askPatiently(server.apiUrl)).toMatchObject({ kind: 'reply', retried: [{ why: 'broken' }] });
  await server.close();
});

test('the caller ends a pause at once', async () => {
  const end = new AbortController();
  await withMishaps([busy('15')], async (model) => {
    const asking = askPatiently(model.apiUrl, { signal: end.signal });
    while (model.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    setTimeout(() => end.abort(), 50);
    const from = performance.now();
    expect(await asking).toMatchObject({ kind: 'failed', why: 'timed_out' });
    expect(performance.now() - from).toBeLessThan(5_000);
    expect(model.requests).toHaveLength(1);
  });
});

test('a reply that always breaks off is asked for four times', async () => {
  await withMishaps(Array(20).fill('cut'), async (model) => {
    const answer = await askPatiently(model.apiUrl);
    expect(answer).toMatchObject({ kind: 'failed', why: 'broken' });
    expect(answer.retried).toHaveLength(3);
    expect(model.requests).toHaveLength(4);
  });
});

const told = (status: number, message: string): Answering =>
  saying(JSON.stringify({ error: { message, code: 'insufficient_quota' } }), 'application/json', status);
const FINAL: readonly [string, Answering][] = [
  ['has no model loaded', told(400, 'no models loaded')],
  ['does not take the key', told(401, 'wrong key')],
  ['has an empty account', told(402, 'add credits')],
  ['has an empty account, and says 429', told(429, 'You exceeded your current quota')],
  ['forbids it', told(403, 'not you')],
  ['does not have the model', told(404, 'no such model')],
  ['finds the request too large', told(413, 'too large')],
  ['finds the conversation too long, and says 500', told(500, 'the context size is exceeded')],
  ['does not know streams, and says 501', told(501, 'invalid model')],
  ['filters the reply', saying(event(piece({ content: ALLOW }, 'content_filter')))],
  ['sends a page', saying('<h1>Welcome</h1>', 'text/html')],
  ['sends another value', saying('{"models":[]}', 'application/json')],
  ['speaks SSH', (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')],
];

test.each(FINAL)('a server that %s is not asked again', async (_, answering) => {
  const server = await rawServer(answering);
  expect(await askPatiently(server.apiUrl)).toMatchObject({ kind: 'failed', retried: [] });
  expect(server.requests).toHaveLength(1);
  await server.close();
});

test('an error in the middle of a stream that names a passing status is tried again, another is not', async () => {
  for (const [code, count] of [
    [429, 2],
    [502, 2],
    [400, 1],
  ] as const) {
    const failing = head() + event(piece({ content: '{' })) + event({ error: { message: 'x', code } });
    const server = await rawServer((socket, _request, nth) =>
      socket.end(nth === 0 ? failing : head() + SAYING(ALLOW)),
    );
    const model = new Model({ apiUrl: server.apiUrl, model: 'm', apiKey: null });
    await model.ask(QUESTION, LONG, NEVER);
    expect([code, server.requests.length]).toEqual([code, count]);
    await server.close();
  }
});
