import { describe, expect, test } from 'bun:test';
import { embeddedLexicon } from '../../lists/score/lexicon.ts';
import type { Host } from '../../src/model/brand.ts';
import { type Hit, scanWords } from '../../src/score/brand-scan.ts';
import { nameParts } from '../../src/score/name-parts.ts';
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
