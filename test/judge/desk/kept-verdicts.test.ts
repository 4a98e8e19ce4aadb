import { expect, test } from 'bun:test';
import { KeptVerdicts } from '../../../src/judge/desk/kept-verdicts.ts';
import type { RegistrableDomain, UnixMs } from '../../../src/model/brand.ts';
import type { KeptVerdict, OutcomeWhy } from '../../../src/model/inquiry.ts';
import { sampleInquiry } from './sample-inquiry.ts';

const NOW = 1_795_000_000_000 as UnixMs;
const BY = { model: 'm1', promptVersion: 'p1' };
const A = 'a.example' as RegistrableDomain;
const byCurl = (domain: string) => ({ domain: domain as RegistrableDomain, app: '/usr/bin/curl' });
const CURL = byCurl(A);
const at = (ms: number) => (NOW + ms) as UnixMs;

function book(saved: KeptVerdict[] = []) {
  const kept: KeptVerdict[] = [];
  const forgotten: string[] = [];
  const store = {
    keepVerdict: (verdict: KeptVerdict) => void kept.push(verdict),
    forgetVerdict: (domain: RegistrableDomain) => void forgotten.push(domain),
  };
  return { book: new KeptVerdicts(saved, store), kept, forgotten };
}

test('a verdict holds until it expires, for the model and prompt that gave it', () => {
  const { book: verdicts, kept } = book();
  const learned = verdicts.learn(sampleInquiry(A), NOW);
  expect(kept).toEqual(learned === null ? [] : [learned]);
  expect(verdicts.get(CURL, BY, NOW)).toMatchObject({ kind: 'allow', inquiry: 1 });
  expect(verdicts.get(CURL, { ...BY, model: 'm2' }, NOW)).toBeNull();
  expect(verdicts.get(CURL, { ...BY, promptVersion: 'p2' }, NOW)).toBeNull();
  expect(verdicts.get(CURL, BY, at(31 * 86_400_000))).toBeNull();
});

test('a verdict for one program serves no other, and none that is not known', () => {
  const { book: verdicts } = book();
  verdicts.learn(sampleInquiry(A), NOW);
  expect(verdicts.get({ domain: A, app: '/usr/bin/wget' }, BY, NOW)).toBeNull();
  expect(verdicts.get({ domain: A, app: null }, BY, NOW)).toBeNull();
  const { input } = sampleInquiry(A);
  const unknown = { ...input, app: { ...input.app, path: null } };
  const outcome = { kind: 'block', why: 'judged', reasons: [], evidence: [] } as const;
  verdicts.learn(sampleInquiry(A, { input: unknown, outcome }), NOW);
  expect(verdicts.get({ domain: A, app: null }, BY, NOW)?.kind).toBe('block');
  expect(verdicts.get(CURL, BY, NOW)?.kind).toBe('allow');
  expect(verdicts.list(BY, NOW)).toHaveLength(2);
  expect(verdicts.forget(A)).toBe(true);
  expect(verdicts.list(BY, NOW)).toEqual([]);
});

test('what was saved counts after a restart', () => {
  const first = book();
  first.book.learn(sampleInquiry(A), NOW);
  const second = book(first.kept);
  expect(second.book.get(CURL, BY, NOW)?.kind).toBe('allow');
});

test('a verdict that is forgotten is gone, here and where it is saved', () => {
  const { book: verdicts, forgotten } = book();
  verdicts.learn(sampleInquiry(A), NOW);
  expect(verdicts.forget(A)).toBe(true);
  expect(verdicts.get(CURL, BY, NOW)).toBeNull();
  // What had to go from here for want of room may still be saved.
  expect(verdicts.forget(A)).toBe(false);
  expect(forgotten).toEqual([A, A]);
});

test('only verdicts in force are listed, newest first', () => {
  const { book: verdicts } = book();
  verdicts.learn(sampleInquiry(A), NOW);
  verdicts.learn(sampleInquiry('b.example'), at(1_000));
  verdicts.learn(sampleInquiry('c.example', { model: 'm2' }), at(2_000));
  expect(verdicts.list(BY, at(3_000)).map((kept) => kept.domain as string)).toEqual([
    'b.example',
    'a.example',
  ]);
  expect(verdicts.list(BY, at(30 * 86_400_000)).map((kept) => kept.domain as string)).toEqual(['b.example']);
});

test('of more verdicts than there is room for the newest that were saved count', () => {
  const { book: verdicts, kept } = book();
  verdicts.learn(sampleInquiry(A), NOW);
  const saved = Array.from({ length: 50_001 }, (_, i) => ({
    ...(kept[0] as KeptVerdict),
    domain: `n${i}.example` as RegistrableDomain,
  }));
  const again = book(saved).book;
  expect(again.get(byCurl('n0.example'), BY, NOW)?.kind).toBe('allow');
  expect(again.get(byCurl('n50000.example'), BY, NOW)).toBeNull();
});

test('a verdict from a clock that ran ahead does not count', () => {
  const { book: verdicts } = book();
  verdicts.learn(sampleInquiry(A), at(365 * 86_400_000));
  expect(verdicts.get(CURL, BY, NOW)).toBeNull();
});

// Why an inquiry ended, and how long it is not asked again.
test.each<[OutcomeWhy, number]>([
  ['judged', 6 * 3_600_000],
  ['allow_refused', 86_400_000],
  ['block_refused', 86_400_000],
  ['no_answer', 3_600_000],
  ['rounds_over', 3_600_000],
  ['tokens_over', 3_600_000],
])('an unsure judge that ended by %s is not asked again for %d ms', (why, forMs) => {
  const { book: verdicts } = book();
  const outcome = { kind: 'unsure', why, reasons: [], evidence: [] } as const;
  verdicts.learn(sampleInquiry(A, { outcome }), NOW);
  expect(verdicts.get(CURL, BY, at(forMs - 1))?.kind).toBe('unsure');
  expect(verdicts.get(CURL, BY, at(forMs))).toBeNull();
});

test.each(['stopped', 'model_failed', 'time_over', 'judge_broke'] as const)(
  'an inquiry that ended by %s leaves nothing behind',
  (why) => {
    const { book: verdicts, kept } = book();
    const outcome = { kind: 'unsure', why, reasons: [], evidence: [] } as const;
    expect(verdicts.learn(sampleInquiry(A, { outcome }), NOW)).toBeNull();
    expect(verdicts.get(CURL, BY, NOW)).toBeNull();
    expect(kept).toEqual([]);
  },
);
