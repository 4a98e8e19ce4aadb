import { Database } from 'bun:sqlite';
import { afterEach, expect, test } from 'bun:test';
import { rmSync, writeFileSync } from 'node:fs';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { Store } from '../../src/ledger/thread/store.ts';
import type { UnixMs } from '../../src/model/brand.ts';
import { batchOf } from './sample-batch.ts';
import { sampleFlow } from './sample-flow.ts';
import { sampleInquiry, sampleVerdict } from './sample-judge.ts';
import { cleanUp, openLedger, scratch } from './scratch.ts';
import { optionsIn } from './scratch-options.ts';
import { until } from './until.ts';

afterEach(cleanUp);

const NOW = 1_790_000_000_000;

const domainsOf = async (ledger: Ledger) =>
  (await ledger.judgeMemory(0)).verdicts.map(({ domain }) => String(domain));

test('verdicts are kept, replaced and taken back, and are there after a restart, newest first', async () => {
  const options = optionsIn(scratch());
  const first = await openLedger(options);
  for (const [n, domain] of ['a.example', 'b.example', 'c.example'].entries()) {
    first.keepVerdict(sampleVerdict(domain, { at: (1_790_000_000_000 + n) as UnixMs }));
  }
  first.keepVerdict(sampleVerdict('b.example', { kind: 'allow', at: 1_790_000_000_009 as UnixMs }));
  first.forgetVerdict('a.example');
  first.forgetVerdict('never.example');
  await first.close();
  const { verdicts } = await (await openLedger(options)).judgeMemory(0);
  expect(verdicts).toEqual([
    sampleVerdict('b.example', { kind: 'allow', at: 1_790_000_000_009 as UnixMs }),
    sampleVerdict('c.example', { at: 1_790_000_000_002 as UnixMs }),
  ]);
});

test('a verdict is kept for each program, one for those that are not known, and all of a domain are taken back at once', async () => {
  const options = optionsIn(scratch());
  const first = await openLedger(options);
  const apps = ['/usr/bin/curl', '/usr/bin/wget', null];
  for (const app of apps) first.keepVerdict(sampleVerdict('a.example', { app }));
  first.keepVerdict(sampleVerdict('b.example'));
  await first.close();
  const second = await openLedger(options);
  const { verdicts } = await second.judgeMemory(0);
  expect(
    verdicts.flatMap(({ domain, app }) => ((domain as string) === 'a.example' ? [app] : [])).sort(),
  ).toEqual([...apps].sort());
  second.keepVerdict(sampleVerdict('a.example', { app: '/usr/bin/nc' }));
  second.forgetVerdict('a.example');
  second.keepVerdict(sampleVerdict('a.example', { app: null }));
  await second.close();
  const third = await (await openLedger(options)).judgeMemory(0);
  expect(third.verdicts.map(({ domain, app }) => [domain as string, app]).sort()).toEqual([
    ['a.example', null],
    ['b.example', '/usr/bin/curl'],
  ]);
});

test('a verdict is in the file soon, with no flush and no close', async () => {
  const options = optionsIn(scratch());
  const ledger = await openLedger(options);
  ledger.keepVerdict(sampleVerdict('a.example'));
  await until('it is written', () => ledger.status().queued === 0);
  const db = new Database(options.path, { readonly: true });
  expect(db.query('SELECT domain FROM judge_verdicts').all()).toEqual([{ domain: 'a.example' }]);
  db.close();
});

test('what was said last while the database was locked is what counts in the end', async () => {
  const options = optionsIn(scratch());
  const ledger = await openLedger(options);
  ledger.keepVerdict(sampleVerdict('back.example'));
  await ledger.flush();
  const other = new Database(options.path);
  other.run('PRAGMA busy_timeout = 5000');
  other.run('BEGIN EXCLUSIVE');
  ledger.forgetVerdict('back.example');
  ledger.keepVerdict(sampleVerdict('gone.example'));
  ledger.keepVerdict(sampleVerdict('kept.example'));
  await until('the lock is noticed', () => ledger.status().state === 'failing');
  ledger.keepVerdict(sampleVerdict('back.example'));
  ledger.forgetVerdict('gone.example');
  other.run('ROLLBACK');
  other.close();
  await until('the queue is empty', () => ledger.status().queued === 0);
  expect((await domainsOf(ledger)).sort()).toEqual(['back.example', 'kept.example']);
});

test('a verdict that has expired, and one that somebody broke, do not come back', async () => {
  const options = optionsIn(scratch());
  const first = await openLedger(options);
  first.keepVerdict(sampleVerdict('old.example', { expiresAt: 1_000 as UnixMs }));
  for (const domain of ['a.example', 'b.example', 'c.example']) first.keepVerdict(sampleVerdict(domain));
  await first.close();
  const db = new Database(options.path);
  db.run("UPDATE judge_verdicts SET body = 'x' WHERE domain = 'a.example'");
  db.run("UPDATE judge_verdicts SET body = json_set(body, '$.kind', 'maybe') WHERE domain = 'b.example'");
  db.close();
  const second = await openLedger(options);
  expect(await domainsOf(second)).toEqual(['c.example']);
  expect(second.status().error).toContain('2 verdicts of the judge');
});

test('the sentences of a verdict are cut, not the verdict', async () => {
  const ledger = await openLedger(optionsIn(scratch()));
  ledger.keepVerdict(sampleVerdict('a.example', { reasons: ['short', 'x'.repeat(50_000)] }));
  await ledger.flush();
  const [kept] = (await ledger.judgeMemory(0)).verdicts;
  expect(kept?.reasons[0]).toBe('short');
  expect(kept?.reasons[1]).toMatch(/^x{4096}… \(45904 more characters were not kept\)$/);
});

test('tokens count from a moment on, replays too', async () => {
  const ledger = await openLedger(optionsIn(scratch()));
  const tokens = { prompt: 100, completion: 11 };
  for (const [id, at] of [NOW, NOW + 1_000, NOW + 2_000].entries()) {
    ledger.recordInquiry(sampleInquiry(id + 1, { at, tokens, replayOf: id === 2 ? 1 : null }));
  }
  await ledger.flush();
  expect((await ledger.judgeMemory(NOW + 1_000)).tokens).toBe(222);
  expect((await ledger.judgeMemory(NOW + 9_000)).tokens).toBe(0);
});

test('ids of inquiries go on after a clean end, and after the transcripts are gone', async () => {
  const options = optionsIn(scratch());
  const first = await openLedger(options);
  expect(await first.judgeMemory(0)).toEqual({ verdicts: [], tokens: 0, lastInquiry: 0 });
  for (const id of [1, 2, 3]) first.recordInquiry(sampleInquiry(id));
  await first.close();
  const second = await openLedger(options);
  expect((await second.judgeMemory(0)).lastInquiry).toBe(3);
  await second.close();
  const db = new Database(options.path);
  db.run('DELETE FROM inquiries');
  db.close();
  expect((await (await openLedger(options)).judgeMemory(0)).lastInquiry).toBe(3);
});

test('a flow may be on disk before the transcript that it names, whose id is not given again', () => {
  const options = optionsIn(scratch());
  const killed = new Store(options, () => NOW);
  killed.open();
  killed.judgeMemory(0);
  killed.write(batchOf([sampleFlow(1)], { issued: { flow: 1, inquiry: 7 } }));
  // Opened beside it, as after a kill: nothing was closed.
  const next = new Store(options, () => NOW);
  next.open();
  expect(next.judgeMemory(0).lastInquiry).toBe(7);
  for (const store of [killed, next]) store.close(1);
});

test('a database that cannot be read costs what it knew, and ids come from the clock', async () => {
  const options = optionsIn(scratch());
  await (await openLedger(options)).close();
  const db = new Database(options.path);
  db.run('PRAGMA user_version = 99');
  db.close();
  const before = Math.floor(Date.now() / 1_000);
  const ledger = await openLedger(options);
  const memory = await ledger.judgeMemory(0);
  expect(memory).toMatchObject({ verdicts: [], tokens: 0 });
  expect(memory.lastInquiry).toBeGreaterThanOrEqual(before);
  expect(ledger.status().error).toContain('newer');
  const said = (error: Error) => error.message;
  expect(await ledger.inquiries({ limit: 1, before: null }).catch(said)).toContain('newer');
  expect(await ledger.inquiry(1).catch(said)).toContain('newer');
});

test('a database begun anew under a running engine knows the last id', async () => {
  const options = optionsIn(scratch());
  const ledger = await openLedger(options);
  await ledger.judgeMemory(0);
  ledger.recordInquiry(sampleInquiry(500));
  await ledger.flush();
  for (const suffix of ['', '-wal', '-shm']) rmSync(options.path + suffix, { force: true });
  ledger.keepVerdict(sampleVerdict('a.example', { inquiry: 2 }));
  await ledger.flush();
  const beside = await openLedger(options);
  expect((await beside.judgeMemory(0)).lastInquiry).toBe(500);
});

test('what waits outlives a database that is damaged', async () => {
  const options = optionsIn(scratch());
  await (await openLedger(options)).close();
  writeFileSync(options.path, 'this is no database'.repeat(1_000));
  const ledger = await openLedger(options);
  ledger.recordInquiry(sampleInquiry(1));
  ledger.keepVerdict(sampleVerdict('a.example'));
  await ledger.flush();
  expect(await ledger.inquiry(1)).toEqual(sampleInquiry(1));
  expect(await domainsOf(ledger)).toEqual(['a.example']);
  expect(ledger.status()).toMatchObject({ state: 'ok', lost: 0 });
});
