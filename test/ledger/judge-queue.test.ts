import { expect, test } from 'bun:test';
import { JudgeQueue } from '../../src/ledger/judge-queue.ts';
import { inquiryToRow } from '../../src/ledger/table/inquiry-row.ts';
import { keepingVerdict } from '../../src/ledger/table/verdict-row.ts';
import { sampleInquiry, sampleVerdict } from './sample-judge.ts';

const put = (queue: JudgeQueue, id: number, model = 'm') =>
  queue.putInquiry(inquiryToRow(sampleInquiry(id, { model })));
const keep = (queue: JudgeQueue, domain: string) => queue.putVerdict(keepingVerdict(sampleVerdict(domain)));
const idsOf = (queue: JudgeQueue) => queue.take().inquiries.map(({ summary }) => summary.id);

test('an inquiry goes once, in its newest state, and the same batch again until it is written', () => {
  const queue = new JudgeQueue();
  put(queue, 1, 'old');
  put(queue, 2);
  put(queue, 1, 'new');
  expect(queue.take().inquiries.map(({ summary }) => [summary.id, summary.model])).toEqual([
    [2, 'm'],
    [1, 'new'],
  ]);
  put(queue, 3);
  expect(idsOf(queue)).toEqual([2, 1]);
  queue.settle(false);
  expect(idsOf(queue)).toEqual([2, 1]);
  queue.settle(true);
  expect(idsOf(queue)).toEqual([3]);
  queue.settle(true);
  expect([queue.size, queue.lost]).toEqual([0, 0]);
});

test('a state that comes while the one before is in flight is the one that is found, and goes next', () => {
  const queue = new JudgeQueue();
  put(queue, 1, 'old');
  queue.take();
  expect(queue.find(1)?.summary.model).toBe('old');
  put(queue, 1, 'new');
  expect(queue.find(1)?.summary.model).toBe('new');
  expect(queue.waiting().map(({ summary }) => summary.model)).toEqual(['new']);
  queue.settle(true);
  expect(queue.take().inquiries.map(({ summary }) => summary.model)).toEqual(['new']);
});

test('of a domain only the last thing said counts, whichever it was', () => {
  const queue = new JudgeQueue();
  keep(queue, 'a.example');
  keep(queue, 'b.example');
  queue.putVerdict({ domain: 'a.example', kept: false });
  queue.putVerdict({ domain: 'b.example', kept: false });
  keep(queue, 'b.example');
  expect(queue.take().verdicts.map(({ domain, kept }) => [domain, kept])).toEqual([
    ['a.example', false],
    ['b.example', true],
  ]);
});

test('long transcripts go one by one, and a verdict does not wait for those before it', () => {
  const queue = new JudgeQueue();
  const said = 'x'.repeat(400_000);
  const rounds = [{ ...sampleInquiry(1).rounds[0], said }] as never;
  for (const id of [1, 2, 3]) queue.putInquiry(inquiryToRow(sampleInquiry(id, { rounds })));
  keep(queue, 'a.example');
  const first = queue.take();
  expect(first.inquiries.map(({ summary }) => summary.id)).toEqual([1]);
  expect(first.verdicts.map(({ domain }) => domain)).toEqual(['a.example']);
});

test('past its bytes the oldest transcripts are given up and counted; the newest stays, however long', () => {
  const queue = new JudgeQueue(20_000);
  for (let id = 1; id <= 100; id++) put(queue, id);
  expect(queue.lost).toBeGreaterThan(80);
  expect(queue.size + queue.lost).toBe(100);
  expect(idsOf(queue).at(-1)).toBe(100);
  const tiny = new JudgeQueue(1);
  put(tiny, 1);
  expect([tiny.size, tiny.lost]).toEqual([1, 0]);
});

test('past sixteen thousand domains the oldest change is given up and counted', () => {
  const queue = new JudgeQueue();
  for (let n = 0; n < 16_400; n++) queue.putVerdict({ domain: `${n}.example`, kept: false });
  expect([queue.size, queue.lost]).toEqual([16_384, 16]);
  expect(queue.take().verdicts[0]?.domain).toBe('16.example');
});

test('what is given up at the end is counted, in flight or not', () => {
  const queue = new JudgeQueue();
  put(queue, 1);
  queue.take();
  put(queue, 2);
  keep(queue, 'a.example');
  queue.putInquiry(null);
  queue.abandon();
  expect([queue.size, queue.lost]).toEqual([0, 4]);
});
