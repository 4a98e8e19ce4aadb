import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { renderAnchor } from '../../../pf/anchor.ts';
import { FACTS_PLAN } from '../plan.ts';
import { checkAnchorGrammar } from './check.ts';
import { ANCHOR_MAX_CHARS } from './tokens.ts';

const folder = new URL('../../fixtures/pf/accepted/', import.meta.url);

test.each(readdirSync(folder))('accepts %s', (name) => {
  expect(checkAnchorGrammar(readFileSync(new URL(name, folder), 'utf8'))).toEqual([]);
});

const REDIRECT = 'rdr on lo0 inet proto tcp from any to any port 80 -> 127.0.0.1 port 8443';

test.each([
  ['a translation rule after a filter rule', `pass all\n${REDIRECT}`, 2, 'rules must be in order'],
  ['options after translation', `${REDIRECT}\nset limit states 100`, 2, 'rules must be in order'],
  ['normalization after filtering', 'pass all\nscrub-anchor "a"', 2, 'rules must be in order'],
  ['a line break in a list', 'table <t> const {\n 10.0.0.0/8\n}', 1, 'line break inside { }'],
  [
    'an address family of another kind',
    'rdr on lo0 inet6 proto tcp to any port 80 -> 127.0.0.1',
    1,
    'another address family',
  ],
  [
    'a route of another family',
    'pass out route-to (lo0 ::1) inet proto tcp to any port 80',
    1,
    'another address family',
  ],
  [
    'a source of another family',
    'rdr on lo0 proto tcp from ! ::1 to any port 80 -> 127.0.0.1',
    1,
    'can never match',
  ],
  [
    'a user in a translation rule',
    'rdr on lo0 proto tcp from any to any port 80 user root -> 127.0.0.1',
    1,
    'filter rules only',
  ],
  ['flags on UDP', 'pass out proto udp from any to any port 53 flags S/SA', 1, 'TCP only'],
  ['an unknown protocol', 'pass out proto quic from any to any', 1, 'unknown protocol "quic"'],
  ['an unknown user', 'pass out proto tcp from any to any user resolagent', 1, 'unknown user "resolagent"'],
  ['a group by name', 'pass out proto tcp from any to any group _resolagent', 1, 'must be numeric'],
  ['a group without a protocol', 'pass out from any to any group 399', 1, 'need "proto tcp"'],
  ['a port without a protocol', 'pass out from any to any port 443', 1, 'needs "proto tcp"'],
  [
    'divert-to',
    'pass in proto tcp to any port 80 divert-to 127.0.0.1 port 1',
    1,
    'unknown keyword "divert-to"',
  ],
  ['a keyword that does not exist', 'permit all', 1, 'unknown keyword "permit"'],
  ['a name of Object.prototype as a keyword', 'constructor "x"', 1, 'unknown keyword "constructor"'],
  ['a table used before it is defined', 'pass out to <t>\ntable <t> persist', 1, 'before it is defined'],
  ['a table that nobody defines', 'pass out to ! <ra_skip4>', 1, 'before it is defined'],
  ['a table defined twice', 'table <t> persist\ntable <t> persist', 2, 'defined twice'],
  ['a table name of 32 characters', `table <${'t'.repeat(32)}> persist`, 1, 'longer than 31'],
  ['a host name in a table', 'table <t> { example.com }', 1, 'not an address'],
  ['a host name in a rule', 'pass out to example.com', 1, 'not an address'],
  ['an empty list', 'table <t> { }', 1, 'empty list'],
  ['a port above 65535', 'pass out proto tcp to any port 65536', 1, 'not a port'],
  ['a port range that runs backwards', 'pass out proto tcp to any port 443:80', 1, 'runs backwards'],
  ['a range of three ports', 'pass out proto tcp to any port 1:2:3', 1, 'not a port'],
  ['an interface group', 'pass out on utun all', 1, 'never matches'],
  ['an interface wildcard', 'pass out on utun+ all', 1, 'never matches'],
  ['skip on lo0', 'set skip on lo0', 1, 'skip on lo0'],
  ['queueing', 'altq on en0 cbq', 1, 'no ALTQ'],
  ['a target on "no rdr"', 'no rdr on lo0 proto tcp to any port 80 -> 127.0.0.1', 1, 'has no target'],
  ['a redirect without a target', 'rdr on lo0 proto tcp to any port 80', 1, 'expected "->"'],
  ['an open quote', 'anchor "com.apple', 1, 'quote'],
  [
    'a list over lines and what follows it',
    'table <t> {\n 10.0.0.0/8 }\npass out to <t>',
    1,
    'line break inside { }',
  ],
  ['an open brace', 'pass out proto { tcp', 1, 'line break inside'],
  ['a brace too many', 'pass out proto tcp }', 1, 'unknown keyword "}"'],
  ['a macro that is not defined', 'pass out proto tcp to any port $ports', 1, 'before it is defined'],
  ['a character of no meaning', 'pass out; pass in', 1, 'does not know'],
  ['TCP flags that do not exist', 'pass out proto tcp all flags X/SA', 1, 'not TCP flags'],
])('refuses %s and names the line', (_what, text, line, words) => {
  const problems = checkAnchorGrammar(text);
  expect(problems).toHaveLength(1);
  expect(problems[0]?.line).toBe(line);
  expect(problems[0]?.text).toContain(words);
});

test('reports one problem for each faulty line, in their order', () => {
  const text = `pass out on utun all\n${REDIRECT}\npass out proto quic all`;
  expect(checkAnchorGrammar(text).map((problem) => problem.line)).toEqual([1, 2, 3]);
});

test('counts a continued line from where it begins', () => {
  expect(checkAnchorGrammar('pass all\npass out \\\n proto quic all\npermit all').map((p) => p.line)).toEqual(
    [2, 4],
  );
});

test('stops a macro that grows without end', () => {
  const doubling = Array.from({ length: 30 }, (_, i) =>
    i === 0 ? 'm0 = a b' : `m${i} = $m${i - 1} $m${i - 1}`,
  );
  const problems = checkAnchorGrammar(doubling.join('\n'));
  expect(problems[0]).toEqual({ line: 14, text: 'more than 8192 words in one line' });
});

test('refuses a text past its limit unread', () => {
  expect(checkAnchorGrammar('#'.repeat(ANCHOR_MAX_CHARS + 1))).toHaveLength(1);
  expect(checkAnchorGrammar('#'.repeat(ANCHOR_MAX_CHARS))).toEqual([]);
});

test('never throws on a cut anchor, nor on noise behind one', () => {
  const text = renderAnchor(FACTS_PLAN, 'loopback');
  for (let end = 0; end <= text.length; end++) checkAnchorGrammar(text.slice(0, end));
  const noise = fc.string({
    unit: fc.constantFrom(...' \n\\"{}()<>!,=->$#:/az09.', 'pass', 'rdr', ' on ', 'port '),
    maxLength: 80,
  });
  fc.assert(
    fc.property(fc.nat(text.length), noise, (end, tail) => {
      for (const problem of checkAnchorGrammar(text.slice(0, end) + tail))
        expect(problem.line).toBeGreaterThan(0);
    }),
    { numRuns: 2_000 },
  );
});
