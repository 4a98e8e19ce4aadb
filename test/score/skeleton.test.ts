import { describe, expect, test } from 'bun:test';
import { embeddedLexicon } from '../../lists/score/lexicon.ts';
import { decodePunycode } from '../../src/score/punycode.ts';
import { skeletonOf } from '../../src/score/skeleton.ts';

const lexicon = embeddedLexicon();

describe('what a name looks like', () => {
  test('nothing to change costs nothing', () => {
    expect(skeletonOf('example', 7, lexicon.confusables)).toBeNull();
  });

  test('reads Cyrillic letters, digits and pairs as a person does', () => {
    expect(skeletonOf('xn--80ak6aa92e', 14, lexicon.confusables)).toBe('apple');
    expect(skeletonOf('g00gle', 6, lexicon.confusables)).toBe('google');
    expect(skeletonOf('vvhatsapp', 9, lexicon.confusables)).toBe('whatsapp');
  });

  test('leaves invalid punycode as it is', () => {
    expect(decodePunycode('99999999', 0, 8)).toBeNull();
    expect(skeletonOf('xn--99999999', 12, lexicon.confusables)).not.toBe('');
  });

  test('decodes punycode like the platform does', () => {
    for (const word of ['münchen', 'пример', '例子', 'bücher-laden']) {
      const ascii = URL.parse(`http://${word}.com/`)?.hostname.split('.')[0] ?? '';
      expect(String.fromCodePoint(...(decodePunycode(ascii, 4, ascii.length) ?? []))).toBe(word);
    }
  });
});
