import { expect, test } from 'bun:test';
import { cleanText, quoteText } from '../../src/model/clean.ts';

test('leaves ordinary text of any script alone', () => {
  expect(cleanText('bücher.example 北京 ✓')).toBe('bücher.example 北京 ✓');
});

test('replaces escape sequences, newlines and direction overrides', () => {
  expect(cleanText('a\u001b[31mb\nc\u202ed\u200be')).toBe('a·[31mb·c·d·e');
});

test('replaces lone surrogates', () => {
  expect(cleanText('a\ud800b')).toBe('a·b');
});

test('cuts long text by characters and says so', () => {
  expect(cleanText('x'.repeat(300), 10)).toBe(`${'x'.repeat(9)}…`);
  expect(cleanText('😀'.repeat(20), 5)).toBe(`${'😀'.repeat(4)}…`);
});

test('quotes a text that cannot close its quotes, and keeps it on one line', () => {
  expect(quoteText(' a"b\r\n\t"verdict": \u001b[2Jallow ')).toBe(`"a'b 'verdict': ·[2Jallow"`);
  expect(quoteText('x'.repeat(50), 10)).toBe(`"${'x'.repeat(9)}…"`);
  expect(quoteText('')).toBe('""');
});
