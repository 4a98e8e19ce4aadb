import { afterEach, beforeEach, expect, test } from 'bun:test';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Paths } from '../../src/config/paths.ts';
import { keepRuleFiles, readRuleFolder } from '../../src/config/rule-folder.ts';
import type { UnixMs } from '../../src/model/brand.ts';

let folder = '';
let paths: Paths;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'resolagent-rules-'));
  mkdirSync(join(folder, 'rules.d'));
  const state = join(folder, 'state');
  paths = { config: join(folder, 'config.toml'), configGiven: true, state, socket: join(folder, 'socket') };
});
afterEach(() => rmSync(folder, { recursive: true }));

const rule = (action: string, host: string): string => `[[rules]]\naction="${action}"\nhost="${host}"\n`;
const write = (name: string, text: string): void => writeFileSync(join(folder, 'rules.d', name), text);

/** Reads the folder as an engine does; the rules in short, and what it says. */
function read(): { rules: string[]; errors: readonly string[] } {
  const found = readRuleFolder(paths, 5 as UnixMs);
  const errors = [...found.errors, ...keepRuleFiles(paths, found)];
  return {
    rules: found.rules.map((each) => `${each.rule.id} ${each.rule.action} ${each.rule.host}`),
    errors,
  };
}

test('loads the good files of a folder, and names the bad ones', () => {
  write('10-a.toml', rule('block', 'a.example'));
  write('20-b.toml', rule('maybe', 'b.example'));
  write('30-c.toml', rule('allow', 'c.example'));
  write('notes.txt', 'not read');
  const { rules, errors } = read();
  expect(rules).toEqual(['file:10-a.toml:1 block a.example', 'file:30-c.toml:1 allow c.example']);
  expect(errors).toEqual([
    expect.stringMatching(/20-b\.toml:2: rules\.0\.action: /),
    expect.stringMatching(/20-b\.toml: none of its rules is in force$/),
  ]);
});

test('a missing folder holds no rules', () => {
  rmSync(join(folder, 'rules.d'), { recursive: true });
  expect(read()).toEqual({ rules: [], errors: [] });
});

test.each([
  ['a syntax error', () => write('a.toml', `${rule('block', 'a.example')}[[rules`)],
  ['a rule that cannot be', () => write('a.toml', rule('block', 'a b'))],
  ['a file that others can write', () => chmodSync(join(folder, 'rules.d/a.toml'), 0o666)],
  [
    'a link that leads nowhere',
    () => {
      rmSync(join(folder, 'rules.d/a.toml'));
      symlinkSync('unmounted.toml', join(folder, 'rules.d/a.toml'));
    },
  ],
  [
    'a folder in its place',
    () => {
      rmSync(join(folder, 'rules.d/a.toml'));
      mkdirSync(join(folder, 'rules.d/a.toml'));
    },
  ],
])('%s leaves what the file said before in force, time after time', (_what, spoil) => {
  write('a.toml', rule('block', 'a.example') + rule('block', 'b.example'));
  write('c.toml', rule('allow', 'c.example'));
  const before = read();
  expect(before.errors).toEqual([]);
  spoil();
  for (let look = 0; look < 3; look++) {
    const { rules, errors } = read();
    expect(rules).toEqual(before.rules);
    expect(errors.at(-1)).toMatch(/a\.toml: what it said before stays in force \(2 rules\)$/);
  }
});

test('a file that is put right counts, and one that is gone is forgotten', () => {
  write('a.toml', rule('block', 'a.example'));
  read();
  write('a.toml', 'nonsense');
  expect(read().rules).toEqual(['file:a.toml:1 block a.example']);
  write('a.toml', rule('block', 'new.example'));
  expect(read()).toEqual({ rules: ['file:a.toml:1 block new.example'], errors: [] });
  rmSync(join(folder, 'rules.d/a.toml'));
  expect(read()).toEqual({ rules: [], errors: [] });
  write('a.toml', 'nonsense');
  expect(read().rules).toEqual([]);
});

test('a folder that cannot be listed leaves all it held in force', () => {
  write('a.toml', rule('block', 'a.example'));
  read();
  renameSync(join(folder, 'rules.d'), join(folder, 'elsewhere'));
  writeFileSync(join(folder, 'rules.d'), 'no folder');
  for (let look = 0; look < 2; look++) {
    const { rules, errors } = read();
    expect(rules).toEqual(['file:a.toml:1 block a.example']);
    expect(errors[0]).toMatch(/rules\.d: cannot be read \(ENOTDIR\)$/);
  }
});

test('a state folder that cannot be written is told, and the rules count', () => {
  writeFileSync(join(folder, 'state'), 'no folder');
  write('a.toml', rule('block', 'a.example'));
  const { rules, errors } = read();
  expect(rules).toEqual(['file:a.toml:1 block a.example']);
  expect(errors).toEqual([expect.stringMatching(/rules\.d\.last: not kept, so a mistake/)]);
});

test('copies that others could have written do not count', () => {
  write('a.toml', rule('block', 'a.example'));
  read();
  const kept = join(folder, 'state/rules.d.last');
  expect(readdirSync(kept)).toEqual(['a.toml']);
  chmodSync(join(kept, 'a.toml'), 0o666);
  write('a.toml', 'nonsense');
  expect(read().rules).toEqual([]);
});

test('without rule files nothing is kept', () => {
  read();
  expect(existsSync(join(folder, 'state'))).toBe(false);
});
