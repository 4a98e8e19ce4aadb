import { afterEach, expect, test } from 'bun:test';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Rule } from '../../src/model/rule.ts';
import { rulesOf } from '../../src/rules/rule-book.ts';
import { RuleFile } from '../../src/rules/rule-file.ts';
import { readSavedRules, rulesPath } from '../../src/rules/saved-rules.ts';
import { sampleRule as rule } from './sample-rule.ts';

const isRoot = process.geteuid?.() === 0;
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function stateFolder(): string {
  const folder = mkdtempSync('/var/tmp/resolagent-rules-');
  folders.push(folder);
  return join(folder, 'state');
}

/** A file that was read, as at the start of an engine; what it says to the operator. */
async function openFile(
  state: string,
): Promise<{ file: RuleFile; rules: readonly Rule[]; notices: string[] }> {
  const notices: string[] = [];
  const file = new RuleFile(state, (text) => notices.push(text));
  const rules = rulesOf(await file.read());
  await file.keep();
  return { file, rules, notices };
}

function makeFolder(path: string): void {
  rmSync(path);
  mkdirSync(path);
}

/** What a command without an engine reads. */
function offline(state: string): readonly Rule[] | string {
  const saved = readSavedRules(state);
  return saved.ok ? rulesOf(saved.rules) : saved.error;
}

/** A state folder in which rules were saved, one state after the other. */
async function saved(...states: readonly (readonly Rule[])[]): Promise<string> {
  const state = stateFolder();
  const { file } = await openFile(state);
  for (const rules of states) expect(await file.save(rules)).toBe(true);
  return state;
}

test('rules are added, replaced and removed, and are there after a restart', async () => {
  const state = await saved(
    [rule('a'), rule('b'), rule('c')],
    [rule('b', { action: 'allow' }), rule('c'), rule('d')],
  );
  const { rules, notices } = await openFile(state);
  expect([rules, notices]).toEqual([[rule('b', { action: 'allow' }), rule('c'), rule('d')], []]);
});

test('a saved rule is in the file when the answer comes, for its owner alone, and is read without an engine', async () => {
  const state = stateFolder();
  expect(offline(state)).toEqual([]);
  const { file } = await openFile(state);
  expect(existsSync(state)).toBe(false);
  await file.save([rule('a')]);
  expect(offline(state)).toEqual([rule('a')]);
  expect([statSync(state).mode & 0o777, statSync(rulesPath(state)).mode & 0o777]).toEqual([0o700, 0o600]);
});

test('twenty thousand rules are saved at once and read again', async () => {
  const rules = Array.from({ length: 20_000 }, (_, n) => rule(n.toString(16).padStart(8, '0')));
  const state = await saved(rules);
  expect(offline(state)).toEqual(rules);
});

test('rules that could not be read again are not written, and that is told', async () => {
  const state = stateFolder();
  const { file, notices } = await openFile(state);
  const note = '\u0001'.repeat(10_000_000);
  expect(await file.save([rule('a', { note }), rule('b', { note })])).toBe(false);
  expect([file.health.error, notices]).toEqual([
    expect.stringContaining('they take more than'),
    [file.health.error ?? ''],
  ]);
  expect(readdirSync(state)).toEqual([]);
  expect(await file.save([rule('a')])).toBe(true);
  expect(file.health.error).toBeNull();
});

test('of changes that come while one is written only the last is written, and all who asked are told', async () => {
  const state = stateFolder();
  const { file } = await openFile(state);
  const all = Array.from({ length: 50 }, (_, n) => rule(`r${n}`));
  const answers = await Promise.all(all.map((_, n) => file.save(all.slice(0, n + 1))));
  expect(answers).toEqual(all.map(() => true));
  expect(offline(state)).toEqual(all);
  // Two writes: the one before the last is what stood there when they came.
  expect(JSON.parse(readFileSync(`${rulesPath(state)}.last`, 'utf8')).rules).toEqual([rule('r0')]);
});

test('a rule that somebody broke is left out and told, the others count, and what it said is kept', async () => {
  const state = await saved([rule('a'), rule('b'), rule('c'), rule('d')]);
  const text = readFileSync(rulesPath(state), 'utf8');
  const broken = text
    .replace('"action":"block","host":"a.example"', '"action":"maybe","host":"a.example"')
    .replace('"host":"b.example"', '"host":"com"')
    .replace(
      '"app":"/usr/bin/curl","user":"alice","until":4102444800000,"createdAt":1780000000000,"origin":"command","note":"it\'s \\"quoted\\"\\n"}\n]',
      '"app":"bin/curl"}\n]',
    );
  writeFileSync(rulesPath(state), broken);
  expect(offline(state)).toEqual([rule('c')]);
  const { rules, notices } = await openFile(state);
  expect(rules).toEqual([rule('c')]);
  const damaged = `${rulesPath(state)}.damaged`;
  expect(notices).toEqual([`3 rules in ${rulesPath(state)} cannot be read; it is kept as ${damaged}`]);
  expect(readFileSync(damaged, 'utf8')).toBe(broken);
  expect((await openFile(state)).notices).toEqual([]);
});

test.each([
  [
    'that is cut',
    (path: string) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, -9)),
    'is damaged',
  ],
  ['that is empty', (path: string) => writeFileSync(path, ''), 'is damaged'],
  [
    'of a later version',
    (path: string) => writeFileSync(path, '{"version":2,"rules":[]}'),
    'newer resolagent',
  ],
  ['that is a folder', makeFolder, 'not a regular file'],
  ['that others can write', (path: string) => chmodSync(path, 0o666), 'chmod go-w'],
  ...(isRoot
    ? [['of another user', (path: string) => chownSync(path, 65_534, 0), 'belongs to user'] as const]
    : []),
])(
  'in place of a file %s the one before its last change serves, and it is put aside',
  async (_what, harm, why) => {
    const state = await saved([rule('a')], [rule('a'), rule('b')]);
    harm(rulesPath(state));
    expect(offline(state)).toEqual([rule('a')]);
    const { file, rules, notices } = await openFile(state);
    expect(rules).toEqual([rule('a')]);
    expect(notices).toEqual([expect.stringContaining(why)]);
    expect(notices[0]).toContain('the rules from before its last change are in force');
    expect(readdirSync(state).sort()).toEqual(['rules.json', 'rules.json.damaged', 'rules.json.last']);
    await file.save([rule('a'), rule('c')]);
    const next = await openFile(state);
    expect([next.rules, next.notices]).toEqual([[rule('a'), rule('c')], []]);
  },
);

test('a file that was deleted, or was moved away by a killed engine, comes back as it was before its last change', async () => {
  const state = await saved([rule('a')], [rule('a'), rule('b')]);
  rmSync(rulesPath(state));
  const { rules, notices } = await openFile(state);
  expect(rules).toEqual([rule('a')]);
  expect(notices).toEqual([expect.stringContaining('rules.json is gone')]);
  expect((await openFile(state)).notices).toEqual([]);
});

test('when neither file can be read that is told, and nothing is overwritten before there is a change', async () => {
  const state = await saved([rule('a')], [rule('a'), rule('b')]);
  for (const name of ['rules.json', 'rules.json.last']) writeFileSync(join(state, name), `broken ${name}`);
  expect(offline(state)).toContain('is damaged');
  const { file, rules, notices } = await openFile(state);
  expect(rules).toEqual([]);
  expect(notices).toEqual([expect.stringContaining('no saved rule is in force')]);
  await file.keep();
  expect(readFileSync(rulesPath(state), 'utf8')).toBe('broken rules.json');
  await file.save([rule('c')]);
  expect(readFileSync(`${rulesPath(state)}.damaged`, 'utf8')).toBe('broken rules.json');
  expect(offline(state)).toEqual([rule('c')]);
});

test('a folder that vanishes is made again, with the rules in it; so is a file that somebody changed', async () => {
  const state = stateFolder();
  const { file, notices } = await openFile(state);
  await file.save([rule('a')]);
  rmSync(state, { recursive: true });
  await file.keep();
  expect(offline(state)).toEqual([rule('a')]);
  writeFileSync(rulesPath(state), '{"version":1,"rules":[]}');
  await file.keep();
  expect(offline(state)).toEqual([rule('a')]);
  expect(notices).toEqual(Array(2).fill(expect.stringContaining('deleted or changed by another program')));
  // What a stranger wrote was never the last good file.
  expect(existsSync(`${rulesPath(state)}.last`)).toBe(false);
  await file.keep();
  expect(notices).toHaveLength(2);
});

test('while it cannot be written that is told once, and it is written when it can be', async () => {
  const state = await saved([rule('a')]);
  const { file, notices } = await openFile(state);
  renameSync(state, `${state}-away`);
  writeFileSync(state, '');
  expect(await file.save([rule('a'), rule('b')])).toBe(false);
  await file.keep();
  expect(file.health.error).toContain('is not a folder');
  expect(notices).toEqual([file.health.error ?? '']);
  rmSync(state);
  renameSync(`${state}-away`, state);
  expect(offline(state)).toEqual([rule('a')]);
  await file.keep();
  expect([offline(state), file.health.error]).toEqual([[rule('a'), rule('b')], null]);
});

test('a folder that others can write is not written to', async () => {
  const state = stateFolder();
  mkdirSync(state);
  chmodSync(state, 0o777);
  const { file } = await openFile(state);
  expect(await file.save([rule('a')])).toBe(false);
  expect(file.health.error).toContain('chmod go-w');
});

test('a file that was never read is not taken for one that is gone', async () => {
  const state = await saved([rule('a')]);
  const file = new RuleFile(state, () => {});
  await file.keep();
  expect(offline(state)).toEqual([rule('a')]);
});
