import { Database } from 'bun:sqlite';
import { afterEach, expect, test } from 'bun:test';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { UnixMs } from '../../src/model/brand.ts';
import { ended, sampleFlow } from './sample-flow.ts';
import { cleanUp, openLedger, scratch } from './scratch.ts';
import { optionsIn } from './scratch-options.ts';

afterEach(cleanUp);

const ALL = { sinceMs: null, limit: 10_000, after: null };

test('what was recorded is read back, in the order of ids', async () => {
  const ledger = await openLedger(optionsIn(scratch()));
  const flows = Array.from({ length: 1_300 }, () => sampleFlow(ledger.nextFlowId()));
  for (const flow of flows) ledger.record(flow);
  expect(await ledger.flows(ALL)).toEqual(flows);
  expect(await ledger.flow(700)).toEqual(flows[699] ?? null);
  expect(await ledger.flow(999_999)).toBeNull();
  expect(ledger.status()).toMatchObject({ state: 'ok', error: null, queued: 0, lost: 0 });
});

test('the second record of a flow takes the place of the first, whether that is on disk or not', async () => {
  const ledger = await openLedger(optionsIn(scratch()));
  ledger.record(sampleFlow(1));
  await ledger.flush();
  ledger.record(sampleFlow(2));
  for (const id of [1, 2]) ledger.record(ended(sampleFlow(id)));
  expect(await ledger.flows(ALL)).toEqual([ended(sampleFlow(1)), ended(sampleFlow(2))]);
});

test('a flow that waits for the disk is already found', async () => {
  const ledger = await openLedger(optionsIn(scratch()));
  ledger.record(sampleFlow(1));
  expect(ledger.status().queued).toBe(1);
  expect(await ledger.flow(1)).toEqual(sampleFlow(1));
});

test('with no point to start from the latest flows are read, else the first ones from there', async () => {
  const ledger = await openLedger(optionsIn(scratch()));
  for (let id = 1; id <= 2_000; id++) ledger.record(sampleFlow(id));
  const ids = async (query: { after?: number; sinceMs?: number }) =>
    (await ledger.flows({ ...ALL, limit: 3, ...query })).map(({ id }) => Number(id));
  expect(await ids({})).toEqual([1_998, 1_999, 2_000]);
  expect(await ids({ after: 10 })).toEqual([11, 12, 13]);
  expect(await ids({ after: 0 })).toEqual([1, 2, 3]);
  expect(await ids({ sinceMs: sampleFlow(500).at })).toEqual([500, 501, 502]);
  expect(await ids({ sinceMs: sampleFlow(500).at, after: 1_999 })).toEqual([2_000]);
  expect(await ids({ sinceMs: sampleFlow(9_999).at })).toEqual([]);
});

test('a clock that was set back hides no flow from a search by time', async () => {
  const ledger = await openLedger(optionsIn(scratch()));
  const at = (minutes: number) => (1_790_000_000_000 + minutes * 60_000) as UnixMs;
  for (const [id, minutes] of [
    [1, 0],
    [2, 59],
    [3, 5],
    [4, 40],
  ] as const) {
    ledger.record(sampleFlow(id, { at: at(minutes) }));
  }
  const found = await ledger.flows({ sinceMs: at(30), limit: 10, after: null });
  expect(found.map(({ id }) => Number(id))).toEqual([2, 4]);
});

test('a filter goes on reading until it has found enough', async () => {
  const ledger = await openLedger(optionsIn(scratch()));
  for (let id = 1; id <= 1_700; id++) ledger.record(sampleFlow(id));
  const filter = (flow: { id: number }) => flow.id % 100 === 0;
  const latest = await ledger.flows({ sinceMs: null, after: null, limit: 2, filter });
  expect(latest.map(({ id }) => Number(id))).toEqual([1_600, 1_700]);
  const first = await ledger.flows({ sinceMs: null, after: 0, limit: 12, filter });
  expect(first.map(({ id }) => Number(id))).toEqual([
    100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000, 1_100, 1_200,
  ]);
});

test('ids go on after a restart without a gap, and rules and flows are there', async () => {
  const options = optionsIn(scratch());
  const first = await openLedger(options);
  const ids = [first.nextFlowId(), first.nextFlowId(), first.nextFlowId()];
  first.record(sampleFlow(ids[0] ?? 0));
  await first.close();
  const second = await openLedger(options);
  expect(Number(second.nextFlowId())).toBe(Number(ids[2]) + 1);
  expect(await second.flows(ALL)).toEqual([sampleFlow(1)]);
});

test('only its owner can read what is written', async () => {
  const options = optionsIn(scratch());
  const ledger = await openLedger(options);
  ledger.record(sampleFlow(1));
  await ledger.flush();
  const folder = dirname(options.path);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(readdirSync(folder).sort()).toEqual([
    'ledger.db',
    'ledger.db-shm',
    'ledger.db-wal',
    'ledger.db.ids.json',
  ]);
  for (const name of readdirSync(folder))
    expect([name, statSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o600]);
});

test('a folder that others can write is refused, and the reason is told', async () => {
  const options = optionsIn(scratch());
  mkdirSync(dirname(options.path), { mode: 0o777 });
  Bun.spawnSync(['chmod', '777', dirname(options.path)]);
  const ledger = await openLedger(options);
  expect(ledger.status()).toMatchObject({ state: 'failing', error: expect.stringContaining('chmod go-w') });
});

test('closing writes what waits', async () => {
  const options = optionsIn(scratch());
  const ledger = await openLedger(options);
  for (let id = 1; id <= 5_000; id++) ledger.record(sampleFlow(id));
  await ledger.close();
  const db = new Database(options.path, { readonly: true });
  expect(db.query('SELECT count(*) AS n FROM flows').get()).toEqual({ n: 5_000 });
  db.close();
  ledger.record(sampleFlow(6_000));
  expect(ledger.status().lost).toBe(1);
});

test('reading says why when a database was made by a newer version, and leaves it alone', async () => {
  const options = optionsIn(scratch());
  const first = await openLedger(options);
  first.record(sampleFlow(1));
  await first.close();
  const db = new Database(options.path);
  db.run('PRAGMA user_version = 99');
  db.close();
  const second = await openLedger(options);
  expect(second.status().error).toContain('newer resolagent');
  const refused = await second.flows(ALL).catch((error: Error) => error.message);
  expect(refused).toContain('newer resolagent');
  expect(Number(second.nextFlowId())).toBeGreaterThan(1);
  await second.close();
  const after = new Database(options.path, { readonly: true });
  expect(after.query('SELECT count(*) AS n FROM flows').get()).toEqual({ n: 1 });
  after.close();
});
