import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { findHello } from '../../src/sniff/hello-scan.ts';
import { bytesOf, TLS_CAPTURES } from './captures.ts';
import { helloMessage, inRecords, serverName, utf8 } from './hello.ts';

const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const FIRST = utf8('STARTTLS\r\n\u0016\u0003');

test.each(TLS_CAPTURES.map(({ file }) => file))(
  'finds %s behind other bytes, from its eleventh byte on',
  (file) => {
    const bytes = joined(FIRST, bytesOf(file));
    for (let end = FIRST.length + 1; end <= FIRST.length + 40; end++) {
      const place = findHello(bytes.subarray(0, end));
      expect(place?.at).toBe(FIRST.length);
      expect(place?.whole).toBe(end >= FIRST.length + 11);
    }
  },
);

test('finds a hello in records of any size', () => {
  const message = helloMessage({ extensions: [serverName('a.example')] });
  for (let size = 1; size < 20; size++) {
    expect(findHello(joined(FIRST, inRecords(message, size)))).toEqual({ at: FIRST.length, whole: true });
  }
});

test('finds none in text and in a server hello', () => {
  expect(findHello(utf8('STARTTLS\r\n'))).toBeNull();
  expect(findHello(Uint8Array.of(22, 3, 3, 0, 50, 2, 0, 0, 46, 3, 3))).toBeNull();
  expect(findHello(new Uint8Array(0))).toBeNull();
});

test('random bytes are hardly ever a hello', () => {
  let found = 0;
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1_000, maxLength: 4_000 }), (bytes) => {
      if (findHello(bytes)?.whole === true) found++;
    }),
    { numRuns: 500 },
  );
  expect(found).toBe(0);
});
