import { expect, test } from 'bun:test';
import type { Host } from '../../../src/model/brand.ts';
import type { Rule } from '../../../src/model/rule.ts';
import { checkRule, describeRule } from '../../../src/policy/rules/text.ts';
import { NOW, rule } from '../examples.ts';

test.each([
  [{ host: 'example.com' }, 'allow any program to reach example.com and below'],
  [{ host: '=Example.com', action: 'block' }, 'block any program from reaching example.com only'],
  [{ host: '*.example.com', port: 443 }, 'allow any program to reach all below example.com, port 443'],
  [{ host: '203.0.113.0/24', app: '/usr/bin/curl' }, 'allow /usr/bin/curl to reach 203.0.113.0/24'],
  [{ host: '*', user: 'bob' }, 'allow any program to reach anywhere, for user bob'],
  [{ until: NOW }, 'allow any program to reach anywhere, until 2027-01-15 08:00 UTC'],
  [{ until: 1e17 }, 'allow any program to reach anywhere, until the end of time'],
])('says what %p does', (terms, sentence) => {
  expect(describeRule(rule(terms as Partial<Rule>))).toBe(sentence);
});

test('a sentence is short and clean whatever stands in the rule', () => {
  const app = `/${'deep/'.repeat(800)}\u001b[31m\u202e`;
  const sentence = describeRule(rule({ app, user: 'x'.repeat(64), host: `${'a.'.repeat(120)}example` }));
  expect([...sentence].length).toBeLessThanOrEqual(200);
  expect(sentence).not.toContain('\u001b');
  expect(sentence).not.toContain('\u202e');
});

test.each(['curl', '/usr/bin/curl', 'Google Chrome', '/opt/a b/c..d', '...', '/x/...'])(
  'takes the app %p',
  (app) => {
    expect(checkRule({ host: 'Example.com', app })).toEqual({
      ok: true,
      checked: {
        rule: { host: 'example.com', app },
        pattern: { kind: 'under', host: 'example.com' as Host },
      },
    });
  },
);

test.each([
  ['', 'expected an absolute path or a file name'],
  ['.', 'expected an absolute path or a file name'],
  ['..', 'expected an absolute path or a file name'],
  ['bin/curl', 'write an absolute path'],
  ['./curl', 'write an absolute path'],
  ['/', 'write the path of a file'],
  ['/usr/bin/', 'write the path of a file'],
  ['/usr//bin', 'write the path of a file'],
  ['/usr/./bin', 'write the path of a file'],
  ['/usr/../bin', 'write the path of a file'],
  ['/usr/..', 'write the path of a file'],
  ['cu\u0000rl', 'no zero character'],
])('refuses the app %p', (app, remedy) => {
  const checked = checkRule({ host: '*', app });
  expect(checked.ok ? '' : checked.error).toContain(remedy);
});

test('refuses a host that cannot be read, with its remedy', () => {
  expect(checkRule({ host: 'com', app: null })).toEqual({
    ok: false,
    key: 'host',
    error: '"com": a public suffix: write *.com if every name under it is meant',
  });
});
