import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { Model } from '../../../src/judge/client/client.ts';
import { runInquiry } from '../../../src/judge/run/runner.ts';
import { replayBox, toolBox } from '../../../src/judge/tools/tool-box.ts';
import type { Inquiry } from '../../../src/model/inquiry.ts';
import { input, NOW, OLD } from '../core/examples.ts';
import type { Persona } from '../scripted-model/script.ts';
import { type ScriptedModel, startScriptedModel } from '../scripted-model/scripted-model.ts';
import { saying } from '../tools/tool-examples.ts';

const NEVER = new AbortController().signal;
const LIMITS = { rounds: 5, timeoutMs: 20_000, callMs: 15_000, firstByteMs: 10_000, idleMs: 10_000 };
const TOOL_LIST = [
  saying(
    'WHOIS',
    'registry',
    () => 'Registered: 2019-03-02',
    () => [OLD],
  ),
  saying('FETCH', 'page', () => 'Title: Watches'),
];
const TOOLS = toolBox(TOOL_LIST);

let server: ScriptedModel;
beforeAll(async () => {
  server = await startScriptedModel();
});
afterAll(() => server.close());

const judge = (persona: Persona, over: object = {}, key: string | null = null): Promise<Inquiry> => {
  server.script({ persona });
  const model = new Model({ apiUrl: server.apiUrl, model: 'm', apiKey: key });
  const parts = { model, tools: TOOLS, apiUrl: server.apiUrl, modelName: 'm', limits: LIMITS, ...over };
  return runInquiry(input(), { ...parts, clock: () => NOW, random: randomBytes }, 3, NEVER);
};
const hurried = { limits: { ...LIMITS, timeoutMs: 300 } };

test.each([
  ['well-behaved', {}, 'allow', 'judged'],
  ['verbose', {}, 'allow', 'judged'],
  ['text-only', {}, 'allow', 'judged'],
  ['lying', {}, 'unsure', 'allow_refused'],
  ['page-only', {}, 'unsure', 'allow_refused'],
  ['loops-on-tools', {}, 'unsure', 'rounds_over'],
  ['hanging', hurried, 'unsure', 'time_over'],
  ['hangs-mid-stream', hurried, 'unsure', 'time_over'],
  ['slow', hurried, 'unsure', 'time_over'],
  ['dies-mid-stream', {}, 'unsure', 'model_failed'],
  ['rate-limited', { limits: { ...LIMITS, timeoutMs: 800 } }, 'unsure', 'model_failed'],
  ['refusing', {}, 'unsure', 'model_failed'],
] as [Persona, object, string, string][])(
  'a %s model is met as it should be',
  async (persona, over, kind, why) => {
    const inquiry = await judge(persona, over);
    expect([inquiry.outcome.kind, inquiry.outcome.why]).toEqual([kind, why] as never);
  },
);

test('an inquiry comes to its verdict past what fails in passing, and its transcript tells of that', async () => {
  const busy = { status: 429, headers: { 'retry-after': '1' } };
  server.script({ mishaps: [busy, { status: 503 }, 'cut'] });
  const inquiry = await judge('well-behaved');
  expect(inquiry.outcome).toMatchObject({ kind: 'allow', why: 'judged' });
  expect(inquiry.failure).toBeNull();
  expect(inquiry.rounds.map(({ retried }) => retried.map(({ detail }) => detail))).toEqual([
    [
      'HTTP 429: it asks to wait 1 s; too many requests',
      'HTTP 503: try again',
      'the connection broke off in the middle of the answer',
    ],
    [],
    [],
    [],
  ]);
  // The time that was waited is not the model's.
  expect(inquiry.rounds[0]?.ms).toBeLessThan(2_000);
});

test('a stop ends the pause before a request is made again', async () => {
  server.script({ persona: 'well-behaved', mishaps: [{ status: 429, headers: { 'retry-after': '10' } }] });
  const stop = new AbortController();
  const from = server.requests.length;
  const model = new Model({ apiUrl: server.apiUrl, model: 'm', apiKey: null });
  const parts = { model, tools: TOOLS, apiUrl: server.apiUrl, modelName: 'm', limits: LIMITS };
  const inquiry = runInquiry(input(), { ...parts, clock: () => NOW, random: randomBytes }, 3, stop.signal);
  while (server.requests.length === from) await new Promise((resolve) => setTimeout(resolve, 5));
  setTimeout(() => stop.abort(), 50);
  expect(await inquiry).toMatchObject({ outcome: { why: 'stopped' }, rounds: [] });
  expect(server.requests).toHaveLength(from + 1);
});

test('a model that talks nonsense never throws, and never allows', async () => {
  for (let i = 0; i < 20; i++) {
    const inquiry = await judge('garbage');
    expect(inquiry.outcome.kind).toBe('unsure');
  }
});

test('a request that hangs longer than one may is the failure of the model, not of time', async () => {
  const inquiry = await judge('hanging', { limits: { ...LIMITS, callMs: 50 } });
  expect(inquiry.outcome.why).toBe('model_failed');
  expect(inquiry.failure?.why).toBe('timed_out');
});

test('no key of the model stands in a transcript', async () => {
  const key = 'sk-not-for-transcripts';
  for (const persona of ['well-behaved', 'refusing', 'garbage', 'dies-mid-stream'] as const) {
    expect(JSON.stringify(await judge(persona, {}, key))).not.toContain(key);
  }
});

test('an inquiry can be run again from its transcript, with nobody asked but the model', async () => {
  const first = await judge('well-behaved');
  const silent = TOOL_LIST.map((tool) => ({ ...tool, run: () => Promise.reject(new Error('asked')) }));
  const again = await judge('well-behaved', { tools: replayBox(first, silent), replayOf: first.id });
  expect(again.outcome).toEqual(first.outcome);
  expect(again.replayOf).toBe(3);
  expect(again.rounds.map(({ results }) => results.map(({ text }) => text))).toEqual(
    first.rounds.map(({ results }) => results.map(({ text }) => text)),
  );
});

test('a model that never called tools natively is read from its text', async () => {
  const inquiry = await judge('text-only');
  expect(inquiry.rounds.map(({ dialect }) => dialect)).toEqual(['text', 'text', 'text', 'text']);
});

/** What the chat requests of the last inquiry asked for: tools, a schema. */
const asked = (from: number): readonly string[] =>
  server.requests.slice(from).map(({ body }) => {
    const { tools, response_format: format } = body as Record<string, { json_schema?: { name: string } }>;
    return `${tools === undefined ? '' : 'tools '}${format?.json_schema?.name ?? ''}`.trim();
  });

test.each([
  ['ignores', 'ignored', 'native', ['tools step', 'tools step', 'tools step', 'verdict']],
  ['holds its model to', 'enforced', 'text', ['tools step', 'tools step', 'tools step', 'verdict']],
  [
    'refuses, beside tools,',
    'refused-beside-tools',
    'native',
    ['tools step', 'tools', 'tools', 'tools', 'verdict'],
  ],
] as const)(
  'an inquiry comes to its verdict at a server that %s a schema',
  async (_, schema, dialect, requests) => {
    server.script({ schema });
    const from = server.requests.length;
    const inquiry = await judge('well-behaved');
    server.script({ schema: 'ignored' });
    expect(inquiry.outcome).toMatchObject({ kind: 'allow', why: 'judged', evidence: ['E1', 'E2'] });
    expect(inquiry.rounds.map((round) => round.dialect)).toEqual([dialect, dialect, dialect, 'text']);
    expect(inquiry.rounds.flatMap(({ results }) => results.map(({ id, tool }) => [id, tool]))).toEqual([
      ['E1', 'WHOIS'],
      ['E2', 'FETCH'],
    ]);
    expect(asked(from)).toEqual([...requests]);
  },
);

test('the last round wants a verdict alone, from a server that refuses schemas beside tools as well', async () => {
  server.script({ schema: 'refused-beside-tools' });
  const from = server.requests.length;
  const inquiry = await judge('well-behaved', { limits: { ...LIMITS, rounds: 2 } });
  server.script({ schema: 'ignored' });
  expect(inquiry.outcome).toMatchObject({ kind: 'allow', why: 'judged' });
  expect(asked(from)).toEqual(['tools step', 'tools', 'verdict', 'verdict']);
});
