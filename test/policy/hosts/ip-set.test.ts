import { expect, test } from 'bun:test';
import {
  ADDRESS_WORDS,
  AddressSet,
  formatRange,
  parseRange,
  sortAddresses,
} from '../../../src/policy/hosts/ip-set.ts';

function setOf(entries: readonly [text: string, list: number][]): AddressSet {
  const records = entries.flatMap(([text, list], i) => {
    const range = parseRange(text);
    if (range === null) throw new Error(`not a range: ${text}`);
    return [range.kind, ...range.words, list, i + 1, 0];
  });
  return new AddressSet(sortAddresses(Int32Array.from(records)));
}

function lookUp(set: AddressSet, ip: string, on: readonly number[] = [1, 1, 1]) {
  const at = set.find(ip, Uint8Array.from(on));
  return at < 0 ? null : `${set.text(at)} list ${set.list(at)} line ${set.line(at)}`;
}

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.77/24', '203.0.113.0/24'],
  ['255.255.255.255/1', '128.0.0.0/1'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['2001:DB8::1', '2001:db8::1'],
  ['2001:db8:ffff::/33', '2001:db8:8000::/33'],
  ['::/0', '::/0'],
])('reads %s as %s', (text, canonical) => {
  const range = parseRange(text);
  expect(range === null ? null : formatRange(range)).toBe(canonical);
});

test.each([
  '',
  '1.2.3',
  '1.2.3.256',
  '1.2.3.4/33',
  '1.2.3.4/',
  '1.2.3.4/x',
  '::1/129',
  'fe80::1%eth0',
  'abc',
  '0x7f.1',
  '01.2.3.4/+8',
  ':::',
  '1.2.3.4/8/8',
])('refuses %p', (text) => expect(parseRange(text)).toBeNull());

test('finds an address in single entries and ranges of both families', () => {
  const set = setOf([
    ['203.0.113.7', 0],
    ['198.51.100.0/24', 0],
    ['2001:db8::/32', 0],
  ]);
  expect(lookUp(set, '203.0.113.7')).toBe('203.0.113.7 list 0 line 1');
  expect(lookUp(set, '203.0.113.8')).toBeNull();
  expect(lookUp(set, '198.51.100.255')).toBe('198.51.100.0/24 list 0 line 2');
  expect(lookUp(set, '198.51.101.0')).toBeNull();
  expect(lookUp(set, '2001:db8:1::5')).toBe('2001:db8::/32 list 0 line 3');
  expect(lookUp(set, '2001:db9::')).toBeNull();
});

test('prefers the narrowest range, then the list with the lowest number that is on', () => {
  const set = setOf([
    ['198.51.100.0/24', 0],
    ['198.51.100.9', 2],
    ['198.51.100.9', 1],
  ]);
  expect(lookUp(set, '198.51.100.9')).toBe('198.51.100.9 list 1 line 3');
  expect(lookUp(set, '198.51.100.9', [1, 0, 1])).toBe('198.51.100.9 list 2 line 2');
  expect(lookUp(set, '198.51.100.9', [1, 0, 0])).toBe('198.51.100.0/24 list 0 line 1');
});

test('an IPv4 range of a low address does not cover an IPv6 address with the same first word', () => {
  const set = setOf([['32.1.13.184/32', 0]]);
  expect(lookUp(set, '2001:db8::')).toBeNull();
});

test('drops repeats within a list and keeps them across lists', () => {
  const set = setOf([
    ['203.0.113.7', 0],
    ['203.0.113.7', 0],
    ['203.0.113.7', 1],
  ]);
  expect(set.size).toBe(2);
});

test('agrees with a plain scan for 2,000 addresses', () => {
  const entries = Array.from({ length: 300 }, (_, i): [string, number] => [
    `${10 + (i % 7)}.${(i * 37) % 256}.${(i * 11) % 256}.0/${[8, 16, 20, 24, 32][i % 5]}`,
    i % 3,
  ]);
  const set = setOf(entries);
  const inside = (ip: string, text: string) => {
    const [net = '', prefix = '32'] = text.split('/');
    const number = (dotted: string) => dotted.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    const size = 2 ** (32 - Number(prefix));
    return Math.floor(number(ip) / size) === Math.floor(number(net) / size);
  };
  for (let i = 0; i < 2_000; i++) {
    const ip = `${8 + (i % 12)}.${(i * 37) % 256}.${(i * 11 + (i % 3)) % 256}.${i % 4}`;
    expect(lookUp(set, ip) !== null).toBe(entries.some(([text]) => inside(ip, text)));
  }
  expect(ADDRESS_WORDS).toBe(8);
});
