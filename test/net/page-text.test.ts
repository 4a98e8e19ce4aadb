import { expect, test } from 'bun:test';
import { pageText } from '../../src/net/page-text.ts';

const JA = [0x93, 0xfa, 0x96, 0x7b];

test.each([
  ['the content type', 'text/html; charset=Shift_JIS', [], JA, '日本'],
  ['a quoted content type', 'text/html; charset="shift_jis"', [], JA, '日本'],
  ['a meta element', 'text/html', '<meta charset=shift_jis>', JA, '日本'],
  ['an old meta element', '', '<meta http-equiv=x content="text/html; charset=sjis">', JA, '日本'],
  ['its content type before its meta element', 'text/html; charset=sjis', '<meta charset=utf-8>', JA, '日本'],
  ['UTF-8 when nothing is said', 'text/html', [], [0xe6, 0x97, 0xa5], '日'],
  ['Windows-1252 when it is no UTF-8', 'text/html', [], [0x80, 0xe9], '€é'],
  ['UTF-8 when it claims UTF-16 in ASCII', 'text/html', '<meta charset=utf-16>', [0x41], 'A'],
  ['UTF-8 when its encoding does not exist', 'text/html; charset=x-none', [], [0xe6, 0x97, 0xa5], '日'],
  ['latin1', 'text/html; charset=ISO-8859-1', [], [0xe9], 'é'],
  ['Korean', 'text/html; charset=euc-kr', [], [0xc7, 0xd1], '한'],
  ['Cyrillic', 'text/html; charset=windows-1251', [], [0xcf], 'П'],
  ['UTF-8 whose last character is cut', 'text/html', [], [0x41, 0xe6, 0x97], 'A'],
])('decodes a page by %s', (_, type, start, rest, end) => {
  const bytes = Buffer.concat([Buffer.from(start as string), Buffer.from(rest)]);
  expect(pageText(bytes, type)).toEndWith(end);
  expect(pageText(bytes, type)).not.toContain('\ufffd');
});

test.each([
  ['utf-8', [0xef, 0xbb, 0xbf, 0x41]],
  ['utf-16le', [0xff, 0xfe, 0x41, 0]],
  ['utf-16be', [0xfe, 0xff, 0, 0x41]],
])('a byte order mark of %s is believed before all else', (_, bytes) => {
  expect(pageText(Uint8Array.from(bytes), 'text/html; charset=shift_jis')).toBe('A');
});
