import { Database } from 'bun:sqlite';
import { afterEach, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { bodyToInquiry, INQUIRY_MAX_BYTES, inquiryToRow } from '../../src/ledger/table/judge-rows.ts';
import { inquirySchema, inquirySummarySchema } from '../../src/schema/judge.ts';
import { makeInquiry, makeResult, makeRound, sampleMark } from '../tui/transcript/sample-transcript.ts';
import { sampleInquiry } from './sample-judge.ts';
import { cleanUp, openLedger, scratch } from './scratch.ts';
import { optionsIn } from './scratch-options.ts';
import { until } from './until.ts';

afterEach(cleanUp);

const LATEST = { limit: 100, before: null };
const idsOf = async (ledger: Ledger, query: { limit: number; before: number | null } = LATEST) =>
  (await ledger.inquiries(query)).map(({ id }) => id);

test('a transcript comes back as it was recorded, and its summary says what lists show', async () => {
  const options = optionsIn(scratch());
  const ledger = await openLedger(options);
  const inquiry = sampleInquiry(12, { marks: [sampleMark], replayOf: 7 });
  ledger.recordInquiry(inquiry);
  await ledger.flush();
  expect(await ledger.inquiry(12)).toEqual(inquiry);
  expect(await ledger.inquiry(13)).toBeNull();
  const [summary] = await ledger.inquiries(LATEST);
  expect(inquirySummarySchema.strict().parse(summary)).toEqual({
    id: 12,
    at: inquiry.at,
    host: 'cdn.example.com',
    domain: 'example.com',
    app: 'curl',
    kind: 'block',
    why: 'judged',
    reason: 'registered three days ago',
    marks: 1,
    rounds: 2,
    tokens: 1_880,
    durationMs: 2_600,
    model: 'gpt-oss-20b',
    replayOf: 7,
  });
  await ledger.close();
  expect(await (await openLedger(options)).inquiry(12)).toEqual(inquiry);
});

test('a transcript of before failures in passing were told is read', () => {
  const inquiry = sampleInquiry(1);
  const body = JSON.stringify(inquiry, (key, value: unknown) => (key === 'retried' ? undefined : value));
  expect(bodyToInquiry(body)).toEqual(inquiry);
});

test('an inquiry that is recorded again is there once, in its newest state', async () => {
  const ledger = await openLedger(optionsIn(scratch()));
  ledger.recordInquiry(sampleInquiry(1, { model: 'first' }));
  await ledger.flush();
  ledger.recordInquiry(sampleInquiry(1, { model: 'second' }));
  await ledger.flush();
  expect((await ledger.inquiries(LATEST)).map(({ id, model }) => [id, model])).toEqual([[1, 'second']]);
  expect(await ledger.inquiry(1)).toMatchObject({ model: 'second' });
});

test('lists page from the newest back', async () => {
  const ledger = await openLedger(optionsIn(scratch()));
  for (let id = 1; id <= 1_200; id++) ledger.recordInquiry(sampleInquiry(id));
  await ledger.flush();
  expect(await idsOf(ledger, { limit: 3, before: null })).toEqual([1_200, 1_199, 1_198]);
  expect(await idsOf(ledger, { limit: 3, before: 3 })).toEqual([2, 1]);
  expect((await idsOf(ledger, { limit: 1_001, before: null })).at(-1)).toBe(200);
});

test('while the database is locked inquiries wait, are listed and read with the others, and are all written later', async () => {
  const options = optionsIn(scratch());
  const ledger = await openLedger(options);
  ledger.recordInquiry(sampleInquiry(1));
  await ledger.flush();
  const other = new Database(options.path);
  other.run('PRAGMA busy_timeout = 5000');
  other.run('BEGIN EXCLUSIVE');
  for (const id of [2, 3]) ledger.recordInquiry(sampleInquiry(id));
  ledger.recordInquiry(sampleInquiry(1, { model: 'newer' }));
  await until('the lock is noticed', () => ledger.status().state === 'failing');
  ledger.recordInquiry(sampleInquiry(4));
  expect(ledger.status()).toMatchObject({ queued: 4, lost: 0 });
  expect(await idsOf(ledger)).toEqual([4, 3, 2, 1]);
  expect(await idsOf(ledger, { limit: 2, before: 4 })).toEqual([3, 2]);
  expect((await ledger.inquiries(LATEST)).at(-1)?.model).toBe('newer');
  expect(await ledger.inquiry(3)).toEqual(sampleInquiry(3));
  expect(await ledger.inquiry(1)).toMatchObject({ model: 'newer' });
  other.run('ROLLBACK');
  other.close();
  await until('the queue is empty', () => ledger.status().queued === 0);
  await ledger.close();
  const again = await openLedger(options);
  expect(await idsOf(again)).toEqual([4, 3, 2, 1]);
  expect(again.status()).toMatchObject({ state: 'ok', lost: 0 });
});

test('an inquiry that comes after the ledger was closed counts as lost', async () => {
  const ledger = await openLedger(optionsIn(scratch()));
  await ledger.close();
  ledger.recordInquiry(sampleInquiry(1));
  expect(ledger.status()).toMatchObject({ queued: 0, lost: 1 });
});

test('a row that somebody broke is left out and told, and the others come', async () => {
  const options = optionsIn(scratch());
  const first = await openLedger(options);
  for (const id of [1, 2, 3, 4]) first.recordInquiry(sampleInquiry(id));
  await first.close();
  const db = new Database(options.path);
  db.run("UPDATE inquiries SET kind = 'maybe' WHERE id = 2");
  db.run("UPDATE inquiries SET body = '{' WHERE id = 3");
  db.run("UPDATE inquiries SET body = '{}' WHERE id = 4");
  db.close();
  const ledger = await openLedger(options);
  expect(await idsOf(ledger)).toEqual([4, 3, 1]);
  expect(await idsOf(ledger, { limit: 1, before: 3 })).toEqual([1]);
  expect(ledger.status()).toMatchObject({ state: 'ok', error: expect.stringContaining('1 inquiries') });
  for (const id of [3, 4]) expect(await ledger.inquiry(id)).toBeNull();
  expect(ledger.status().error).toContain('cannot be read by this version');
});

test('in a transcript that is too long the longest texts are cut and say so, and what is short stays', () => {
  const long = makeResult({ text: 'é'.repeat(400_000) });
  const short = makeResult({ id: 'E2', text: 'registered in 1995' });
  const inquiry = sampleInquiry(1, {
    rounds: [makeRound({ results: [long, short], said: 'x'.repeat(30_000) })],
  });
  const body = inquiryToRow(inquiry)?.body ?? '';
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(INQUIRY_MAX_BYTES);
  const round = bodyToInquiry(body)?.rounds[0];
  expect(round?.results[0]?.text).toBe(`${'é'.repeat(65_536)}… (334464 more characters were not kept)`);
  expect(round?.results[1]?.text).toBe('registered in 1995');
  expect(round?.said).toBe('x'.repeat(30_000));
});

test('a transcript of too many texts keeps all but its rounds, and says so', () => {
  const results = Array.from({ length: 20_000 }, () => makeResult());
  const inquiry = sampleInquiry(1, { rounds: [makeRound({ results })] });
  const kept = bodyToInquiry(inquiryToRow(inquiry)?.body ?? '');
  expect(kept?.rounds).toEqual([]);
  expect(kept?.outcome.reasons.at(-1)).toBe('the rounds were too long to be kept');
  const marks = Array.from({ length: 20_000 }, () => sampleMark);
  expect(inquiryToRow(sampleInquiry(1, { marks }))).toBeNull();
});

test('whatever a model and a page say, a transcript is read as it was written, and is never too long', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom('\u0000', '\ud800', '"\\', 'a\u2028b'),
    fc.nat({ max: 700_000 }).map((length) => '\u{1f600}"'.repeat(length / 3)),
  );
  fc.assert(
    fc.property(text, text, text, (said, page, reason) => {
      const inquiry = makeInquiry({
        rounds: [
          makeRound({ said, results: [makeResult({ text: page, args: { [reason.slice(0, 9)]: said } })] }),
        ],
        outcome: { kind: 'unsure', why: 'no_answer', reasons: [reason], evidence: [said] },
      });
      const row = inquiryToRow(inquiry as never);
      if (row === null) throw new Error('no row');
      expect(Buffer.byteLength(row.body)).toBeLessThanOrEqual(INQUIRY_MAX_BYTES);
      expect(inquirySummarySchema.safeParse(row.summary).success).toBe(true);
      const read = bodyToInquiry(row.body);
      if (JSON.stringify(inquiry).length < 100_000)
        expect(read as unknown).toEqual(inquirySchema.parse(inquiry));
      else expect(read?.id).toBe(inquiry.id);
    }),
    { numRuns: 100 },
  );
});
