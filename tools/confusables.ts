import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import data from 'unhomoglyph/data.json';

// Palochka is nearer to l than to the i of Unicode's table.
const OVERRIDDEN: Readonly<Record<string, string>> = { '\u{4cf}': 'l' };
// Letters that differ from their ASCII cousin in more than weight, which Unicode's table leaves out. By hand.
const ADDED: Readonly<Record<string, string>> = {
  ø: 'o',
  đ: 'd',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
  ŧ: 't',
  ß: 'b',
  æ: 'ae',
  œ: 'oe',
  ɡ: 'g',
  ɑ: 'a',
  ð: 'd',
  þ: 'p',
  к: 'k',
  т: 't',
  м: 'm',
  н: 'h',
  в: 'b',
  п: 'n',
  и: 'u',
  г: 'r',
  з: '3',
  ч: '4',
  ё: 'e',
  й: 'u',
  б: '6',
  ь: 'b',
  д: 'a',
  α: 'a',
  ε: 'e',
  η: 'n',
  κ: 'k',
  μ: 'u',
  ν: 'v',
  τ: 't',
  ω: 'w',
  χ: 'x',
  β: 'b',
  ο: 'o',
  ρ: 'p',
};
const LATIN: readonly (readonly [number, number])[] = [
  [0xdf, 0x250],
  [0x1e00, 0x1f00],
];

const table = new Map<string, string>();
for (const [letter, ascii] of Object.entries(data)) {
  const lasting =
    [...letter].length === 1 && letter === letter.toLowerCase() && letter.normalize('NFKC') === letter;
  if (!lasting || (letter.codePointAt(0) ?? 0) < 0x80 || !/^[\p{L}\p{N}]$/u.test(letter)) continue;
  const plain = withoutMarks(ascii).toLowerCase();
  if (/^[a-z0-9]{1,2}$/.test(plain)) table.set(letter, plain);
}
for (const [from, to] of LATIN) {
  for (let code = from; code < to; code++) {
    const letter = String.fromCodePoint(code);
    const plain = withoutMarks(letter);
    if (letter === letter.toLowerCase() && !table.has(letter) && /^[a-z]$/.test(plain))
      table.set(letter, plain);
  }
}
for (const [letter, ascii] of Object.entries(ADDED)) if (!table.has(letter)) table.set(letter, ascii);
for (const [letter, ascii] of Object.entries(OVERRIDDEN)) table.set(letter, ascii);
const [outDir = join(import.meta.dirname, '../lists/score')] = process.argv.slice(2);
writeFileSync(join(outDir, 'confusables.ts'), render(table));

function withoutMarks(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '');
}

function render(letters: ReadonlyMap<string, string>): string {
  const by = new Map<string, string[]>();
  for (const [letter, ascii] of letters) by.set(ascii, [...(by.get(ascii) ?? []), letter]);
  const lines = [...by]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([ascii, group]) => {
      const escaped = group.sort().map((letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`);
      return `  ['${ascii}', '${escaped.join('')}'],`;
    });
  return `/**
 * Letters of other scripts by the ASCII they are mistaken for, limited to what an internationalized name may hold
 * (lower case, NFKC). From Unicode's confusables.txt (Unicode License v3) by way of unhomoglyph 1.0.6 (MIT), with accents
 * stripped, and a few Cyrillic and Greek letters added that differ in more than weight. Written by \`npm run lists:confusables\`.
 */
export const CONFUSABLES: readonly (readonly [ascii: string, lookalikes: string])[] = [
${lines.join('\n')}
];
`;
}
