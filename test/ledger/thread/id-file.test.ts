import { afterEach, expect, test } from 'bun:test';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { IdFile } from '../../../src/ledger/thread/id-file.ts';
import { cleanUp, openLedger, scratch } from '../scratch.ts';
import { optionsIn } from '../scratch-options.ts';

afterEach(cleanUp);

const pathIn = (folder: string): string => `${folder}/ledger.db`;

test('the id runs ahead of those given out, and is seldom written', () => {
  const path = pathIn(scratch());
  const ids = new IdFile(path);
  expect(ids.read()).toBeNull();
  ids.keepAhead(10);
  expect(ids.read()).toBe(1_000_010);
  const before = statSync(`${path}.ids.json`).ino;
  ids.keepAhead(500_000);
  new IdFile(path).keepAhead(500_000);
  expect([ids.read(), statSync(`${path}.ids.json`).ino]).toEqual([1_000_010, before]);
  ids.keepAhead(500_011);
  expect(ids.read()).toBe(1_500_011);
});

test('a file that is damaged is the same as none, and one that cannot be written is told', () => {
  const folder = scratch();
  const path = pathIn(folder);
  for (const text of ['', '{"reservedId":-1}', '{"reservedId":"7"}', 'x']) {
    writeFileSync(`${path}.ids.json`, text, { mode: 0o600 });
    expect(new IdFile(path).read()).toBeNull();
  }
  rmSync(`${path}.ids.json`);
  mkdirSync(`${path}.ids.json`);
  const ids = new IdFile(path);
  ids.keepAhead(1);
  expect(ids.error).toContain('ids.json');
  rmSync(`${path}.ids.json`, { recursive: true });
  ids.keepAhead(1);
  expect([ids.error, ids.read()]).toEqual([null, 1_000_001]);
});

test('ids go on after those of an older version whose database is lost', async () => {
  const options = optionsIn(scratch());
  mkdirSync(dirname(options.path), { mode: 0o700 });
  writeFileSync(`${options.path}.rules.json`, '{"reservedId":1234567,"rules":[]}', { mode: 0o600 });
  writeFileSync(options.path, 'this is no database'.repeat(1_000));
  const ledger = await openLedger(options);
  expect(Number(ledger.nextFlowId())).toBe(1_234_568);
});
