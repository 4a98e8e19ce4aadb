import { expect, setDefaultTimeout, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { Model } from '../../../src/judge/client/client.ts';
import type { ModelAnswer } from '../../../src/judge/core/model.ts';
import {
  ALLOW,
  type Answering,
  event,
  head,
  LIMITS,
  piece,
  QUESTION,
  rawServer,
  SAYING,
  saying,
} from './model-server.ts';

setDefaultTimeout(60_000);
const ASKS = 1_000;
const AT_ONCE = 20;

const half = event(piece({ content: ALLOW.slice(0, 9) }));
const whole = JSON.stringify({ choices: [{ message: { content: ALLOW }, finish_reason: 'stop' }] });
/** Every way in which an answer can end, one after the other. */
const WAYS: readonly Answering[] = [
  saying(SAYING(ALLOW)),
  saying(whole, 'application/json', 200, [`content-length: ${whole.length}`]),
  (socket) => socket.write(head(200, 'text/event-stream', ['connection: keep-alive']) + SAYING(ALLOW)),
  (socket) => socket.write(`${head(200, 'application/json', [`content-length: ${whole.length}`])}${whole}`),
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.write(head() + half, () => socket.resetAndDestroy()),
  saying('{"error":{"message":"no"}}', 'application/json', 500),
  (socket) => socket.write(`${head(401)}no`),
  (socket) => socket.write(head() + half),
  () => undefined,
];

/** Sockets of this process. */
function sockets(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
}

test('a thousand questions leave no connection, descriptor, listener or timer behind', async () => {
  const server = await rawServer((socket, request, count) =>
    WAYS[count % WAYS.length]?.(socket, request, count),
  );
  const there = { apiUrl: server.apiUrl, model: 'm', apiKey: 'sk-0123456789abcdef' };
  const model = new Model({ ...there, retries: false });
  const signal = new CountingSignal();
  const kinds = new Map<string, number>();
  const ask = async (): Promise<ModelAnswer> =>
    model.ask(QUESTION, { ...LIMITS, firstByteMs: 120, idleMs: 120 }, signal.signal);
  await ask();
  await server.idle();
  const before = sockets();
  for (let asked = 0; asked < ASKS; asked += AT_ONCE) {
    for (const { kind } of await Promise.all(Array.from({ length: AT_ONCE }, ask))) {
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
  }
  await server.idle();
  expect(kinds.get('reply')).toBeGreaterThan(ASKS / 4);
  expect(kinds.get('failed')).toBeGreaterThan(ASKS / 4);
  expect(server.requests.length).toBeGreaterThan(ASKS);
  expect(sockets()).toBeLessThan(before + AT_ONCE);
  expect(signal.listeners).toBe(0);
  await server.close();
});

/** A signal that knows how many listen to it. */
class CountingSignal {
  listeners = 0;
  readonly signal = new AbortController().signal;

  constructor() {
    const add = this.signal.addEventListener.bind(this.signal);
    const remove = this.signal.removeEventListener.bind(this.signal);
    const all = new Set<unknown>();
    const count = (): void => {
      this.listeners = all.size;
    };
    this.signal.addEventListener = ((
      type: 'abort',
      listener: () => void,
      options?: AddEventListenerOptions,
    ) => {
      all.add(listener);
      count();
      add(type, listener, options);
    }) as never;
    this.signal.removeEventListener = ((type: 'abort', listener: () => void) => {
      all.delete(listener);
      count();
      remove(type, listener);
    }) as never;
  }
}
