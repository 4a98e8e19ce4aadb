import { expect, test } from 'bun:test';
import { unknownOrigin } from '../../src/attribute/attributor.ts';
import type { Host, Ip } from '../../src/model/brand.ts';
import { RefusedNames } from '../../src/proxy/refused-names.ts';
import { CURL } from '../policy/examples.ts';

const IP = '203.0.113.1' as Ip;
const EVIL = 'evil.example' as Host;
const OTHER = { ...CURL, path: '/usr/bin/wget' };
const UNKNOWN = unknownOrigin('timed_out');

test('knows what a program was refused at an address, for a minute', () => {
  const names = new RefusedNames();
  names.note(CURL, IP, EVIL, 1_000);
  names.note(CURL, IP, 'b.example' as Host, 2_000);
  names.note(CURL, IP, EVIL, 3_000);
  expect(names.of(CURL, IP, 4_000)).toEqual(['b.example' as Host, EVIL]);
  expect(names.of(OTHER, IP, 4_000)).toEqual([]);
  expect(names.of(CURL, '203.0.113.2' as Ip, 4_000)).toEqual([]);
  expect(names.of(CURL, IP, 62_500)).toEqual([EVIL]);
  expect(names.of(CURL, IP, 63_000)).toEqual([]);
});

test('a program that is not known counts as any', () => {
  const names = new RefusedNames();
  names.note(CURL, IP, EVIL, 0);
  expect(names.of(UNKNOWN, IP, 1)).toEqual([EVIL]);
  const others = new RefusedNames();
  others.note(UNKNOWN, IP, EVIL, 0);
  expect(others.of(CURL, IP, 1)).toEqual([EVIL]);
});

test('forgets the oldest address past a thousand, and the oldest of nine names', () => {
  const names = new RefusedNames();
  for (let i = 0; i <= 1_024; i++) names.note(CURL, `10.0.${i >> 8}.${i & 255}` as Ip, EVIL, i);
  expect(names.of(CURL, '10.0.0.0' as Ip, 1_100)).toEqual([]);
  expect(names.of(CURL, '10.0.0.1' as Ip, 1_100)).toEqual([EVIL]);
  for (let i = 0; i < 9; i++) names.note(CURL, IP, `${i}.example` as Host, 2_000);
  expect(names.of(CURL, IP, 2_000)).toHaveLength(8);
  expect(names.of(CURL, IP, 2_000)).not.toContain('0.example' as Host);
});
