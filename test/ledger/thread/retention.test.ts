import { Database } from 'bun:sqlite';
import { afterEach, expect, test } from 'bun:test';
import { statSync } from 'node:fs';
import { Store } from '../../../src/ledger/thread/store.ts';
import type { UnixMs } from '../../../src/model/brand.ts';
import type { FlowRecord } from '../../../src/model/flow.ts';
import { batchOf } from '../sample-batch.ts';
import { sampleFlow } from '../sample-flow.ts';
import { cleanUp, openLedger, scratch } from '../scratch.ts';
import { optionsIn } from '../scratch-options.ts';

afterEach(cleanUp);

const DAY_MS = 86_400_000;
const MIB = 1_048_576;
const NOW = 1_800_000_000_000;

function storeIn(folder: string, over: { keepDays?: number; maxSizeMb?: number } = {}): Store {
  const store = new Store(optionsIn(folder, over), () => NOW);
  store.open();
  return store;
}

/** Flows `from` to `to`, each so many days old. */
function aged(from: number, to: number, days: number): FlowRecord[] {
  const at = (NOW - days * DAY_MS) as UnixMs;
  return Array.from({ length: to - from + 1 }, (_, n) => sampleFlow(from + n, { at }));
}

function retainAll(store: Store): number {
  let slices = 0;
  while (store.retain()) slices++;
  return slices;
}

function sizeOf(path: string): number {
  return [path, `${path}-wal`].reduce(
    (sum, name) => sum + (statSync(name, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

test('flows older than keepDays are deleted, in slices, and younger ones stay', () => {
  const folder = scratch();
  const store = storeIn(folder, { keepDays: 30 });
  store.write(batchOf(aged(1, 5_000, 31)));
  store.write(batchOf(aged(5_001, 5_100, 29)));
  expect(retainAll(store)).toBeGreaterThan(4);
  const left = store.page({ direction: 'up', from: null, sinceMs: null, limit: 500 })?.flows ?? [];
  expect(left.length).toBe(100);
  expect(Number(left[0]?.id)).toBe(5_001);
  store.close(5_100);
});

test('what was deleted is given back to the disk', () => {
  const folder = scratch();
  const store = storeIn(folder, { keepDays: 30 });
  for (let from = 1; from < 40_000; from += 2_000) store.write(batchOf(aged(from, from + 1_999, 31)));
  store.write(batchOf(aged(50_001, 50_010, 1)));
  store.close(50_010);
  const before = statSync(optionsIn(folder).path).size;
  const again = storeIn(folder, { keepDays: 30 });
  retainAll(again);
  again.close(50_010);
  expect(statSync(optionsIn(folder).path).size).toBeLessThan(before / 5);
});

test('programs that no flow names any more are deleted with the flows', () => {
  const folder = scratch();
  const store = storeIn(folder, { keepDays: 30 });
  const origin = { ...sampleFlow(1).origin, path: '/opt/old/program', name: 'program', parents: [] };
  store.write(batchOf([{ ...sampleFlow(1, { at: (NOW - 40 * DAY_MS) as UnixMs }), origin }]));
  store.write(batchOf(aged(50_000, 50_001, 1)));
  retainAll(store);
  store.write(batchOf(aged(50_002, 50_003, 1)));
  store.close(50_003);
  const db = new Database(optionsIn(folder).path, { readonly: true });
  expect(db.query('SELECT path FROM apps ORDER BY path').all()).toEqual([
    { path: '/usr/bin/gnome-shell' },
    { path: '/usr/lib/firefox/firefox' },
    { path: '/usr/lib/systemd/systemd' },
  ]);
  db.close();
});

test('the files stay below the limit while flows pour in, and the latest flows are kept', async () => {
  const options = optionsIn(scratch(), { maxSizeMb: 8 });
  const ledger = await openLedger(options);
  let biggest = 0;
  for (let chunk = 0; chunk < 40; chunk++) {
    for (let n = 0; n < 1_500; n++) ledger.record(sampleFlow(ledger.nextFlowId()));
    await ledger.flush();
    biggest = Math.max(biggest, sizeOf(options.path));
  }
  const last = Number(ledger.nextFlowId()) - 1;
  expect(biggest).toBeLessThan(8 * MIB);
  const latest = await ledger.flows({ sinceMs: null, limit: 3_000, after: null });
  expect(latest.map(({ id }) => Number(id))).toEqual(
    Array.from({ length: 3_000 }, (_, n) => last - 2_999 + n),
  );
  expect(ledger.status()).toMatchObject({ state: 'ok', lost: 0 });
}, 30_000);
