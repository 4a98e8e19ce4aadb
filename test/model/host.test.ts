import { expect, test } from 'bun:test';
import { normalizeHost } from '../../src/model/host.ts';

test.each([
  ['Example.COM', 'example.com'],
  ['example.com.', 'example.com'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['BÜCHER.example.', 'xn--bcher-kva.example'],
  ['ｅｘａｍｐｌｅ．ｃｏｍ', 'example.com'],
  ['example。com', 'example.com'],
  ['XN--BCHER-KVA.example', 'xn--bcher-kva.example'],
  ['_dmarc.example.com', '_dmarc.example.com'],
  ['localhost', 'localhost'],
])('reads %s as %s', (spelling, host) => {
  expect(normalizeHost(spelling)).toBe(host as never);
});

test.each([
  '',
  '.',
  '..',
  'a..b',
  '.a',
  'a b',
  'a/b',
  'a@b.com',
  'a:443',
  'ü/x',
  'ü@x.com',
  '127.0.0.1',
  '1.2.3',
  '0x7f.1',
  'a.0x7f',
  '[::1]',
  '::1',
  `${'a'.repeat(64)}.com`,
  `${'a.'.repeat(127)}com`,
  'a\u0000.com',
  'ex%61mple.com',
  'a\nb.com',
  'x'.repeat(5000),
])('refuses %p', (spelling) => {
  expect(normalizeHost(spelling)).toBeNull();
});
