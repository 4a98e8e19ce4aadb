import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { BodyReader } from '../../src/sniff/http-body.ts';
import { utf8 } from './hello.ts';

const CHUNKED = '5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\nX: y\r\n\r\n';

/** Where a body ends in bytes that are given in pieces; null when it is broken, -1 when it goes on. */
function endOf(body: number | 'chunked', text: string, cut = text.length): number | null {
  const bytes = utf8(text);
  const reader = new BodyReader(body);
  for (let at = 0; at < bytes.length && !reader.over; at += cut) {
    const end = reader.read(bytes.subarray(at, at + cut), 0);
    if (end === null) return null;
    if (reader.over) return at + end;
  }
  return reader.over ? 0 : -1;
}

test('knows where a body of a known length ends', () => {
  expect(endOf(0, 'GET')).toBe(0);
  for (const cut of [1, 2, 5, 100]) expect(endOf(5, 'helloGET', cut)).toBe(5);
  expect(endOf(9, 'helloGET')).toBe(-1);
});

test('knows where chunks end, however they are cut', () => {
  for (let cut = 1; cut <= CHUNKED.length; cut++)
    expect(endOf('chunked', `${CHUNKED}GET`, cut)).toBe(CHUNKED.length);
  for (let end = 0; end < CHUNKED.length; end++) expect(endOf('chunked', CHUNKED.slice(0, end))).toBe(-1);
  expect(endOf('chunked', '0\r\n\r\n')).toBe(5);
  expect(endOf('chunked', '3 \r\nabc\r\n00\r\n\r\n')).toBe(15);
});

test.each([
  ...[
    'x',
    '\r\n',
    ';a\r\n',
    '5\n',
    '5\rx',
    '-1\r\n',
    '0x5\r\n',
    '1234567890123\r\n',
    '5\r\nhello0',
    '5\r\nhello\n',
  ],
  ...['5;\nGET', '0\r\nX: y\n\n', '0\r\nX\ry', `5;${'x'.repeat(5_000)}`, `0\r\n${'x'.repeat(17_000)}`],
])('chunks %p are broken', (text) => {
  expect(endOf('chunked', text)).toBeNull();
});

test('random bytes end or break or go on', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, chunked) => {
      const reader = new BodyReader(chunked ? 'chunked' : 20);
      const end = reader.read(bytes, 0);
      if (end !== null && (end < 0 || end > bytes.length)) throw new Error('an end past the bytes');
    }),
  );
});
