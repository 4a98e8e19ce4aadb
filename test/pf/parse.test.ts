import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  isToken,
  parseDsclNumbers,
  parseEnabled,
  parseRedirectState,
  parseReferences,
  parseRules,
  parseToken,
  referencesAppleAnchors,
  skipsLoopback,
} from '../../pf/parse.ts';
import { at } from '../attribute/darwin/bytes.ts';

const folder = new URL('../fixtures/pf/output/', import.meta.url);
const output = (name: string) => readFileSync(new URL(name, folder), 'utf8');

test('finds the token on stderr, behind the lines about ALTQ', () => {
  expect(parseToken(output('enable.stderr'))).toBe('15305728931839270021');
});

test.each([
  output('enable-without-token.stderr'),
  '',
  'Token : ',
  'Token : 12 34',
  `Token : ${'9'.repeat(21)}`,
  'Token : 0x1f',
])('finds no token in %p', (stderr) => {
  expect(parseToken(stderr)).toBeNull();
});

test.each([
  ['15305728931839270021', true],
  ['', false],
  ['-X', false],
  ['1\n', false],
])('tells whether %p is a token', (text, is) => {
  expect(isToken(text)).toBe(is);
});

test('lists who keeps pf enabled', () => {
  expect(parseReferences(output('references.stdout'))).toEqual([
    { pid: 431, process: 'com.apple.internet-sharing', token: '9872736510321877117' },
    { pid: 24_203, process: 'pfctl', token: '15305728931839270021' },
  ]);
  expect(parseReferences(output('references-none.stdout'))).toEqual([]);
});

test('reads a process name with spaces in the list of references', () => {
  expect(
    parseReferences('77       Google Chrome He             123456789012            1 days 00:00:00'),
  ).toEqual([{ pid: 77, process: 'Google Chrome He', token: '123456789012' }]);
});

test('reads whether pf is on', () => {
  expect(parseEnabled(output('info-enabled.stdout'))).toBe(true);
  expect(parseEnabled(output('info-disabled.stdout'))).toBe(false);
  expect(parseEnabled('pfctl: /dev/pf: Permission denied')).toBeNull();
});

test('sees that anchors below com.apple are evaluated, and when they are not', () => {
  expect(referencesAppleAnchors(output('rules-main.stdout'), 'anchor')).toBe(true);
  expect(referencesAppleAnchors(output('nat-main.stdout'), 'rdr-anchor')).toBe(true);
  expect(referencesAppleAnchors(output('rules-replaced.stdout'), 'anchor')).toBe(false);
  expect(referencesAppleAnchors(output('nat-replaced.stdout'), 'rdr-anchor')).toBe(false);
});

test('does not take scrub-anchor or nat-anchor for the anchor it looks for', () => {
  expect(referencesAppleAnchors('scrub-anchor "com.apple/*" all', 'anchor')).toBe(false);
  expect(referencesAppleAnchors('nat-anchor "com.apple/*" all', 'rdr-anchor')).toBe(false);
  expect(referencesAppleAnchors('anchor "com.apple" all', 'anchor')).toBe(false);
});

test('sees that pf skips lo0', () => {
  expect(skipsLoopback(output('interface-lo0-skipped.stdout'))).toBe(true);
  expect(skipsLoopback('lo (skip)\nlo0\n')).toBe(true);
  expect(skipsLoopback(output('interface-lo0.stdout'))).toBe(false);
  expect(skipsLoopback('awdl0 (skip)\nlo0\n')).toBe(false);
});

test('lists rules without blank lines', () => {
  expect(parseRules(' pass all \n\nblock drop all\n')).toEqual(['pass all', 'block drop all']);
  expect(parseRules('\n')).toEqual([]);
});

test('reads the redirected connections of both families from the state table, and no others', () => {
  const states = output('state.stdout')
    .split('\n')
    .map(parseRedirectState)
    .filter((state) => state !== null);
  expect(states).toEqual([
    { proxy: at('127.0.0.1', 7_893), dialled: at('10.88.0.1', 9_999), client: at('10.88.0.1', 49_607) },
    { proxy: at('127.0.0.1', 17_443), dialled: at('203.0.113.7', 443), client: at('192.168.1.5', 50_123) },
    { proxy: at('::1', 17_443), dialled: at('2001:db8:1::7', 443), client: at('2001:db8::5', 50_124) },
  ]);
});

test.each([
  'ALL tcp 127.0.0.1:70000 <- 1.2.3.4:1 <- 1.2.3.4:2       ESTABLISHED:ESTABLISHED',
  'ALL tcp 127.0.0.1 <- 1.2.3.4:1 <- 1.2.3.4:2       ESTABLISHED:ESTABLISHED',
  'ALL tcp 999.0.0.1:1 <- 1.2.3.4:1 <- 1.2.3.4:2       ESTABLISHED:ESTABLISHED',
  'ALL tcp ::g[1] <- ::1[1] <- ::1[2]       ESTABLISHED:ESTABLISHED',
])('does not read %p', (line) => {
  expect(parseRedirectState(line)).toBeNull();
});

test('reads the numbers of groups, negative ones too', () => {
  const groups = parseDsclNumbers(output('dscl-groups.stdout'));
  expect([groups.size, groups.get('wheel'), groups.get('nogroup'), groups.get('_analyticsd')]).toEqual([
    8, 0, -1, 263,
  ]);
  expect(parseDsclNumbers('a b c\nname\n 12\nx 99999999999\ny 4294967296\n').size).toBe(0);
});

test('never throws on cut or random output', () => {
  const all = readdirSync(folder).map(output);
  const parsers = [
    parseToken,
    parseReferences,
    parseEnabled,
    skipsLoopback,
    parseRules,
    parseRedirectState,
    parseDsclNumbers,
  ];
  const run = (text: string) => {
    for (const parse of parsers) parse(text);
    referencesAppleAnchors(text, 'anchor');
  };
  for (const text of all) for (let end = 0; end <= text.length; end++) run(text.slice(0, end));
  fc.assert(fc.property(fc.constantFrom(...all), fc.string(), (text, tail) => run(text + tail)));
});
