import { Database } from 'bun:sqlite';
import { afterEach, expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { readFlows, readRules } from '../../src/ledger/ledger-file.ts';
import { RuleMemory } from '../../src/ledger/rule-memory.ts';
import type { RuleId, UnixMs } from '../../src/model/brand.ts';
import type { Rule } from '../../src/model/rule.ts';
import { sampleFlow } from './sample-flow.ts';
import { cleanUp, openLedger, scratch } from './scratch.ts';
import { optionsIn } from './scratch-options.ts';

afterEach(cleanUp);

function rule(id: string, over: Partial<Rule> = {}): Rule {
  return {
    id: id as RuleId,
    action: 'block',
    host: `${id}.example`,
    port: 443,
    app: '/usr/bin/curl',
    user: 'alice',
    until: 1_790_000_000_000 as UnixMs,
    createdAt: 1_780_000_000_000 as UnixMs,
    origin: 'command',
    note: 'it\'s "quoted"\n',
    ...over,
  };
}

test('rules are added, replaced and removed, and are there after a restart', async () => {
  const options = optionsIn(scratch());
  const first = await openLedger(options);
  expect(await first.rules()).toEqual([]);
  expect(await first.saveRules([rule('a'), rule('b'), rule('c')], [])).toEqual({ saved: true, error: null });
  expect(await first.saveRules([rule('b', { action: 'allow' })], ['a', 'unknown'])).toMatchObject({
    saved: true,
  });
  await first.close();
  const second = await openLedger(options);
  const found = (await second.rules()).sort((a, b) => a.id.localeCompare(b.id));
  expect(found).toEqual([rule('b', { action: 'allow' }), rule('c')]);
});

test('a saved rule is in the file when the answer comes, with no flush and no close', async () => {
  const options = optionsIn(scratch());
  const ledger = await openLedger(options);
  await ledger.saveRules([rule('a')], []);
  expect(readRules(options.path)).toEqual([rule('a')]);
});

test('ten thousand rules are saved at once', async () => {
  const ledger = await openLedger(optionsIn(scratch()));
  const rules = Array.from({ length: 10_000 }, (_, n) => rule(n.toString(16).padStart(8, '0')));
  expect(await ledger.saveRules(rules, [])).toEqual({ saved: true, error: null });
  expect((await ledger.rules()).length).toBe(10_000);
});

test('a rule row that somebody broke is left out and told, and the others count', async () => {
  const options = optionsIn(scratch());
  const first = await openLedger(options);
  await first.saveRules([rule('a'), rule('b')], []);
  await first.close();
  const db = new Database(options.path);
  db.run("UPDATE rules SET rule = '{}' WHERE id = 'a'");
  db.close();
  const second = await openLedger(options);
  expect(await second.rules()).toEqual([rule('b')]);
  expect(second.status().error).toContain('1 rules');
});

test('rules come back from the copy when only the database was deleted', async () => {
  const options = optionsIn(scratch());
  const first = await openLedger(options);
  await first.saveRules([rule('a')], []);
  await first.close();
  for (const suffix of ['', '-wal', '-shm']) rmSync(options.path + suffix, { force: true });
  expect(await (await openLedger(options)).rules()).toEqual([rule('a')]);
});

test('what memory holds wins over a database that was met later', () => {
  const memory = new RuleMemory();
  memory.change([rule('new')], ['gone']);
  memory.meet(new Map([rule('old'), rule('gone')].map((each) => [each.id, each])));
  expect([...memory.rules.keys()].sort()).toEqual(['new', 'old'] as RuleId[]);
  expect([...memory.unsaved].sort()).toEqual(['gone', 'new']);
  memory.settle();
  memory.meet(new Map([['stranger', rule('stranger')]]));
  expect([...memory.unsaved].sort()).toEqual(['new', 'old', 'stranger']);
});

test('with no engine flows and rules are read from the file, and its absence is no error', async () => {
  const options = optionsIn(scratch());
  expect(readFlows(options.path, { sinceMs: null, limit: 5, after: null })).toEqual([]);
  expect(readRules(options.path)).toEqual([]);
  const ledger = await openLedger(options);
  for (let id = 1; id <= 1_200; id++) ledger.record(sampleFlow(id));
  await ledger.saveRules([rule('a')], []);
  await ledger.close();
  const ids = (query: { sinceMs?: number; after?: number; filter?: (flow: { id: number }) => boolean }) =>
    readFlows(options.path, { sinceMs: null, limit: 3, after: null, ...query }).map(({ id }) => Number(id));
  expect(ids({})).toEqual([1_198, 1_199, 1_200]);
  expect(ids({ after: 0 })).toEqual([1, 2, 3]);
  expect(ids({ sinceMs: sampleFlow(700).at })).toEqual([700, 701, 702]);
  expect(ids({ filter: ({ id }) => id < 3 })).toEqual([1, 2]);
  expect(readRules(options.path)).toEqual([rule('a')]);
});

test('a file is read while its engine is writing, and what is no ledger is refused in words', async () => {
  const folder = scratch();
  const options = optionsIn(folder);
  const ledger = await openLedger(options);
  ledger.record(sampleFlow(1));
  await ledger.flush();
  expect(readFlows(options.path, { sinceMs: null, limit: 3, after: null })).toEqual([sampleFlow(1)]);
  await Bun.write(`${folder}/notes.txt`, 'not a database'.repeat(500));
  const query = { sinceMs: null, limit: 3, after: null };
  expect(() => readFlows(`${folder}/notes.txt`, query)).toThrow('not a database');
});
