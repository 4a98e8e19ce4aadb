import { afterEach, expect, test } from 'bun:test';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { UnixSocketListener } from 'bun';
import { connectControl } from '../../src/control/client.ts';
import { ControlClientError, NoEngineError } from '../../src/control/client-error.ts';
import type { Event } from '../../src/control/protocol.ts';
import { blockedFlow } from '../ledger/sample-flow.ts';
import { until } from '../until.ts';
import { cleanUp, connect, serve, socketPath } from './harness.ts';
import { sampleStatus } from './sample-status.ts';

const SOON_MS = 10_000;

afterEach(cleanUp);

const listeners: UnixSocketListener<undefined>[] = [];

afterEach(() => {
  for (const listener of listeners.splice(0)) listener.stop(true);
});

/** Something that answers every line with the same text. */
function impostor(path: string, answer: string): void {
  mkdirSync(dirname(path), { mode: 0o700 });
  listeners.push(Bun.listen({ unix: path, socket: { data: (socket) => void socket.write(answer) } }));
}

/** The error that a promise ends with. */
async function errorOf(promise: Promise<unknown>): Promise<ControlClientError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ControlClientError) return error;
    throw error;
  }
  throw new Error('there was no error');
}

test('with no engine the error says how to start one', async () => {
  const error = await errorOf(connectControl(socketPath()));
  expect(error).toBeInstanceOf(NoEngineError);
  expect(error.trouble).toBe('no_engine');
  expect(error.remedy).toContain('sudo resolagent');
  expect(error.message).toEndWith(error.remedy ?? 'no remedy');
});

test('a refusal of the engine keeps its code and words', async () => {
  const path = socketPath();
  await serve(path);
  const client = await connect(path);
  expect(await errorOf(client.request('explainFlow', { flow: 9 }))).toMatchObject({
    trouble: 'not_found',
    message: 'no flow 9',
  });
});

test('many requests at once each get their own answer', async () => {
  const path = socketPath();
  const waiting: (() => void)[] = [];
  await serve(path, {
    explain: async ({ host, port }) => {
      // The later ones answer first.
      await new Promise<void>((answer) => {
        if (waiting.unshift(answer) === 40) for (const one of waiting) one();
      });
      return {
        target: { host, ip: null, port },
        owner: null,
        verdict: { kind: 'allow', stage: 'rules', reason: 'rule', evidence: [] },
        mode: 'enforce',
        effect: 'forward',
        defaulted: false,
        steps: [],
      };
    },
  });
  const client = await connect(path);
  const ports = Array.from({ length: 40 }, (_, n) => n + 1);
  const answers = await Promise.all(
    ports.map((port) => client.request('explain', { host: 'a.example', port })),
  );
  expect(answers.map(({ target }) => target.port)).toEqual(ports);
});

test('when the engine goes, what waits is refused, listeners are told once, and later requests too', async () => {
  const path = socketPath();
  const server = await serve(path, { status: () => new Promise(() => undefined) });
  const client = await connect(path);
  let closes = 0;
  client.onClose(() => closes++);
  const waiting = errorOf(client.request('status', {}));
  await server.close();
  expect((await waiting).trouble).toBe('lost');
  expect((await errorOf(client.request('rules.list', {}))).trouble).toBe('lost');
  client.close();
  expect(closes).toBe(1);
  client.onClose(() => closes++);
  expect(closes).toBe(2);
});

test('events reach every listener, and the stop of the engine is one of them', async () => {
  const path = socketPath();
  const server = await serve(path);
  const client = await connect(path);
  const events: string[] = [];
  for (const name of ['a', 'b']) client.onEvent(({ event }) => events.push(`${name} ${event}`));
  await client.request('subscribe', { as: 'log' });
  server.publishStatus(sampleStatus());
  await until('the status', SOON_MS, () => events.length === 2);
  await server.close();
  await until('the stop', SOON_MS, () => events.length === 4);
  expect(events).toEqual(['a status', 'b status', 'a stopping', 'b stopping']);
});

test.each([
  ['text that is not JSON', 'hello\n'],
  ['an unknown event', '{"event":"party"}\n'],
  ['something that is no reply', '{"id":1}\n'],
  ['a result of another shape', '{"id":1,"ok":true,"result":{"rules":[{"id":7}]}}\n'],
])('%s from a stranger on the socket is not understood', async (_what, answer) => {
  const path = socketPath();
  impostor(path, answer);
  const client = await connect(path);
  const error = await errorOf(client.request('rules.list', {}));
  expect(error).toMatchObject({ trouble: 'not_understood', remedy: expect.stringContaining('same version') });
});

test('a reason and a step that a newer engine adds are told as such, and nobody hangs up', async () => {
  const path = socketPath();
  const flow = blockedFlow(1);
  const verdict = { ...flow.verdict, stage: 'quota', reason: 'quota_used_up' };
  const newer = { ...flow, verdict };
  const replies = [
    { event: 'flows', flows: [newer], missed: 0 },
    { id: 1, ok: true, result: { flows: [newer], more: false } },
  ];
  impostor(path, replies.map((reply) => `${JSON.stringify(reply)}\n`).join(''));
  const client = await connect(path);
  const told: Event[] = [];
  client.onEvent((event) => told.push(event));
  const known = { ...flow, verdict: { ...flow.verdict, stage: 'newer', reason: 'newer' } };
  expect(await client.request('flows', {})).toEqual({ flows: [known], more: false } as never);
  expect(told).toEqual([{ event: 'flows', flows: [known], missed: 0 }] as never);
});

test('fields that a newer engine adds are left out, not refused', async () => {
  const path = socketPath();
  impostor(path, '{"id":1,"ok":true,"new":1,"result":{"rules":[],"newer":true}}\n');
  expect(await (await connect(path)).request('rules.list', {})).toEqual({ rules: [] });
});
