import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { cells, clean, cut, cutLine, cutName, fit, lineCells, seg, wrap } from '../../../tui/draw/text.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ maxLength: 60 }),
);

describe('cutting and filling', () => {
  test('brings any clean text to exactly the width asked for', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 40 }), fc.boolean(), (text, width, right) => {
        expect(cells(fit(clean(text), width, right ? 'right' : 'left'))).toBe(width);
      }),
      { numRuns: 2_000 },
    );
  });

  test('counts a wide character as two cells and never cuts one in half', () => {
    expect(fit('日本語', 5)).toBe('日本…');
    expect(fit('日本語', 4)).toBe('日… ');
    expect(fit('日本語', 6)).toBe('日本語');
  });

  test('marks what was cut, and leaves alone what fits', () => {
    expect(cut('example.com', 8)).toBe('example…');
    expect(cut('example.com', 11)).toBe('example.com');
    expect(cut('example.com', 0)).toBe('');
  });

  test('fills on the left for figures', () => {
    expect(fit('443', 5, 'right')).toBe('  443');
  });

  test('cuts a line inside the part that passes the edge, and keeps the tones', () => {
    const line = cutLine([seg('abc', 'ok'), seg('defgh', 'bad'), seg('x')], 6);
    expect(line).toEqual([seg('abc', 'ok'), seg('de…', 'bad')]);
    expect(lineCells(line)).toBe(6);
  });
});

describe('cleaning', () => {
  test('leaves no control, direction or invisible character, whatever comes', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(clean(text)).not.toMatch(
          /[\p{Cc}\p{Default_Ignorable_Code_Point}\u202a-\u202e\u2066-\u2069]/u,
        );
      }),
      { numRuns: 2_000 },
    );
  });

  test('caps the marks that stack over other lines', () => {
    const marks = [...clean(`z${'\u0301\u0316'.repeat(40)}`)].filter((char) => /\p{M}/u.test(char));
    expect(marks.length).toBeLessThanOrEqual(2);
  });

  test('keeps ordinary names of other scripts', () => {
    expect(clean('Пример 例え')).toBe('Пример 例え');
  });
});

describe('wrapping', () => {
  test('gives lines within the width that hold all words', () => {
    const lines = wrap('every connection is decided before its first byte leaves', 16);
    expect(Math.max(...lines.map(cells))).toBeLessThanOrEqual(16);
    expect(lines.join(' ')).toBe('every connection is decided before its first byte leaves');
  });

  test('breaks a word that is longer than the line, and stops at the limit with a mark', () => {
    const lines = wrap('a'.repeat(100), 10, 3);
    expect(lines).toEqual(['a'.repeat(10), 'a'.repeat(10), `${'a'.repeat(9)}…`]);
  });

  test('ends for any text and any width', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 12 }), (text, width) => {
        expect(wrap(clean(text), width, 5).length).toBeLessThanOrEqual(5);
      }),
    );
  });
});

describe('a name that is cut', () => {
  test('keeps its end, which says whose it is', () => {
    expect(cutName('paypal.com.evil.example', 13)).toBe('…evil.example');
    expect(cutName('evil.example', 12)).toBe('evil.example');
    expect(cutName('例え.例え.example', 12)).toBe('…え.example');
    expect(cutName('evil.example', 1)).toBe('…');
    expect(cutName('evil.example', 0)).toBe('');
  });

  test('is never wider than it may be', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        fc.integer({ min: 0, max: 30 }),
        (name, width) => {
          expect(cells(cutName(name, width))).toBeLessThanOrEqual(Math.max(width, 0));
        },
      ),
    );
  });
});
