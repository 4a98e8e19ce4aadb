import { Database } from 'bun:sqlite';
import { afterEach, expect, test } from 'bun:test';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readFlows, readOldRules } from '../../../src/ledger/ledger-file.ts';
import { SCHEMA_VERSION } from '../../../src/ledger/thread/migrations.ts';
import { blockedFlow, sampleFlow } from '../sample-flow.ts';
import { sampleInquiry, sampleVerdict } from '../sample-judge.ts';
import { cleanUp, openLedger, scratch } from '../scratch.ts';
import { optionsIn } from '../scratch-options.ts';

afterEach(cleanUp);

const DUMP = readFileSync(join(import.meta.dir, '../../fixtures/ledger/schema-1.sql'), 'utf8');
const ALL = { sinceMs: null, limit: 10, after: 0 };

/** A database as a resolagent with schema 1 left it. */
function oldDatabase() {
  const options = optionsIn(scratch());
  mkdirSync(dirname(options.path), { mode: 0o700 });
  const db = new Database(options.path);
  db.run(DUMP);
  db.close();
  return options;
}

test('a database of schema 1 is brought up to date, with its flows and ids', async () => {
  const options = oldDatabase();
  const ledger = await openLedger(options);
  expect(await ledger.flows(ALL)).toEqual([sampleFlow(1), blockedFlow(2)]);
  // Rules are no business of the ledger any more; those of this version are taken over from where they stand.
  expect(readOldRules(options.path)).toEqual([expect.stringContaining('tracker.example')]);
  expect(Number(ledger.nextFlowId())).toBe(3);
  expect(await ledger.judgeMemory(0)).toEqual({ verdicts: [], tokens: 0, lastInquiry: 0 });
  ledger.recordInquiry(sampleInquiry(1));
  ledger.keepVerdict(sampleVerdict('a.example'));
  await ledger.close();
  const again = await openLedger(options);
  expect(await again.inquiry(1)).toEqual(sampleInquiry(1));
  expect((await again.judgeMemory(0)).verdicts).toEqual([sampleVerdict('a.example')]);
  expect(await again.flows(ALL)).toEqual([sampleFlow(1), blockedFlow(2)]);
});

test('a database of schema 1 is read without being changed', () => {
  const options = oldDatabase();
  expect(readFlows(options.path, ALL)).toEqual([sampleFlow(1), blockedFlow(2)]);
  const db = new Database(options.path, { readonly: true });
  expect(db.query('PRAGMA user_version').get()).toEqual({ user_version: 1 });
  db.close();
});

test('a database of a later schema is told from ours, and left alone', async () => {
  const options = oldDatabase();
  await (await openLedger(options)).close();
  const db = new Database(options.path);
  expect(db.query('PRAGMA user_version').get()).toEqual({ user_version: SCHEMA_VERSION });
  db.run(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
  db.close();
  const ledger = await openLedger(options);
  expect(ledger.status()).toMatchObject({
    state: 'failing',
    error: expect.stringContaining(`written by a newer resolagent (this one knows schema ${SCHEMA_VERSION})`),
  });
});
