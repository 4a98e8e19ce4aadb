import { describe, expect, test } from 'bun:test';
import { embeddedLexicon } from '../../lists/score/lexicon.ts';
import type { Host } from '../../src/model/brand.ts';
import { nameParts } from '../../src/score/name-parts.ts';

const lexicon = embeddedLexicon();
const parts = (host: string) => nameParts(host as Host, lexicon);
const label = (host: string): string => {
  const { labelStart, labelEnd } = parts(host);
  return host.slice(labelStart, labelEnd);
};

describe('a host taken apart', () => {
  test.each([
    ['example.com', 'example.com', 'example', 'com', 'none'],
    ['a.b.example.co.uk', 'example.co.uk', 'example', 'co.uk', 'none'],
    ['my-shop.github.io', 'my-shop.github.io', 'my-shop', 'github.io', 'platform'],
    ['x.my-shop.godaddysites.com', 'my-shop.godaddysites.com', 'my-shop', 'godaddysites.com', 'platform'],
    ['abc.mooo.com', 'abc.mooo.com', 'abc', 'mooo.com', 'platform'],
    ['mooo.com', 'mooo.com', 'mooo', 'mooo.com', 'platform'],
    ['rr5---sn-5ualdnz7.googlevideo.com', 'googlevideo.com', 'googlevideo', 'com', 'provider'],
    [
      'd3eq1zq78ux3cv.cloudfront.net',
      'd3eq1zq78ux3cv.cloudfront.net',
      'd3eq1zq78ux3cv',
      'cloudfront.net',
      'provider',
    ],
    ['localhost', null, 'localhost', 'localhost', 'none'],
  ])('%s', (host, domain, name, suffix, hostedBy) => {
    const found = parts(host);
    expect(found.registrableDomain as string | null).toBe(domain);
    expect(label(host)).toBe(name);
    expect(found.suffix).toBe(suffix);
    expect(found.hostedBy).toBe(hostedBy as typeof found.hostedBy);
  });

  test('counts the labels left of the registrable domain, without www', () => {
    expect(parts('example.com').subdomains).toBe(0);
    expect(parts('www.example.com').subdomains).toBe(0);
    expect(parts('www.a.b.example.com').subdomains).toBe(2);
    expect(parts('a.b.example.co.uk').subdomains).toBe(2);
  });

  test('takes any label for a host, the suffix itself too', () => {
    for (const host of [
      'com',
      'co.uk',
      'github.io',
      '_dmarc.example.com',
      'xn--80ak6aa92e.com',
      'a.a.a.a.a.a',
    ]) {
      const { labelStart, labelEnd, suffixStart } = parts(host);
      expect(labelStart).toBeLessThanOrEqual(labelEnd);
      expect(labelEnd).toBeLessThanOrEqual(host.length);
      expect(suffixStart).toBeLessThanOrEqual(host.length);
    }
  });
});
