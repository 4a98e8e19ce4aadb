import { expect, test } from 'bun:test';
import type { Answer } from '../../src/control/handlers.ts';
import type { Request } from '../../src/control/protocol.ts';
import { answerLine } from '../../src/control/reply-line.ts';
import type { FlowRecord } from '../../src/model/flow.ts';
import { sampleFlow } from '../ledger/sample-flow.ts';
import { sampleStatus } from './sample-status.ts';

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
