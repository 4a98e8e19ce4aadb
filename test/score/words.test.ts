import { describe, expect, test } from 'bun:test';
import { embeddedLexicon } from '../../lists/score/lexicon.ts';
import type { Host } from '../../src/model/brand.ts';
import { type Hit, scanWords } from '../../src/score/brand-scan.ts';
import { editDistance } from '../../src/score/edit-distance.ts';
import { nameParts } from '../../src/score/name-parts.ts';
import { decodePunycode } from '../../src/score/punycode.ts';
import { skeletonOf } from '../../src/score/skeleton.ts';

const lexicon = embeddedLexicon();
const scan = (text: string): (Omit<Hit, 'index'> & { word: string | undefined })[] => {
  const parts = nameParts(text as Host, lexicon);
  return scanWords(parts, skeletonOf(text, parts.labelEnd, lexicon.confusables), lexicon).map(
    ({ index, ...hit }) => ({
      ...hit,
      word: (hit.what === 'brand' ? lexicon.brandNames : lexicon.keywords)[index],
    }),
  );
};
const brand = (text: string, name: string) => scan(text).find((hit) => hit.word === name);

describe('brands in a name', () => {
  test.each([
    ['paypal.evil.example', 'paypal', 'label', true],
    ['paypal-verify.com', 'paypal', 'token', false],
    ['mypaypalsafe.com', 'paypal', 'embedded', false],
    ['paypa1.com', 'paypal', 'lookalike', false],
    ['paypel.com', 'paypal', 'typo', false],
    ['rnicrosoft-office.com', 'microsoft', 'lookalike', false],
    ['xn--pple-43d.com', 'apple', 'lookalike', false],
    ['pyapal.com', 'paypal', 'typo', false],
  ])('%s shows %s as %s', (host, name, kind, inSubdomain) => {
    expect(brand(host, name)).toMatchObject({ what: 'brand', kind, inSubdomain, own: false });
  });

  test('an owner may carry its own brand', () => {
    expect(brand('r3.googlevideo.com', 'google')).toMatchObject({ own: true });
    expect(brand('www.google.de', 'google')).toMatchObject({ own: true });
  });

  test("a customer's label in the owner's cloud is not the owner's", () => {
    expect(brand('microsoft-login.azurewebsites.net', 'microsoft')).toMatchObject({ own: false });
    expect(brand('amazon-login.s3.amazonaws.com', 'amazon')).toMatchObject({ own: false });
  });

  test('a bare brand under an abused suffix is not the owner', () => {
    expect(brand('paypal.tk', 'paypal')).toMatchObject({ own: false });
  });

  test('a short brand inside a word is no hit', () => {
    expect(scan('stinging-bees.com').filter((hit) => hit.what === 'brand')).toEqual([]);
  });

  test('finds lure words beside the brand', () => {
    expect(
      scan('secure-login-paypal.com')
        .filter((hit) => hit.what === 'keyword')
        .map((hit) => hit.word),
    ).toEqual(['secure', 'login']);
  });

  test('keeps a bounded number of hits however many a name holds', () => {
    expect(scan(`${'login-'.repeat(30)}x.com`.slice(-250)).length).toBeLessThanOrEqual(12);
  });
});

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

describe('edit distance', () => {
  test.each([
    ['paypal', 'paypal', 0],
    ['paypa', 'paypal', 1],
    ['paypall', 'paypal', 1],
    ['pyapal', 'paypal', 1],
    ['peypel', 'paypal', 2],
    ['ebay', 'paypal', 3],
    ['', 'ab', 2],
    ['abc', '', 3],
  ])('%s to %s is %d', (text, word, distance) => {
    expect(editDistance(text, 0, text.length, word)).toBe(distance as 0 | 1 | 2 | 3);
  });
});
