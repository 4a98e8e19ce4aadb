import { Database } from 'bun:sqlite';
import { afterEach, expect, test } from 'bun:test';
import { statSync } from 'node:fs';
import {
  type InquiryRow,
  inquiryToRow,
  keepingVerdict,
  type VerdictChange,
} from '../../../src/ledger/table/judge-rows.ts';
import { Store } from '../../../src/ledger/thread/store.ts';
import type { UnixMs } from '../../../src/model/brand.ts';
import { makeRound } from '../../tui/transcript/sample-transcript.ts';
import { batchOf } from '../sample-batch.ts';
import { sampleFlow } from '../sample-flow.ts';
import { sampleInquiry, sampleVerdict } from '../sample-judge.ts';
import { cleanUp, openLedger, scratch } from '../scratch.ts';
import { optionsIn } from '../scratch-options.ts';
import { until } from '../until.ts';

afterEach(cleanUp);

const DAY_MS = 86_400_000;
const MIB = 1_048_576;
const NOW = 1_800_000_000_000;

function storeIn(folder: string, over: { keepDays?: number; maxSizeMb?: number } = {}): Store {
  const store = new Store(optionsIn(folder, over), () => NOW);
  store.open();
  return store;
}

function inquiriesAged(from: number, to: number, days: number): InquiryRow[] {
  return Array.from({ length: to - from + 1 }, (_, n) =>
    inquiryToRow(sampleInquiry(from + n, { at: NOW - days * DAY_MS })),
  ).filter((row) => row !== null);
}

function verdicts(count: number, expiresAt: number, prefix: string): VerdictChange[] {
  return Array.from({ length: count }, (_, n) =>
    keepingVerdict(
      sampleVerdict(`${prefix}${n}.example`, { at: (NOW + n) as UnixMs, expiresAt: expiresAt as UnixMs }),
    ),
  ).filter((change) => change !== null);
}

function retainAll(store: Store): void {
  while (store.retain());
}

function countOf(folder: string, sql: string): number {
  const db = new Database(optionsIn(folder).path, { readonly: true });
  const row = db.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${sql}`).get();
  db.close();
  return row?.n ?? -1;
}

function sizeOf(path: string): number {
  return [path, `${path}-wal`].reduce(
    (sum, name) => sum + (statSync(name, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

test('transcripts older than keepDays are deleted, and younger ones stay', () => {
  const store = storeIn(scratch(), { keepDays: 30 });
  store.write(batchOf([], { inquiries: inquiriesAged(1, 100, 31) }));
  store.write(batchOf([], { inquiries: inquiriesAged(101, 105, 29) }));
  retainAll(store);
  expect(store.inquiries(Number.MAX_SAFE_INTEGER, 1_000)?.inquiries.map(({ id }) => id)).toEqual([
    105, 104, 103, 102, 101,
  ]);
  store.close(0);
});

test('verdicts that have expired are deleted, whatever their age, and of the others the newest fifty thousand stay', () => {
  const folder = scratch();
  const store = storeIn(folder, { keepDays: 1 });
  store.write(batchOf([], { verdicts: verdicts(1_500, NOW, 'old') }));
  store.write(batchOf([], { verdicts: verdicts(51_500, NOW + 1, 'new') }));
  retainAll(store);
  store.close(0);
  expect(countOf(folder, 'judge_verdicts')).toBe(50_000);
  expect(countOf(folder, "judge_verdicts WHERE domain LIKE 'old%'")).toBe(0);
  expect(countOf(folder, "judge_verdicts WHERE domain = 'new51499.example'")).toBe(1);
  expect(countOf(folder, "judge_verdicts WHERE domain = 'new1499.example'")).toBe(0);
  const again = storeIn(folder);
  const memory = again.judgeMemory(0);
  expect(memory.verdicts.length).toBe(50_000);
  expect(String(memory.verdicts[0]?.domain)).toBe('new51499.example');
  again.close(0);
}, 20_000);

const SAID = Array.from({ length: 40_000 }, (_, n) => String.fromCharCode(33 + (n % 90))).join('');
/** Rounds that are cut: no transcript that is kept is longer. */
const LONGEST = Array.from({ length: 14 }, () => makeRound({ said: SAID }));

test('the files stay below the limit while long transcripts pour in among flows, and the latest of both are kept', async () => {
  const options = optionsIn(scratch(), { maxSizeMb: 8 });
  const ledger = await openLedger(options);
  let biggest = 0;
  let at = NOW;
  for (let id = 1; id <= 200; id++) {
    ledger.recordInquiry(sampleInquiry(id, { at: at++, rounds: id % 3 === 0 ? LONGEST : [makeRound()] }));
    for (let n = 0; n < 100; n++) ledger.record(sampleFlow(ledger.nextFlowId(), { at: at++ as UnixMs }));
    await ledger.flush();
    biggest = Math.max(biggest, sizeOf(options.path));
  }
  expect(biggest).toBeLessThan(8 * MIB);
  const inquiries = await ledger.inquiries({ limit: 1_000, before: null });
  expect(inquiries[0]?.id).toBe(200);
  expect(inquiries.length).toBeLessThan(60);
  const flows = await ledger.flows({ sinceMs: null, limit: 500, after: null });
  expect(Number(flows.at(-1)?.id)).toBe(20_000);
  // The oldest went first, of one kind as of the other.
  const oldest = await ledger.flows({ sinceMs: null, limit: 1, after: 0 });
  expect(Math.abs((oldest[0]?.at ?? 0) - (inquiries.at(-1)?.at ?? 0))).toBeLessThan(101 * 32);
  expect(ledger.status()).toMatchObject({ state: 'ok', lost: 0 });
}, 60_000);

test('the longest transcripts, one after the other, push out old flows fast enough', async () => {
  const options = optionsIn(scratch(), { maxSizeMb: 8 });
  const ledger = await openLedger(options);
  for (let n = 0; n < 25_000; n++) ledger.record(sampleFlow(ledger.nextFlowId()));
  await ledger.flush();
  for (let id = 1; id <= 40; id++) ledger.recordInquiry(sampleInquiry(id, { at: NOW + id, rounds: LONGEST }));
  let biggest = 0;
  await until('all are written', () => {
    biggest = Math.max(biggest, sizeOf(options.path));
    return ledger.status().queued === 0;
  });
  expect(biggest).toBeLessThan(8 * MIB);
  expect(await ledger.inquiry(40)).not.toBeNull();
  expect(ledger.status()).toMatchObject({ state: 'ok', lost: 0 });
}, 60_000);

test('verdicts go for want of room only when there is nothing else to delete', () => {
  const folder = scratch();
  const store = storeIn(folder, { maxSizeMb: 8 });
  const long = verdicts(3_000, NOW + DAY_MS, 'x').map((change) =>
    change.kept
      ? { ...change, body: change.body.replace('registered', `registered${' '.repeat(4_000)}`) }
      : change,
  );
  store.write(batchOf([sampleFlow(1)], { inquiries: inquiriesAged(1, 3, 0), verdicts: long }));
  expect(store.overSize()).toBe(true);
  retainAll(store);
  expect(store.overSize()).toBe(false);
  expect(store.inquiries(10, 10)?.inquiries).toEqual([]);
  const left = store.judgeMemory(0).verdicts;
  expect(left.length).toBeGreaterThan(0);
  expect(String(left[0]?.domain)).toBe('x2999.example');
  store.close(1);
});
