import { expect, test } from 'bun:test';
import { inquiryQueue, verdictQueue } from '../../src/ledger/queues.ts';
import {
  type InquiryRow,
  inquiryToRow,
  keepingVerdict,
  type VerdictChange,
} from '../../src/ledger/table/judge-rows.ts';
import type { InquiryPart } from '../tui/transcript/sample-transcript.ts';
import { sampleInquiry, sampleVerdict } from './sample-judge.ts';

type Inquiries = ReturnType<typeof inquiryQueue>;

function rowOf(id: number, over: InquiryPart = {}): InquiryRow {
  const row = inquiryToRow(sampleInquiry(id, over));
  if (row === null) throw new Error(`inquiry ${id} cannot be written`);
  return row;
}

function keeping(domain: string): VerdictChange {
  const change = keepingVerdict(sampleVerdict(domain));
  if (change === null) throw new Error(`the verdict of ${domain} cannot be written`);
  return change;
}

const put = (queue: Inquiries, id: number, model = 'm') => queue.put(rowOf(id, { model }));
const idsOf = (queue: Inquiries) => queue.take().map(({ summary }) => summary.id);

test('an inquiry goes once, in its newest state, and the same batch again until it is written', () => {
  const queue = inquiryQueue();
  put(queue, 1, 'old');
  put(queue, 2);
  put(queue, 1, 'new');
  expect(queue.take().map(({ summary }) => [summary.id, summary.model])).toEqual([
    [1, 'new'],
    [2, 'm'],
  ]);
  put(queue, 3);
  expect(idsOf(queue)).toEqual([1, 2]);
  queue.settle(false);
  expect(idsOf(queue)).toEqual([1, 2]);
  queue.settle(true);
  expect(idsOf(queue)).toEqual([3]);
  queue.settle(true);
  expect([queue.size, queue.lost]).toEqual([0, 0]);
});

test('a state that comes while the one before is in flight is the one that is found, and goes next', () => {
  const queue = inquiryQueue();
  put(queue, 1, 'old');
  queue.take();
  expect(queue.find(1)?.summary.model).toBe('old');
  put(queue, 1, 'new');
  expect(queue.find(1)?.summary.model).toBe('new');
  expect(queue.all().map(({ summary }) => summary.model)).toEqual(['new']);
  queue.settle(true);
  expect(queue.take().map(({ summary }) => summary.model)).toEqual(['new']);
});

test('what is kept and taken back of a domain is written in its order', () => {
  const queue = verdictQueue();
  queue.put(keeping('a.example'));
  queue.put(keeping('b.example'));
  queue.put({ domain: 'a.example', kept: false });
  queue.put({ domain: 'b.example', kept: false });
  queue.put(keeping('b.example'));
  expect(queue.take().map(({ domain, kept }) => [domain, kept])).toEqual([
    ['a.example', true],
    ['b.example', true],
    ['a.example', false],
    ['b.example', false],
    ['b.example', true],
  ]);
});

test('long transcripts go one by one', () => {
  const queue = inquiryQueue();
  const said = 'x'.repeat(400_000);
  const rounds = [{ ...sampleInquiry(1).rounds[0], said }] as never;
  for (const id of [1, 2, 3]) queue.put(rowOf(id, { rounds }));
  expect(idsOf(queue)).toEqual([1]);
  queue.settle(true);
  expect(idsOf(queue)).toEqual([2]);
});

test('past its bytes the oldest transcripts are given up and counted; the newest stays, however long', () => {
  const queue = inquiryQueue({ maxBytes: 20_000 });
  for (let id = 1; id <= 100; id++) put(queue, id);
  expect(queue.lost).toBeGreaterThan(80);
  expect(queue.size + queue.lost).toBe(100);
  expect(idsOf(queue).at(-1)).toBe(100);
  const tiny = inquiryQueue({ maxBytes: 1 });
  put(tiny, 1);
  expect([tiny.size, tiny.lost]).toEqual([1, 0]);
});

test('a state that is longer than the one before counts as it is', () => {
  const queue = inquiryQueue({ maxBytes: 20_000 });
  put(queue, 1);
  put(queue, 2);
  queue.put(rowOf(2, { rounds: [{ ...sampleInquiry(2).rounds[0], said: 'x'.repeat(19_000) }] as never }));
  expect([idsOf(queue), queue.lost]).toEqual([[2], 1]);
});

test('past sixteen thousand domains the oldest change is given up and counted', () => {
  const queue = verdictQueue();
  for (let n = 0; n < 16_400; n++) queue.put({ domain: `${n}.example`, kept: false });
  expect([queue.size, queue.lost]).toEqual([16_384, 16]);
  expect(queue.take()[0]?.domain).toBe('16.example');
});

test('what is given up at the end is counted, in flight or not', () => {
  const queue = inquiryQueue();
  put(queue, 1);
  queue.take();
  put(queue, 2);
  queue.refuse();
  queue.abandon();
  expect([queue.size, queue.lost]).toEqual([0, 3]);
  put(queue, 3);
  expect(idsOf(queue)).toEqual([3]);
});
