import { Database } from 'bun:sqlite';
import { afterEach, expect, test } from 'bun:test';
import { readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { sampleFlow } from './sample-flow.ts';
import { cleanUp, openLedger, scratch } from './scratch.ts';
import { optionsIn } from './scratch-options.ts';
import { until } from './until.ts';

afterEach(cleanUp);

const ALL = { sinceMs: null, limit: 10_000, after: null };

function record(ledger: Ledger, count: number): number[] {
  const ids = Array.from({ length: count }, () => ledger.nextFlowId());
  for (const id of ids) ledger.record(sampleFlow(id));
  return ids.map(Number);
}

const idsOf = async (ledger: Ledger): Promise<number[]> =>
  (await ledger.flows(ALL)).map(({ id }) => Number(id));
const failing = (ledger: Ledger) => () => ledger.status().state === 'failing';
const wellAgain = (ledger: Ledger) => () => ledger.status().state === 'ok' && ledger.status().queued === 0;

test('while another process holds the database records wait, and are all written when it lets go', async () => {
  const options = optionsIn(scratch());
  const ledger = await openLedger(options);
  const ids = record(ledger, 50);
  await ledger.flush();
  const other = new Database(options.path);
  other.run('PRAGMA busy_timeout = 5000');
  other.run('BEGIN EXCLUSIVE');
  ids.push(...record(ledger, 1_500));
  await until('the lock is noticed', failing(ledger));
  expect(ledger.status()).toMatchObject({ error: expect.stringContaining('locked'), queued: 1_500, lost: 0 });
  expect((await idsOf(ledger)).length).toBe(50);
  other.run('ROLLBACK');
  other.close();
  await until('the queue is empty', wellAgain(ledger));
  expect(await idsOf(ledger)).toEqual(ids);
});

test('a ledger that starts while its database is locked gives no id twice', async () => {
  const options = optionsIn(scratch());
  const first = await openLedger(options);
  const old = record(first, 3);
  await first.close();
  const other = new Database(options.path);
  other.run('PRAGMA busy_timeout = 5000');
  other.run('PRAGMA locking_mode = EXCLUSIVE');
  other.run('BEGIN EXCLUSIVE');
  other.run('INSERT INTO meta VALUES (?, 1)', ['probe']);
  const second = await openLedger(options);
  expect(second.status().state).toBe('failing');
  const fresh = record(second, 3);
  other.run('ROLLBACK');
  other.close();
  await until('the ledger is well', wellAgain(second));
  expect(Math.min(...fresh)).toBeGreaterThan(Math.max(...old));
  expect(await idsOf(second)).toEqual([...old, ...fresh]);
});

test('a ledger that can read neither its database nor the file of ids takes ids that no flow ever had', async () => {
  const options = optionsIn(scratch());
  const first = await openLedger(options);
  const old = record(first, 3);
  await first.close();
  rmSync(`${options.path}.ids.json`);
  const db = new Database(options.path);
  db.run('PRAGMA user_version = 99');
  db.close();
  const second = await openLedger(options);
  expect(second.status().state).toBe('failing');
  expect(Math.min(...record(second, 1))).toBeGreaterThan(Math.max(...old));
});

test('a damaged database is moved aside at the start: ids go on, and the status says so', async () => {
  const options = optionsIn(scratch());
  const first = await openLedger(options);
  const old = record(first, 3);
  await first.close();
  writeFileSync(options.path, 'this is no database'.repeat(1_000));
  const second = await openLedger(options);
  expect(second.status()).toMatchObject({ state: 'ok', error: expect.stringContaining('was damaged') });
  const fresh = record(second, 3);
  expect(await idsOf(second)).toEqual(fresh);
  expect(Math.min(...fresh)).toBeGreaterThan(Math.max(...old));
  expect(readdirSync(dirname(options.path)).some((name) => /^ledger\.db\.corrupt-\d+$/.test(name))).toBe(
    true,
  );
});

test('a damaged database with no file of ids beside it still repeats no id', async () => {
  const options = optionsIn(scratch());
  const first = await openLedger(options);
  const old = record(first, 3);
  await first.close();
  writeFileSync(options.path, 'this is no database'.repeat(1_000));
  rmSync(`${options.path}.ids.json`);
  const second = await openLedger(options);
  expect(Number(second.nextFlowId())).toBeGreaterThan(Math.max(...old));
});

test('a database damaged under the running ledger is replaced when that shows, and nothing after is lost', async () => {
  const options = optionsIn(scratch());
  const ledger = await openLedger(options);
  // More than SQLite keeps in memory, so that reading has to look at the disk.
  record(ledger, 12_000);
  await ledger.flush();
  for (const name of [options.path, `${options.path}-wal`]) {
    truncateSync(name, 0);
    writeFileSync(name, 'x'.repeat(200_000));
  }
  await ledger.flows({ sinceMs: null, limit: 10_000, after: 0 });
  expect(ledger.status().error).toContain('was damaged');
  const fresh = record(ledger, 700);
  expect(await idsOf(ledger)).toEqual(fresh);
  expect(ledger.status()).toMatchObject({ state: 'ok', queued: 0, lost: 0 });
  await ledger.close();
});

test('only three damaged databases are kept', async () => {
  const options = optionsIn(scratch());
  for (let time = 0; time < 5; time++) {
    await (await openLedger(options)).close();
    writeFileSync(options.path, `damaged ${time}`.repeat(1_000));
  }
  await (await openLedger(options)).close();
  const kept = readdirSync(dirname(options.path)).filter((name) => name.includes('corrupt'));
  expect(kept.length).toBe(3);
});

test('a folder that vanishes is made again', async () => {
  const options = optionsIn(scratch());
  const ledger = await openLedger(options);
  record(ledger, 10);
  await ledger.flush();
  rmSync(dirname(options.path), { recursive: true });
  const fresh = record(ledger, 10);
  expect(await idsOf(ledger)).toEqual(fresh);
  expect(ledger.status()).toMatchObject({
    state: 'ok',
    lost: 0,
    error: expect.stringContaining('was deleted'),
  });
  await ledger.close();
});

test('while a file stands where the folder was records wait, and are written when it is gone', async () => {
  const options = optionsIn(scratch());
  const folder = dirname(options.path);
  const ledger = await openLedger(options);
  const old = record(ledger, 10);
  await ledger.flush();
  renameSync(folder, `${folder}-away`);
  writeFileSync(folder, '');
  const fresh = record(ledger, 10);
  await until('the missing folder is noticed', failing(ledger));
  expect(ledger.status()).toMatchObject({ error: expect.stringContaining('not a folder'), queued: 10 });
  rmSync(folder);
  renameSync(`${folder}-away`, folder);
  await until('the queue is empty', wellAgain(ledger));
  expect(await idsOf(ledger)).toEqual([...old, ...fresh]);
});

test('a database of another program is left alone', async () => {
  const options = optionsIn(scratch());
  await (await openLedger(options)).close();
  rmSync(options.path);
  const other = new Database(options.path);
  other.run('CREATE TABLE precious (a)');
  other.close();
  const ledger = await openLedger(options);
  expect(ledger.status()).toMatchObject({
    state: 'failing',
    error: expect.stringContaining('another program'),
  });
  await ledger.close();
  const after = new Database(options.path, { readonly: true });
  expect(after.query('SELECT name FROM sqlite_master').all()).toEqual([{ name: 'precious' }]);
  after.close();
});
