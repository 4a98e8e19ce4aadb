import { Database } from 'bun:sqlite';
import { afterEach, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rule } from '../../src/model/rule.ts';
import { rulesOf } from '../../src/rules/rule-book.ts';
import { RuleFile } from '../../src/rules/rule-file.ts';
import { readSavedRules } from '../../src/rules/saved-rules.ts';
import { sampleRule as rule } from './sample-rule.ts';

const DUMP = readFileSync(join(import.meta.dir, '../fixtures/ledger/schema-1.sql'), 'utf8');
/** The rule of the dump. */
const DUMPED = { id: '0a1b2c3d', host: 'tracker.example' };
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A state folder as an older resolagent left it. */
function oldState(table: readonly Rule[] | null, copy: readonly unknown[] | null): string {
  const folder = mkdtempSync('/var/tmp/resolagent-old-rules-');
  folders.push(folder);
  const state = join(folder, 'state');
  mkdirSync(state, { mode: 0o700 });
  const ledger = join(state, 'ledger.db');
  if (table !== null) {
    const db = new Database(ledger);
    db.run(DUMP);
    for (const each of table) db.run('INSERT INTO rules VALUES (?, ?)', [each.id, JSON.stringify(each)]);
    db.close();
  }
  const text = JSON.stringify({ reservedId: 1_000_000, rules: copy });
  if (copy !== null) writeFileSync(`${ledger}.rules.json`, text, { mode: 0o600 });
  return state;
}

function offline(state: string): readonly Rule[] | string {
  const saved = readSavedRules(state);
  return saved.ok ? rulesOf(saved.rules) : saved.error;
}

/** The rules in force, as an engine starts. */
async function start(
  state: string,
): Promise<{ rules: readonly Rule[]; notices: readonly string[]; file: RuleFile }> {
  const notices: string[] = [];
  const file = new RuleFile(state, (text) => notices.push(text));
  const rules = rulesOf(await file.read());
  await file.keep();
  return { rules, notices, file };
}

test('the rules in the ledger of an older version are taken over once, and stay there for that version', async () => {
  const state = oldState([rule('a')], [rule('stale')]);
  expect(offline(state)).toMatchObject([DUMPED, { id: 'a' }]);
  expect(readdirSync(state).sort()).toEqual(['ledger.db', 'ledger.db.rules.json']);
  const { rules, notices, file } = await start(state);
  expect([rules, notices]).toMatchObject([[DUMPED, rule('a')], []]);
  expect(offline(state)).toEqual(rules);
  await file.save([rule('b')]);
  expect((await start(state)).rules).toEqual([rule('b')]);
  const db = new Database(join(state, 'ledger.db'), { readonly: true });
  expect(db.query('SELECT id FROM rules ORDER BY id').all()).toEqual([{ id: '0a1b2c3d' }, { id: 'a' }]);
  db.close();
});

test('an older version that had its last rule removed left none', async () => {
  const state = oldState([], []);
  const db = new Database(join(state, 'ledger.db'));
  db.run('DELETE FROM rules');
  db.close();
  expect(await start(state)).toMatchObject({ rules: [], notices: [] });
});

test.each<[string, (ledger: string) => void]>([
  ['is damaged', (ledger) => writeFileSync(ledger, 'this is no database'.repeat(1_000))],
  ['is gone', (ledger) => rmSync(ledger)],
  ['is of another version', (ledger) => new Database(ledger).run('PRAGMA user_version = 99')],
  ['was begun anew', (ledger) => new Database(ledger).run('DELETE FROM rules')],
])('when the ledger %s its copy of the rules is taken over', async (_what, harm) => {
  const state = oldState([rule('a')], [rule('a')]);
  harm(join(state, 'ledger.db'));
  expect(await start(state)).toMatchObject({ rules: [rule('a')], notices: [] });
  expect(offline(state)).toEqual([rule('a')]);
});

test('when neither can be read that is told, and they are taken over when one can be', async () => {
  const state = oldState([rule('a')], null);
  const db = new Database(join(state, 'ledger.db'));
  db.run('PRAGMA user_version = 99');
  expect(offline(state)).toContain('newer resolagent');
  const failed = await start(state);
  expect(failed).toMatchObject({ rules: [], notices: [expect.stringContaining('newer resolagent')] });
  db.run('PRAGMA user_version = 1');
  db.close();
  expect((await start(state)).rules).toMatchObject([DUMPED, rule('a')]);
});

test('what is no rule in the ledger is left out and told', async () => {
  const state = oldState([rule('a'), rule('b', { host: 'com' })], null);
  const { rules, notices } = await start(state);
  expect([rules, notices]).toMatchObject([
    [DUMPED, rule('a')],
    [expect.stringMatching(/^1 rules in .*ledger\.db cannot be read$/)],
  ]);
});

test('a state folder without a ledger holds no rules, and none are written', async () => {
  const state = oldState(null, null);
  expect(await start(state)).toMatchObject({ rules: [], notices: [] });
  expect(readdirSync(state)).toEqual([]);
});
