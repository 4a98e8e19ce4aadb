import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { DIOCNATLOOK, decodeNatlook, encodeNatlook, NATLOOK_BYTES } from '../../pf/natlook.ts';
import { at, buildNatlookReply } from '../attribute/darwin/bytes.ts';

const nonZero = (bytes: Uint8Array | null) =>
  [...(bytes ?? [])].flatMap((value, offset) => (value === 0 ? [] : [[offset, value]]));

test('has the number that the kernel gives a question of 84 bytes', () => {
  const readWrite = 0xc0000000;
  expect(DIOCNATLOOK).toBe(readWrite + (NATLOOK_BYTES << 16) + (0x44 << 8) + 23);
});

test('writes an IPv4 question at the offsets of the table', () => {
  expect(nonZero(encodeNatlook(at('192.168.1.5', 50_123), at('127.0.0.1', 17_443)))).toEqual([
    [0, 192],
    [1, 168],
    [2, 1],
    [3, 5],
    [16, 127],
    [19, 1],
    [64, 50_123 >> 8],
    [65, 50_123 & 255],
    [68, 17_443 >> 8],
    [69, 17_443 & 255],
    [80, 2],
    [81, 6],
    [83, 2],
  ]);
});

test('writes an IPv6 question with the family number of macOS', () => {
  const bytes = encodeNatlook(at('2001:db8::5', 50_124), at('::1', 17_443));
  expect(nonZero(bytes)).toEqual([
    [0, 0x20],
    [1, 0x01],
    [2, 0x0d],
    [3, 0xb8],
    [15, 5],
    [31, 1],
    [64, 50_124 >> 8],
    [65, 50_124 & 255],
    [68, 17_443 >> 8],
    [69, 17_443 & 255],
    [80, 30],
    [81, 6],
    [83, 2],
  ]);
});

test.each([
  [at('192.168.1.5', 0), at('127.0.0.1', 17_443)],
  [at('192.168.1.5', 1), at('127.0.0.1', 0)],
  [at('192.168.1.5', 1), at('::1', 17_443)],
])('asks nothing that the kernel refuses', (peer, local) => {
  expect(encodeNatlook(peer, local)).toBeNull();
});

test.each([at('203.0.113.7', 443), at('2001:db8:1::7', 8_080)])('reads the answer %p', (dst) => {
  expect(decodeNatlook(buildNatlookReply(dst))).toEqual(dst);
});

test('reads no answer from a cut one, an unknown family or port 0', () => {
  const good = buildNatlookReply(at('203.0.113.7', 443));
  for (let end = 0; end < good.length; end++) expect(decodeNatlook(good.subarray(0, end))).toBeNull();
  expect(decodeNatlook(good.with(80, 10))).toBeNull();
  expect(decodeNatlook(good.with(76, 0).with(77, 0))).toBeNull();
});

test('never throws on random answers', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      decodeNatlook(bytes);
    }),
  );
});
