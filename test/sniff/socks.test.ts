import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Host } from '../../src/model/brand.ts';
import { mayBeSocks, SocksReader } from '../../src/sniff/socks.ts';
import { latin1 } from './hello.ts';

const A = 'a.example' as Host;
const NAME = [9, ...latin1('a.example'), 1, 0xbb];
const FORMS: readonly (readonly [string, readonly number[], Host | null])[] = [
  ['SOCKS 5 with a name', [5, 1, 0, 5, 1, 0, 3, ...NAME], A],
  [
    'SOCKS 5 with a password',
    [5, 2, 0, 2, 1, 3, ...latin1('bob'), 2, ...latin1('pw'), 5, 1, 0, 3, ...NAME],
    A,
  ],
  ['SOCKS 5 with an IPv4 address', [5, 1, 0, 5, 1, 0, 1, 192, 0, 2, 1, 0, 80], null],
  ['SOCKS 5 with an IPv6 address', [5, 1, 0, 5, 1, 0, 4, ...new Array<number>(16).fill(1), 0, 80], null],
  ['SOCKS 4', [4, 1, 0, 80, 192, 0, 2, 1, ...latin1('bob'), 0], null],
  ['SOCKS 4a', [4, 1, 0, 80, 0, 0, 0, 1, 0, ...latin1('a.example'), 0], A],
];

test.each(FORMS)('reads %s, however it is cut', (_, list, host) => {
  const bytes = Uint8Array.from(list);
  expect(mayBeSocks(bytes)).toBe(true);
  for (let cut = 1; cut <= bytes.length; cut++) {
    const reader = new SocksReader();
    let found = null as ReturnType<SocksReader['push']>;
    for (let at = 0; at < bytes.length && found === null; at += cut)
      found = reader.push(bytes.subarray(at, at + cut));
    expect(found).toEqual({ host, bytes: bytes.length });
  }
  for (let end = 1; end < bytes.length; end++)
    expect(new SocksReader().push(bytes.subarray(0, end))).toBeNull();
});

test.each([
  [[5, 0]],
  [[4, 9]],
  [[5, 1, 0, 22, 3, 1]],
  [[5, 1, 0, 5, 9, 0, 1, 1]],
  [[5, 1, 0, 5, 1, 0, 7, 1]],
  [[4, 1, ...new Array<number>(2_000).fill(65)]],
])('%p is none', (list) => {
  expect(new SocksReader().push(Uint8Array.from(list))).toBe('not_socks');
});

test('random bytes give an answer', () => {
  fc.assert(
    fc.property(fc.constantFrom(4, 5), fc.uint8Array({ maxLength: 300 }), (version, rest) => {
      new SocksReader().push(Uint8Array.of(version, ...rest));
    }),
  );
});
