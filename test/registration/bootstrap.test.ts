import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { parse } from 'tldts';
import embedded from '../../lists/rdap/dns.json';
import { embeddedBootstrap, parseBootstrap, servicesOf } from '../../src/registration/bootstrap.ts';

const registry = (...services: unknown[]) => ({
  version: '1.0',
  publication: '2026-01-01T00:00:00Z',
  services,
});
const hrefs = (domain: string, value: unknown) => {
  const bootstrap = parseBootstrap(value);
  return bootstrap === null ? null : servicesOf(domain, bootstrap).map((url) => url.href);
};

test('the embedded copy names the services of the large zones', () => {
  const embedded = embeddedBootstrap();
  const of = (domain: string) => servicesOf(domain, embedded).map((url) => url.href);
  expect(of('example.com')).toEqual(['https://rdap.verisign.com/com/v1/']);
  expect(of('example.org')).toEqual(['https://rdap.publicinterestregistry.org/rdap/']);
  expect(of('example.co.uk')).toEqual(['https://rdap.nominet.uk/uk/']);
  expect(of('xn--e1afmkfd.xn--80asehdb')).toEqual(['https://rdap.nic.xn--80asehdb/']);
  expect(of('example.de')).toEqual([]);
});

test('the embedded copy is a registry like the one that is fetched', () => {
  expect(parseBootstrap(embedded)).toEqual(embeddedBootstrap());
});

test('every zone of the embedded copy is one label, and all but a few that are gone are known suffixes', () => {
  const zones = [...embeddedBootstrap().zones.keys()];
  expect(zones.length).toBeGreaterThan(1_100);
  expect(zones.filter((zone) => zone.includes('.'))).toEqual([]);
  const foreign = zones.filter((zone) => !parse(`x.${zone}`).isIcann);
  expect(foreign.length).toBeLessThan(5);
});

test('the zone with the most labels answers', () => {
  const value = registry(
    [['uk'], ['https://uk.test/']],
    [['co.uk'], ['https://co.test']],
    [['x.co.uk', 'UK.'], ['https://x.test/a']],
  );
  expect(hrefs('example.co.uk', value)).toEqual(['https://co.test/']);
  expect(hrefs('example.uk', value)).toEqual(['https://x.test/a/']);
  expect(hrefs('x.co.uk', value)).toEqual(['https://x.test/a/']);
  expect(hrefs('notco.uk2', value)).toEqual([]);
});

test('an internationalised zone is found by its A-label, however it is written', () => {
  const value = registry([['\u0440\u0444'], ['https://rf.test/']]);
  expect(hrefs('xn--e1afmkfd.xn--p1ai', value)).toEqual(['https://rf.test/']);
});

test('services without https, and addresses with passwords or queries, are left out', () => {
  const value = registry(
    [['com'], ['http://a.test/', 'https://u:p@a.test/', 'https://a.test/?x', 'nonsense', 'https://b.test/']],
    [['net'], ['http://a.test/']],
  );
  expect(hrefs('example.com', value)).toEqual(['https://b.test/']);
  expect(hrefs('example.net', value)).toEqual([]);
});

test.each([
  [null],
  [{}],
  [registry('com')],
  [registry([['com']])],
  [registry([['com'], 'https://a.test/'])],
  [{ ...registry(), publication: 'today' }],
  [registry(...Array(5_001).fill([[], []]))],
])('refuses what is no registry', (value) => {
  expect(parseBootstrap(value)).toBeNull();
});

test('takes any value without throwing', () => {
  fc.assert(fc.property(fc.anything(), (value) => parseBootstrap(value) === null));
  fc.assert(
    fc.property(fc.string(), (text) => servicesOf(text, embeddedBootstrap()).length >= 0),
    { numRuns: 20 },
  );
});
