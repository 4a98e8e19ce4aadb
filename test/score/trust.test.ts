import { describe, expect, test } from 'bun:test';
import { embeddedLexicon } from '../../lists/score/lexicon.ts';
import type { Host } from '../../src/model/brand.ts';
import { TRUST } from '../../src/score/constants.ts';
import { nameParts } from '../../src/score/name-parts.ts';
import { type TrustSignal, type TrustSignalName, trustScore } from '../../src/score/trust.ts';

const lexicon = embeddedLexicon();
const trust = (host: string, ageDays?: number | null) =>
  trustScore(nameParts(host as Host, lexicon), { ageDays }, lexicon);
const signal = (host: string, name: TrustSignalName, ageDays?: number | null): TrustSignal => {
  const found = trust(host, ageDays).signals.find((s) => s.name === name);
  if (found === undefined) throw new Error(`no signal ${name}`);
  return found;
};

describe('trust score', () => {
  test('has seven signals whose weights add up to one', () => {
    const { signals } = trust('example.com', 4000);
    expect(signals.map((s) => s.name)).toEqual([
      'age',
      'entropy',
      'brand',
      'tld',
      'keywords',
      'subdomains',
      'length',
    ]);
    expect(signals.reduce((sum, s) => sum + s.weight, 0)).toBeCloseTo(1, 12);
    expect(Object.values(TRUST.weights).reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 12);
  });

  test('is the weighted sum of the signals', () => {
    const { score, signals } = trust('mail.example.org', 700);
    expect(score).toBeCloseTo(100 * signals.reduce((sum, s) => sum + s.weight * (s.value ?? 0), 0), 10);
  });

  test('shares an unknown age out to the rest in proportion and shows it as unknown', () => {
    const age = signal('example.com', 'age');
    expect(age).toMatchObject({ raw: null, value: null, weight: 0 });
    expect(signal('example.com', 'entropy').weight).toBeCloseTo(0.2 / 0.75, 12);
    expect(signal('example.com', 'age', null).evidence).toContain('could not be learned');
  });

  test('a missing age lowers no ordinary name below the tolerance', () => {
    for (const host of ['example.com', 'wikipedia.org', 'mail.example.co.uk']) {
      expect(trust(host).score).toBeGreaterThanOrEqual(TRUST.tolerance);
    }
  });

  test('caps age at five years', () => {
    expect(signal('example.com', 'age', 0).value).toBe(0);
    expect(signal('example.com', 'age', TRUST.fullAgeDays / 2).value).toBeCloseTo(0.5, 10);
    expect(signal('example.com', 'age', 20_000).value).toBe(1);
  });

  test('a name under a platform never inherits its age', () => {
    for (const host of ['shop.github.io', 'shop.godaddysites.com', 'abc.cloudfront.net']) {
      expect(signal(host, 'age', 5000)).toMatchObject({ value: null, weight: 0 });
    }
  });

  test('google may own googlevideo.com, and nobody else may own paypal', () => {
    expect(signal('r1.googlevideo.com', 'brand').value).toBe(1);
    expect(signal('paypa.com', 'brand')).toMatchObject({ value: 0, raw: 'paypal, one edit' });
    expect(signal('paypal-secure.com', 'brand').value).toBe(TRUST.brand.embedded);
    expect(signal('wellsferga.com', 'brand').value).toBe(TRUST.brand.twoEdits);
    expect(signal('example.com', 'brand').value).toBe(1);
  });

  test.each([
    ['nasa.gov', 1],
    ['service.gov.uk', 1],
    ['example.com', 0.8],
    ['example.wtf', 0.5],
    ['example.tk', 0.1],
    ['example.xyz', 0.1],
  ])('%s has a suffix worth %d', (host, value) => {
    expect(signal(host, 'tld').value).toBe(value);
  });

  test('each suspicious word costs trust, once', () => {
    expect(signal('example.com', 'keywords').value).toBe(1);
    expect(signal('login-login.com', 'keywords').value).toBeCloseTo(0.65, 10);
    expect(signal('verify-billing-account.com', 'keywords').value).toBe(0);
  });

  test('deep and long names lose trust', () => {
    expect(signal('a.b.c.d.e.example.com', 'subdomains').value).toBe(0);
    expect(signal(`${'a'.repeat(60)}.com`, 'length').value).toBe(0);
  });

  test('gives one sentence for each signal', () => {
    for (const s of trust('paypal.verify-account.tk', 10).signals)
      expect(s.evidence.length).toBeGreaterThan(10);
  });
});
