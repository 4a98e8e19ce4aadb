import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { LineSplitter } from '../../src/control/ndjson.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('lines come whole however the stream is cut, in the middle of a character too', () => {
  const lines = fc.array(
    fc.string({ unit: 'grapheme', maxLength: 30 }).filter((line) => !line.includes('\n')),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(lines, fc.array(fc.nat(20), { minLength: 1, maxLength: 40 }), (wanted, cuts) => {
      const stream = bytes(wanted.map((line) => `${line}\n`).join(''));
      const splitter = new LineSplitter(1_000);
      const got: string[] = [];
      let cut = 0;
      for (let at = 0; at < stream.length; ) {
        const until = at + Math.max(1, cuts[cut++ % cuts.length] ?? 1);
        got.push(...splitter.push(stream.slice(at, until)).lines);
        at = until;
      }
      expect(got).toEqual(wanted.filter((line) => line !== ''));
    }),
  );
});

test('a chunk may be changed by its owner after it was pushed', () => {
  const splitter = new LineSplitter(100);
  const chunk = bytes('first half');
  splitter.push(chunk);
  chunk.fill(0x2a);
  expect(splitter.push(bytes(', second\n')).lines).toEqual(['first half, second']);
});

test('a line as long as may be is taken, a longer one is not, in one chunk or in many', () => {
  expect(new LineSplitter(5).push(bytes('12345\n')).lines).toEqual(['12345']);
  expect(new LineSplitter(5).push(bytes('123456\n'))).toEqual({ lines: [], tooLong: true });
  const splitter = new LineSplitter(5);
  expect(splitter.push(bytes('1234')).tooLong).toBe(false);
  expect(splitter.push(bytes('56')).tooLong).toBe(true);
  expect(splitter.push(bytes('\nok\n'))).toEqual({ lines: [], tooLong: true });
});

test('lines before the one that is too long are still given', () => {
  expect(new LineSplitter(3).push(bytes('a\nb\nlonger\n'))).toEqual({ lines: ['a', 'b'], tooLong: true });
});

test('bytes that are not UTF-8 become replacement characters', () => {
  expect(new LineSplitter(10).push(new Uint8Array([0x61, 0xff, 0x0a])).lines).toEqual(['a\ufffd']);
});
