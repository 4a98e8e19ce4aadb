import { expect, test } from 'bun:test';
import type { Ip } from '../../src/model/brand.ts';
import { compileScope, type ScopeEntry } from '../../src/policy/scope.ts';
import { question } from './examples.ts';

function scope(...entries: ScopeEntry[]) {
  const compiled = compileScope('jail', entries);
  if (!compiled.ok) throw new Error(compiled.error);
  return compiled.scope;
}

test('an entry covers the name and what is below, on its port only', () => {
  const rules = scope({ host: 'Example.com', port: 443 });
  expect(rules.match(question())).toEqual({ host: 'example.com', port: 443 });
  expect(rules.match(question({ port: 80 }))).toBeNull();
  expect(rules.match(question({ host: 'example.org' }))).toBeNull();
});

test('several entries for one host each open their port', () => {
  const rules = scope(
    { host: 'example.com', port: 443 },
    { host: '=www.example.com', port: 22 },
    { host: 'example.com', port: 80 },
  );
  expect([22, 80, 443, 8080].map((port) => rules.match(question({ port })) !== null)).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test.each([
  '169.254.169.254',
  '10.0.0.1',
  '192.168.1.1',
  '127.0.0.1',
  '100.64.0.1',
  '::1',
  'fe80::1',
  'fd00::1',
  '0.0.0.0',
  '::',
])('an entry for anything does not cover %s, an entry for the address does', (ip) => {
  const q = question({ host: null, ip: ip as Ip });
  expect(scope({ host: '*', port: null }).match(q)).toBeNull();
  expect(scope({ host: '*', port: null }, { host: ip, port: null }).match(q)).toEqual({
    host: ip,
    port: null,
  });
});

test.each(['203.0.113.5', '198.51.100.1', '8.8.8.8', '2001:db8::1', '2606:4700::1'])(
  'an entry for anything covers the public address %s',
  (ip) => {
    expect(scope({ host: '*', port: null }).match(question({ host: null, ip: ip as Ip }))).not.toBeNull();
  },
);

test('an entry for anything does not cover a name at a private address', () => {
  const q = question({ ip: '169.254.169.254' as Ip });
  expect(scope({ host: '*', port: null }).match(q)).toBeNull();
  expect(scope({ host: 'example.com', port: null }).match(q)).not.toBeNull();
});

test('no entry at all covers nothing', () => {
  expect(scope().match(question())).toBeNull();
});

test('one entry that cannot be read refuses the scope', () => {
  const compiled = compileScope('jail', [
    { host: 'example.com', port: null },
    { host: 'exa mple', port: null },
  ]);
  expect(compiled).toEqual({ ok: false, error: '"exa mple": not a host name' });
});
