import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Answer } from '../../src/control/handlers.ts';
import { OutBuffer } from '../../src/control/out-buffer.ts';
import type { Request } from '../../src/control/protocol.ts';
import { readRequest } from '../../src/control/read-request.ts';
import { answerLine } from '../../src/control/reply-line.ts';
import { Subscription } from '../../src/control/subscription.ts';
import type { FlowRecord } from '../../src/model/flow.ts';
import { ended, sampleFlow } from '../ledger/sample-flow.ts';
import { sampleStatus } from './sample-status.ts';

const toJson = (flow: FlowRecord): string => JSON.stringify(flow);

test('a request is read with its defaults filled in', () => {
  expect(readRequest('{"id":7,"method":"flows"}')).toEqual({
    ok: true,
    request: { id: 7, method: 'flows', sinceMs: null, filter: '', limit: 1_000, after: null },
  });
});

test.each([
  ['{', null, 'not JSON'],
  ['null', null, 'message'],
  ['{"id":3}', 3, 'method'],
  ['{"id":3,"method":"nothing"}', 3, 'method'],
  ['{"id":"3","method":"status"}', null, 'id'],
  ['{"id":3,"method":"flows","limit":0}', 3, 'limit'],
  ['{"id":3,"method":"status","extra":1}', 3, 'extra'],
  [
    '{"id":3,"method":"rules.add","origin":"screen","rules":[{"action":"allow","host":"a"},{"action":"x","host":"b"}]}',
    3,
    'rules.1.action',
  ],
])('%s is refused, with its id where it has one and the path of the field', (line, id, where) => {
  const read = readRequest(line);
  expect(read).toMatchObject({ ok: false, id, error: expect.stringContaining(where) });
});

test('what a message repeats of itself in an error is cleaned and short', () => {
  const read = readRequest(
    JSON.stringify({ id: 1, method: 'status', [`\u001b[31m${'x'.repeat(5_000)}`]: 1 }),
  );
  if (read.ok) throw new Error('it was taken');
  expect(read.error).not.toContain('\u001b');
  expect(read.error.length).toBeLessThan(2_000);
});

test('no line makes the reader throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.anything().map((value) => JSON.stringify(value) ?? ''),
      ),
      (line) => {
        expect(typeof readRequest(line).ok).toBe('boolean');
      },
    ),
  );
});

test('bytes come out in their order, however little the socket takes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { maxLength: 20 }),
      fc.array(fc.integer({ min: -1, max: 12 }), { minLength: 1, maxLength: 60 }),
      (texts, takes) => {
        const out: number[] = [];
        let turn = 0;
        const buffer = new OutBuffer((bytes) => {
          const taken = Math.min(takes[turn++ % takes.length] ?? 0, bytes.length);
          if (taken > 0) out.push(...bytes.subarray(0, taken));
          return taken;
        });
        for (const text of texts) {
          buffer.push(text);
          if (turn % 3 === 0) buffer.drain();
        }
        const wanted = [...new TextEncoder().encode(texts.join(''))];
        expect(out).toEqual(wanted.slice(0, out.length));
        expect(buffer.sizeBytes).toBe(wanted.length - out.length);
        expect(buffer.drain()).toBe(buffer.sizeBytes === 0);
      },
    ),
  );
});

test('a subscriber is told the newest state of each flow, once, in the order they came', () => {
  const subscription = new Subscription('log', () => true);
  for (const flow of [sampleFlow(1), sampleFlow(2), ended(sampleFlow(1))]) subscription.offer(flow);
  expect(JSON.parse(subscription.takeLines(toJson))).toEqual({
    event: 'flows',
    flows: [ended(sampleFlow(1)), sampleFlow(2)],
    missed: 0,
  });
  expect(subscription.takeLines(toJson)).toBe('');
  expect(subscription.waiting).toBe(false);
});

test('flows that do not match are not told', () => {
  const subscription = new Subscription('log', ({ id }) => id !== 2);
  for (let id = 1; id <= 3; id++) subscription.offer(sampleFlow(id));
  expect(JSON.parse(subscription.takeLines(toJson)).flows.map(({ id }: FlowRecord) => Number(id))).toEqual([
    1, 3,
  ]);
});

test('a reader that is too slow misses the oldest, and is told how many', () => {
  const subscription = new Subscription('screen', () => true, 10);
  for (let id = 1; id <= 25; id++) subscription.offer(sampleFlow(id));
  const event = JSON.parse(subscription.takeLines(toJson));
  expect(event.missed).toBe(15);
  expect(event.flows.map(({ id }: FlowRecord) => Number(id))).toEqual([
    16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
  ]);
});

test('every flow offered is told or counted as missed, in any order of offering and taking', () => {
  const step = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant('take' as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const subscription = new Subscription('log', () => true, 8);
      const newest = new Map<number, number>();
      const told = new Map<number, number>();
      let missed = 0;
      const take = (): void => {
        const lines = subscription.takeLines(toJson);
        if (lines === '') return;
        const event = JSON.parse(lines);
        missed += event.missed;
        for (const flow of event.flows as FlowRecord[]) told.set(flow.id, flow.bytesIn);
      };
      for (const [at, each] of steps.entries()) {
        if (each === 'take') take();
        else {
          newest.set(each, at);
          subscription.offer(sampleFlow(each, { bytesIn: at }));
        }
      }
      take();
      const untold = [...newest].filter(([id, at]) => told.get(id) !== at);
      expect(untold.length).toBeLessThanOrEqual(missed);
      expect(subscription.waiting).toBe(false);
    }),
  );
});

test('one event is bounded; the rest waits for the next', () => {
  const subscription = new Subscription('log', () => true);
  for (let id = 1; id <= 1_200; id++) subscription.offer(sampleFlow(id));
  const lines: string[] = [];
  while (subscription.waiting) lines.push(subscription.takeLines(toJson));
  expect(lines.length).toBeGreaterThan(1);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(600_000);
  const ids = lines.flatMap((line) => JSON.parse(line).flows.map(({ id }: FlowRecord) => Number(id)));
  expect(ids).toEqual(Array.from({ length: 1_200 }, (_, n) => n + 1));
});

test('only the latest status is told', () => {
  const subscription = new Subscription('screen', () => true);
  subscription.offerStatus(sampleStatus({ rules: 1 }));
  subscription.offerStatus(sampleStatus({ rules: 2 }));
  expect(JSON.parse(subscription.takeLines(toJson))).toEqual({
    event: 'status',
    status: sampleStatus({ rules: 2 }),
  });
  expect(subscription.waiting).toBe(false);
});

const flowsRequest = (over: Partial<Request & { method: 'flows' }> = {}): Request & { method: 'flows' } => ({
  id: 4,
  method: 'flows',
  sinceMs: null,
  filter: '',
  limit: 10_000,
  after: null,
  ...over,
});

function heavyFlows(): FlowRecord[] {
  const text = 'x'.repeat(30_000);
  return Array.from({ length: 100 }, (_, n) => sampleFlow(n + 1, { detail: text }));
}

test('flows that do not fit into a reply are left out at the right end, and `more` says so', () => {
  const answer: Answer<'flows'> = { flows: heavyFlows(), more: false };
  const paged = JSON.parse(answerLine(flowsRequest({ after: 0 }), answer)).result;
  expect(paged.more).toBe(true);
  expect(paged.flows[0].id).toBe(1);
  expect(paged.flows.length).toBeLessThan(100);
  const tail = JSON.parse(answerLine(flowsRequest(), answer)).result;
  expect(tail.flows.at(-1).id).toBe(100);
  expect(tail.flows.length).toBe(paged.flows.length);
});

test('a backlog that does not fit loses its oldest flows', () => {
  const request = { id: 1, method: 'subscribe' as const, as: 'log' as const, filter: '', backlog: 100 };
  const { result } = JSON.parse(answerLine(request, { flows: heavyFlows(), status: sampleStatus() }));
  expect(result.flows.at(-1).id).toBe(100);
  expect(result.flows.length).toBeLessThan(100);
  expect(result.status).toEqual(sampleStatus());
});

test('a reply that fits is the answer as it is', () => {
  const answer = { flows: [sampleFlow(1)], more: false };
  expect(JSON.parse(answerLine(flowsRequest(), answer))).toEqual({ id: 4, ok: true, result: answer });
});
