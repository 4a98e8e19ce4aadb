import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configSchema } from '../../../src/config/schema.ts';
import { embeddedInputs } from '../../../src/lists/compile/embedded.ts';
import { loadLists } from '../../../src/lists/loaded-lists.ts';
import { normalizeHost } from '../../../src/model/host.ts';
import { thirdPartyLists } from '../../../tools/third-party-lists.ts';

const ALL_ON = {
  malware: true,
  phishing: true,
  ads: true,
  analytics: true,
  social: true,
  gambling: true,
  fakenews: true,
  adult: true,
};

function host(text: string) {
  const normal = normalizeHost(text);
  if (normal === null) throw new Error(`not a host: ${text}`);
  return normal;
}

const defaults = await loadLists(configSchema.parse({}).lists, { stateDir: null });
const everything = await loadLists(configSchema.parse({ lists: ALL_ON }).lists, { stateDir: null });

test('the lists made from third-party-web are what the build makes of the installed package', () => {
  for (const [name, content] of thirdPartyLists()) {
    expect(readFileSync(join(import.meta.dir, '../../../lists/third-party', name), 'utf8')).toBe(content);
  }
});

test('every line of every embedded list is loaded', () => {
  expect(everything.status().filter((list) => list.skipped > 0 || list.error !== null)).toEqual([]);
  expect(everything.status().map((list) => list.name)).toEqual(
    expect.arrayContaining(embeddedInputs().map((input) => input.name)),
  );
});

test('social, gambling, fakenews and adult are off by default, the others on', () => {
  const off = new Set(
    defaults
      .status()
      .filter((list) => !list.on)
      .map((list) => list.category),
  );
  expect([...off].sort()).toEqual(['adult', 'fakenews', 'gambling', 'social']);
  expect(defaults.block(host('www.facebook.com'))).toBeNull();
  expect(everything.block(host('www.facebook.com'))?.category).toBe('social');
});

test.each([
  ['stats.g.doubleclick.net', 'ads'],
  ['www.google-analytics.com', 'analytics'],
  ['testsafebrowsing.appspot.com', 'malware'],
  ['malware.testing.google.test', 'malware'],
  ['internetbadguys.com', 'phishing'],
  ['bet365.com', 'gambling'],
  ['www.infowars.com', 'fakenews'],
  ['de.pornhub.com', 'adult'],
  ['scontent.cdninstagram.com', 'social'],
])('knows %s as %s', (name, category) => {
  expect(everything.block(host(name))?.category as string).toBe(category);
});

test.each([
  'www.google.com',
  'accounts.google.com',
  'fonts.googleapis.com',
  'www.gstatic.com',
  'www.googletagmanager.com',
  'analytics.google.com',
  'www.youtube.com',
  'appleid.apple.com',
  'www.apple.com',
  'login.microsoftonline.com',
  'login.live.com',
  'www.bing.com',
  'outlook.office.com',
  'www.amazon.com',
  's3.amazonaws.com',
  'd111111abcdef8.cloudfront.net',
  'login.yahoo.com',
  's.yimg.com',
  'mail.aol.com',
  'www.ebay.com',
  'company.okta.com',
  'login.salesforce.com',
  'na1.force.com',
  'accounts.eu1.gigya.com',
  'www.theguardian.com',
  'www.linkedin.com',
  'www.wp.pl',
  'www.onet.pl',
  'line.me',
  'github.com',
  'registry.npmjs.org',
  'api.openai.com',
  'api.anthropic.com',
  'www.paypal.com',
  'js.stripe.com',
  'cdn.jsdelivr.net',
  'www.netflix.com',
  'app.segment.com',
  'mixpanel.com',
  'analytics.amplitude.com',
  'www.hotjar.com',
  'jsonip.com',
  'www.trustpilot.com',
  'www.surveymonkey.com',
])('does not block %s by default', (name) => {
  expect(defaults.block(host(name))).toBeNull();
});

test('nothing on the allowlist is on an embedded blocklist', () => {
  const allow = embeddedInputs().find((input) => input.kind === 'allow');
  const names = readFileSync(allow?.path ?? '', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(names.length).toBeGreaterThan(100);
  for (const name of names) {
    expect(everything.allow(host(name))?.entry).toBe(name);
    expect(everything.block(host(name))).toBeNull();
  }
});

test.each([
  ['storage.googleapis.com', 'Google', 'hosting'],
  ['fonts.googleapis.com', 'Google', 'cdn'],
  ['oauth2.googleapis.com', 'Google', 'platform'],
  ['d111111abcdef8.cloudfront.net', 'Amazon', 'cdn'],
  ['evil.pages.dev', 'Cloudflare', 'hosting'],
  ['a1.b.akamaiedge.net', 'Akamai', 'cdn'],
])('names the owner of %s', (name, owner, kind) => {
  expect(defaults.provider(host(name))).toMatchObject({ owner, kind });
});

test('knows popular names, and not what merely contains one', () => {
  expect(defaults.popular(host('en.wikipedia.org'))).toMatchObject({ entry: 'wikipedia.org' });
  expect(defaults.popular(host('wikipedia.org.evil.example'))).toBeNull();
  expect(defaults.provider(host('google.com.evil.example'))).toBeNull();
});
