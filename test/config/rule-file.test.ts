import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadRuleFolder, parseRuleFile, renderRuleFile } from '../../src/config/rule-file.ts';
import type { RuleId, UnixMs } from '../../src/model/brand.ts';
import type { Rule } from '../../src/model/rule.ts';

const folder = mkdtempSync(join(tmpdir(), 'resolagent-rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

const rule: Rule = {
  id: '0123abcd' as RuleId,
  action: 'block',
  host: 'xn--bcher-kva.example',
  port: 443,
  app: '/usr/bin/"odd" \\ name',
  user: 'ann',
  until: Date.parse('2030-01-02T03:04:05.678Z') as UnixMs,
  createdAt: 1 as UnixMs,
  origin: 'command',
  note: 'two\nlines',
};

test('writes rules that read back the same', () => {
  const bare: Rule = {
    ...rule,
    action: 'allow',
    host: '203.0.113.0/24',
    port: null,
    app: null,
    user: null,
    until: null,
    note: null,
  };
  const read = parseRuleFile(renderRuleFile([rule, bare]), 'F');
  const drafts = [rule, bare].map(({ id: _id, createdAt: _at, origin: _origin, ...draft }) => draft);
  expect(read.ok && read.value.map(({ rule: draft }) => draft)).toEqual(drafts);
});

test('writes no rules as a file that reads back as none', () => {
  expect(parseRuleFile(renderRuleFile([]), 'F')).toEqual({ ok: true, value: [] });
});

test('brings hosts to their one spelling', () => {
  const read = parseRuleFile('[[rules]]\naction="block"\nhost="BÜCHER.example."\n', 'F');
  expect(read.ok && read.value).toMatchObject([
    {
      rule: { host: 'xn--bcher-kva.example' },
      pattern: { kind: 'under', host: 'xn--bcher-kva.example' },
    },
  ]);
});

test('names file, line and key of a host it cannot read', () => {
  const read = parseRuleFile('[[rules]]\naction="block"\nhost="a b"\n', 'F');
  expect(read.ok ? [] : read.errors).toEqual([expect.stringMatching(/^F:3: rules\.0\.host: "a b"/)]);
});

test('names file, line and key of an app it cannot read', () => {
  const read = parseRuleFile('[[rules]]\naction="block"\nhost="a.example"\napp="bin/curl"\n', 'F');
  expect(read.ok ? [] : read.errors).toEqual([
    expect.stringMatching(/^F:4: rules\.0\.app: "bin\/curl": write an absolute path/),
  ]);
});

test('loads the good files of a folder, and names the bad ones', () => {
  writeFileSync(join(folder, '10-a.toml'), '[[rules]]\naction="block"\nhost="a.example"\n');
  writeFileSync(join(folder, '20-b.toml'), '[[rules]]\naction="maybe"\nhost="b.example"\n');
  writeFileSync(join(folder, '30-c.toml'), '[[rules]]\naction="allow"\nhost="c.example"\n');
  writeFileSync(join(folder, 'notes.txt'), 'not read');
  const { rules, errors } = loadRuleFolder(folder, 5 as UnixMs);
  expect(rules.map(({ rule: { id, action, host } }) => `${id} ${action} ${host}`)).toEqual([
    'file:10-a.toml:1 block a.example',
    'file:30-c.toml:1 allow c.example',
  ]);
  expect(errors).toEqual([expect.stringMatching(/20-b\.toml:2: rules\.0\.action: /)]);
});

test('a missing folder holds no rules', () => {
  expect(loadRuleFolder(join(folder, 'none'), 0 as UnixMs)).toEqual({ rules: [], errors: [] });
});
