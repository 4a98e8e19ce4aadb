import { expect, test } from 'bun:test';
import type { ServerAlive } from '../../../src/judge/client/server-check.ts';
import type { JudgeSetup } from '../../../src/judge/desk/ports.ts';
import { JudgeServer } from '../../../src/judge/desk/server.ts';
import type { Inquiry, ModelFailure } from '../../../src/model/inquiry.ts';
import { sampleInquiry } from './sample-inquiry.ts';

const notPlayed = () => Promise.reject(new Error('not played here'));

/** A model whose server says what the test does. */
function modelOf(isAlive: () => Promise<ServerAlive>): JudgeSetup {
  const asked = { investigate: notPlayed, replay: notPlayed, check: notPlayed };
  return { model: 'm1', promptVersion: 'p1', isAlive, ...asked };
}

const alive = modelOf(async () => ({ kind: 'alive', detail: '' }));

/** A server, with the states that it told. */
function watched(setup: JudgeSetup, retryFirstMs?: number) {
  const states: string[] = [];
  const back = Promise.withResolvers<void>();
  const server: JudgeServer = new JudgeServer(() => {
    states.push(server.state);
    if (server.state === 'ready') back.resolve();
  }, retryFirstMs);
  server.use(setup);
  return { server, states, back: back.promise };
}

const REPLY = { rounds: [{ dialect: 'native', retried: [] }] as unknown as Inquiry['rounds'] };
const SILENT = { outcome: { kind: 'unsure', why: 'time_over', reasons: [], evidence: [] } } as const;
const failed = (why: ModelFailure, detail: string): Inquiry =>
  sampleInquiry('any.example', {
    failure: { why, detail },
    outcome: { kind: 'unsure', why: 'model_failed', reasons: [], evidence: [] },
  });

test('a dead server is tried again, and told of when it is back', async () => {
  let tries = 0;
  const { server, states, back } = watched(
    modelOf(async () => ({ kind: ++tries < 3 ? 'unreachable' : 'alive', detail: 'nobody there' })),
    1,
  );
  await server.probe();
  await back;
  expect(states).toEqual(['unreachable', 'ready']);
  expect(tries).toBe(3);
  server.use(null);
});

test('a look that throws counts as a server that is not there', async () => {
  const { server } = watched(modelOf(() => Promise.reject(new Error('a fault of ours'))));
  await server.probe();
  expect([server.state, server.detail]).toEqual(['unreachable', 'Error: a fault of ours']);
  server.use(null);
});

test('what came of a model before says nothing of the one in force', async () => {
  const answer = Promise.withResolvers<ServerAlive>();
  const before = modelOf(() => answer.promise);
  const { server, states } = watched(before);
  const looking = server.probe();
  server.use(alive);
  answer.resolve({ kind: 'refused', detail: '401' });
  await looking;
  server.ended(before, failed('unreachable', 'gone'));
  expect([server.state, states]).toEqual(['unknown', []]);
});

test('without a model it is off, or tells why none could be set up', () => {
  const { server } = watched(alive);
  server.use(null);
  expect([server.state, server.detail, server.setup]).toEqual(['off', null, null]);
  server.use({ error: 'the key cannot be read' });
  expect([server.state, server.detail, server.setup]).toEqual(['refused', 'the key cannot be read', null]);
});

test.each(['bad_request', 'server_error', 'broken'] as const)(
  'a server that fails three inquiries in a row by %s is given a pause; one that asks for patience is not',
  async (why) => {
    const { server, states } = watched(alive);
    await server.probe();
    for (let i = 0; i < 9; i++) server.ended(alive, failed('rate_limited', 'later'));
    server.ended(alive, failed(why, 'no such model'));
    server.ended(alive, failed(why, 'no such model'));
    expect(states).toEqual(['ready']);
    server.ended(alive, failed(why, 'no such model'));
    expect(states).toEqual(['ready', 'unreachable']);
    expect(server.detail).toContain('no such model');
    server.use(null);
  },
);

test('a server whose model answers nothing three times in a row counts as gone', async () => {
  const { server, states } = watched(alive);
  await server.probe();
  const silent = sampleInquiry('any.example', SILENT);
  server.ended(alive, silent);
  server.ended(alive, silent);
  server.ended(alive, sampleInquiry('any.example', REPLY));
  server.ended(alive, silent);
  server.ended(alive, silent);
  expect(states).toEqual(['ready']);
  server.ended(alive, silent);
  expect(states).toEqual(['ready', 'unreachable']);
  server.use(null);
});

test('a server that asked to wait is given half as many at once, though it replied in the end', () => {
  const { server } = watched(alive);
  const first = server.atOnce;
  const retried = [{ why: 'rate_limited', detail: 'HTTP 429' }];
  const rounds = [{ dialect: 'native', retried }] as unknown as Inquiry['rounds'];
  server.ended(alive, sampleInquiry('any.example', { rounds }));
  expect(server.atOnce).toBe(first / 2);
});

test('a server that keeps up is given more at once, one that does not half as many, never none', () => {
  const { server } = watched(alive);
  const first = server.atOnce;
  const [kept, late] = [sampleInquiry('any.example'), sampleInquiry('any.example', { ...SILENT, ...REPLY })];
  server.ended(alive, kept);
  expect(server.atOnce).toBe(first + 1);
  for (let i = 0; i < 100; i++) server.ended(alive, kept);
  expect(server.atOnce).toBe(32);
  server.ended(alive, late);
  expect(server.atOnce).toBe(16);
  for (let i = 0; i < 100; i++) server.ended(alive, late);
  expect(server.atOnce).toBe(1);
});
