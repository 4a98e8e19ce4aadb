import { afterEach, expect, test } from 'bun:test';
import { readFlows, readOldRules } from '../../src/ledger/ledger-file.ts';
import { sampleFlow } from './sample-flow.ts';
import { cleanUp, openLedger, scratch } from './scratch.ts';
import { optionsIn } from './scratch-options.ts';

afterEach(cleanUp);

test('with no engine flows are read from the file, and its absence is no error', async () => {
  const options = optionsIn(scratch());
  expect(readFlows(options.path, { sinceMs: null, limit: 5, after: null })).toEqual([]);
  expect(readOldRules(options.path)).toEqual([]);
  const ledger = await openLedger(options);
  for (let id = 1; id <= 1_200; id++) ledger.record(sampleFlow(id));
  await ledger.close();
  const ids = (query: { sinceMs?: number; after?: number; filter?: (flow: { id: number }) => boolean }) =>
    readFlows(options.path, { sinceMs: null, limit: 3, after: null, ...query }).map(({ id }) => Number(id));
  expect(ids({})).toEqual([1_198, 1_199, 1_200]);
  expect(ids({ after: 0 })).toEqual([1, 2, 3]);
  expect(ids({ sinceMs: sampleFlow(700).at })).toEqual([700, 701, 702]);
  expect(ids({ filter: ({ id }) => id < 3 })).toEqual([1, 2]);
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
