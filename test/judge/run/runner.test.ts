import { expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import type { ModelAnswer, ModelLimits, ModelPort, ModelRequest } from '../../../src/judge/core/model.ts';
import { type InquiryParts, promptVersion, runInquiry } from '../../../src/judge/run/runner.ts';
import { type ToolBox, toolBox } from '../../../src/judge/tools/tool-box.ts';
import { cleanText } from '../../../src/model/clean.ts';
import {
  call,
  calls,
  failed,
  input,
  NOW,
  OLD,
  reply,
  SPECS,
  unreadable,
  verdict,
  WHOIS,
} from '../core/examples.ts';
import { deaf, telling, waiting } from '../tools/tool-examples.ts';

const FETCH = call('FETCH', WHOIS.args);
const NEVER = new AbortController().signal;
const LIMITS = { rounds: 12, timeoutMs: 20_000, callMs: 9_000, firstByteMs: 5_000, idleMs: 3_000 };
const TOOLS = toolBox([
  telling('WHOIS', 'registry', 'Domain: cheap-watches.example\nRegistered: 2019-03-02', [OLD]),
  telling('FETCH', 'page', 'Title: Watches'),
]);

type Said =
  | ModelAnswer
  | ((request: ModelRequest, limits: ModelLimits, signal: AbortSignal) => Promise<ModelAnswer>);

/** A model that says these things, one a request, and remembers what it was asked. */
function model(...said: Said[]): ModelPort & { readonly asked: [ModelRequest, ModelLimits, AbortSignal][] } {
  const asked: [ModelRequest, ModelLimits, AbortSignal][] = [];
  return {
    asked,
    ask: (request, limits, signal) => {
      const next = said[asked.length] ?? failed('unreachable');
      asked.push([request, limits, signal]);
      return typeof next === 'function' ? next(request, limits, signal) : Promise.resolve(next);
    },
  };
}

const parts = (port: ModelPort, over: Partial<InquiryParts> = {}): InquiryParts => ({
  model: port,
  tools: TOOLS,
  apiUrl: 'http://127.0.0.1:1234/v1',
  modelName: 'gpt-oss-20b',
  limits: LIMITS,
  clock: () => NOW,
  random: randomBytes,
  ...over,
});
/** A model that hears its signal, and tells then what it has spent. */
const hanging: Said = (_request, _limits, signal) =>
  new Promise((resolve) => {
    const tokens = { prompt: 900, completion: 5 };
    const end = (): void => resolve({ kind: 'failed', why: 'timed_out', detail: 'aborted', tokens, ms: 1 });
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
const dead: Said = () => new Promise(() => {});
const short = { ...LIMITS, timeoutMs: 40 };

test('an inquiry is made to its verdict, and its transcript tells all of it', async () => {
  const port = model(calls(WHOIS, FETCH), verdict('allow', 'E1', 'E2'), verdict('allow', 'E1'));
  const inquiry = await runInquiry(input(), parts(port), 7, NEVER);
  expect(inquiry).toMatchObject({
    id: 7,
    at: NOW,
    apiUrl: 'http://127.0.0.1:1234/v1',
    model: 'gpt-oss-20b',
    promptVersion: promptVersion(TOOLS.specs),
    outcome: { kind: 'allow', why: 'judged', reasons: ['because'], evidence: ['E1', 'E2'] },
    marks: [],
    tokens: { prompt: 300, completion: 30 },
    failure: null,
    replayOf: null,
  });
  expect(inquiry.rounds.map(({ results }) => results.map(({ id, tool }) => `${id} ${tool}`))).toEqual([
    ['E1 WHOIS', 'E2 FETCH'],
    [],
    [],
  ]);
  expect(inquiry.rounds.map(({ isBlind }) => isBlind)).toEqual([false, false, true]);
});

test('findings are told whenever tools have run', async () => {
  const told: (readonly string[])[] = [];
  const port = model(calls(WHOIS), calls(FETCH), verdict('unsure'));
  await runInquiry(input(), parts(port, { onProgress: (findings) => told.push(findings) }), 1, NEVER);
  const whois = 'WHOIS: Domain: cheap-watches.example; Registered: 2019-03-02';
  expect(told).toEqual([[whois], [whois, 'FETCH: Title: Watches']]);
});

test('findings are short, clean, and no more than a screen takes', async () => {
  let told: readonly string[] = [];
  const text = `\u001b]0;x\u0007${'bad\u202e '.repeat(90)}`;
  const box = toolBox([telling('WHOIS', 'registry', text)]);
  const looks = Array.from({ length: 11 }, (_, i) => calls(call('WHOIS', { domain: `d${i}` })));
  await runInquiry(
    input(),
    parts(model(...looks), {
      tools: box,
      onProgress: (findings) => {
        told = findings;
      },
    }),
    1,
    NEVER,
  );
  expect(told).toHaveLength(8);
  for (const finding of told) {
    expect(finding.length).toBeLessThanOrEqual(120);
    expect(finding).toBe(cleanText(finding));
  }
});

test('each request has its limits, never longer than what is left', async () => {
  const port = model(verdict('unsure'));
  await runInquiry(input(), parts(port, { limits: { ...LIMITS, timeoutMs: 1_000 } }), 1, NEVER);
  const [, limits] = port.asked[0] ?? [];
  expect(limits).toMatchObject({ firstByteMs: 5_000, idleMs: 3_000 });
  expect(limits?.totalMs).toBeLessThanOrEqual(1_000);
});

test('what still runs when an inquiry ends is told to end', async () => {
  const port = model(calls(WHOIS), verdict('block', 'E1'));
  await runInquiry(input(), parts(port), 1, NEVER);
  expect(port.asked.map(([, , signal]) => signal.aborted)).toEqual([true, true]);
});

test.each([
  ['a model that hangs', hanging, { prompt: 900, completion: 5 }],
  ['a model that is deaf', dead, { prompt: 0, completion: 0 }],
] as [string, Said, object][])('%s is waited for until the time is over', async (_, said, tokens) => {
  const inquiry = await runInquiry(input(), parts(model(said), { limits: short }), 1, NEVER);
  expect(inquiry.outcome).toMatchObject({ kind: 'unsure', why: 'time_over' });
  expect(inquiry.tokens).toMatchObject(tokens);
  expect(inquiry.failure).toBeNull();
});

test.each([
  ['tools that wait', waiting('WHOIS', 60_000)],
  ['tools that are deaf', deaf('WHOIS', 60_000)],
])('%s are waited for until the time is over', async (_, tool) => {
  const port = model(calls(WHOIS), verdict('allow', 'E1'));
  const inquiry = await runInquiry(input(), parts(port, { tools: toolBox([tool]), limits: short }), 1, NEVER);
  expect(inquiry.outcome).toMatchObject({ kind: 'unsure', why: 'time_over' });
  expect(inquiry.rounds[0]?.calls).toHaveLength(1);
});

test('a verdict that comes at the last moment still counts', async () => {
  const last: Said = (_request, _limits, signal) =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve(verdict('unsure'))));
  const inquiry = await runInquiry(input(), parts(model(last), { limits: short }), 1, NEVER);
  expect(inquiry.outcome.why).toBe('judged');
});

test.each([
  ['the model is asked', dead, TOOLS],
  ['tools run', calls(WHOIS), toolBox([deaf('WHOIS', 60_000)])],
] as [string, Said, ToolBox][])('a stop while %s ends the inquiry at once', async (_, said, tools) => {
  const stop = new AbortController();
  const running = runInquiry(input(), parts(model(said), { tools }), 1, stop.signal);
  await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  expect((await running).outcome).toMatchObject({ kind: 'unsure', why: 'stopped' });
});

test('an inquiry that begins stopped asks nobody', async () => {
  const port = model(verdict('unsure'));
  const inquiry = await runInquiry(input(), parts(port), 1, AbortSignal.abort());
  expect(inquiry.outcome.why).toBe('stopped');
  expect(port.asked).toHaveLength(0);
});

test('how a model failed is told', async () => {
  const inquiry = await runInquiry(input(), parts(model(failed('refused'))), 1, NEVER);
  expect(inquiry.outcome).toMatchObject({
    kind: 'unsure',
    why: 'model_failed',
    reasons: ['the server refused'],
  });
  expect(inquiry.failure).toEqual({ why: 'refused', detail: 'the server refused' });
});

const fault = (): never => {
  throw new Error('x');
};

test.each([
  ['a port that rejects', { model: model(() => Promise.reject(new Error('x'))) }],
  ['a port that throws', { model: model(fault) }],
  ['a box that rejects', { tools: { specs: SPECS, run: () => Promise.reject(new Error('x')) } }],
  ['a listener that throws', { onProgress: fault }],
  ['no randomness', { random: fault }],
] as [string, Partial<InquiryParts>][])('%s ends an inquiry, and nothing throws', async (_, over) => {
  const inquiry = await runInquiry(input(), parts(model(calls(WHOIS)), over), 1, NEVER);
  const reasons = ['the judge broke: x'];
  expect(inquiry.outcome).toEqual({ kind: 'unsure', why: 'judge_broke', reasons, evidence: [] });
});

test('a fault of ours leaves what came before it in the transcript', async () => {
  const port = model(calls(WHOIS), fault);
  const inquiry = await runInquiry(input(), parts(port), 1, NEVER);
  expect(inquiry.outcome.why).toBe('judge_broke');
  expect(inquiry.rounds.map(({ results }) => results.map(({ id }) => id))).toEqual([['E1']]);
});

test('a slow model is asked for its verdict while there is time for one', async () => {
  const slow = { ...calls(WHOIS), ms: 15_000 } as ModelAnswer;
  const port = model(slow, verdict('block', 'E1'));
  await runInquiry(input(), parts(port), 1, NEVER);
  expect(port.asked.map(([request]) => request.tools.length)).toEqual([2, 0]);
});

test('every inquiry has a nonce of its own, from the randomness it is given', async () => {
  const ports = [model(verdict('unsure')), model(verdict('unsure'))];
  for (const [i, port] of ports.entries()) {
    await runInquiry(
      input(),
      parts(port, { random: (bytes) => new Uint8Array(bytes).fill(i + 0xa0) }),
      1,
      NEVER,
    );
  }
  const [first, second] = ports.map((port) => port.asked[0]?.[0].messages[1]?.text ?? '');
  expect(first).toContain('a0a0a0a0a0a0a0a0');
  expect(second).toContain('a1a1a1a1a1a1a1a1');
});

test('a model that answers nothing that can be read gets one more chance', async () => {
  const inquiry = await runInquiry(input(), parts(model(unreadable(), unreadable())), 1, NEVER);
  expect(inquiry.outcome.why).toBe('no_answer');
  expect(inquiry.rounds).toHaveLength(2);
});

test('a replay is told from a real inquiry', async () => {
  const inquiry = await runInquiry(input(), parts(model(verdict('unsure')), { replayOf: 4 }), 9, NEVER);
  expect(inquiry.replayOf).toBe(4);
});

test('the version of a prompt changes with its tools, and with nothing else', () => {
  expect(promptVersion(SPECS)).toMatch(/^[0-9a-f]{12}$/);
  expect(promptVersion(SPECS)).toBe(promptVersion([...SPECS]));
  expect(promptVersion(SPECS.slice(1))).not.toBe(promptVersion(SPECS));
  const [first, ...others] = SPECS;
  if (first === undefined) throw new Error('no tools');
  expect(promptVersion([{ ...first, parameters: {} }, ...others])).not.toBe(promptVersion(SPECS));
});

test('what a model says is kept short and clean', async () => {
  const said = `\u001b[31m${'word '.repeat(5_000)}`;
  const port = model(reply({ kind: 'unreadable', why: 'no', said }), verdict('unsure'));
  const inquiry = await runInquiry(input(), parts(port), 1, NEVER);
  expect(inquiry.rounds[0]?.said.length).toBeLessThanOrEqual(2_000);
  expect(inquiry.rounds[0]?.said).not.toContain('\u001b');
});
