import { expect, test } from 'bun:test';
import { parseRuleFile, renderRuleFile } from '../../src/config/rule-file.ts';
import type { RuleId, UnixMs } from '../../src/model/brand.ts';
import type { Rule } from '../../src/model/rule.ts';

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

test.each([
  ['hosts that cannot be', 'action="block"\nhost="a b"'],
  ['words that are none', 'action="maybe"\nhost="a.example"'],
])('of a hundred thousand %s the first twenty are told, and how many more there are', (_what, rule) => {
  const read = parseRuleFile(`[[rules]]\n${rule}\n`.repeat(100_000), 'F');
  expect(read.ok ? 0 : read.errors.length).toBe(21);
  expect(read.ok || read.errors.at(-1)).toBe('F: 99980 more errors');
});
