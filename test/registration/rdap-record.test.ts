import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { RegistrableDomain } from '../../src/model/brand.ts';
import { cleanText } from '../../src/model/clean.ts';
import { readRdap } from '../../src/registration/rdap-record.ts';
import { FIELD_MAX_CHARS, NAME_SERVERS_MAX, STATUSES_MAX } from '../../src/registration/record.ts';
import { rdapDocument } from './documents.ts';
import { expected, recordFixture, type Shown, shown, textsOf } from './record-fixture.ts';

const read = (text: string, domain: string) => readRdap(text, domain as RegistrableDomain);
const recordOf = (file: string, domain: string) => {
  const found = read(recordFixture(`${file}.json`), domain);
  if (found.kind !== 'found' || found.record.source !== 'rdap') throw new Error(`${file} is no record`);
  return { ...found, record: found.record };
};

const ANSWERS: readonly [file: string, domain: string, told: Shown][] = [
  [
    'thin-registry',
    'example-shop.com',
    {
      ...{ registered: '2019-08-14', updated: '2026-08-14', expires: '2027-08-13' },
      ...{ registrar: 'Example Registrar, Inc.' },
      statuses: ['client delete prohibited', 'client transfer prohibited'],
    },
  ],
  [
    'thin-registrar',
    'example-shop.com',
    {
      ...{
        registered: '2019-08-14',
        updated: '2026-01-01',
        statuses: ['client delete prohibited'],
      },
      ...{ registrar: 'Example Registrar, Inc.' },
      ...{ organisation: 'Example Shop GmbH', country: 'DE', concealment: 'open' },
      ...{
        nameServers: ['ns1.dns-host.test'],
      },
    },
  ],
  [
    'redacted-rfc9537',
    'example.org',
    {
      ...{
        registered: '1999-01-01',
        updated: '2026-02-02',
        expires: '2027-01-01',
        statuses: ['active'],
      },
      ...{ registrar: 'Example Registrar, Inc.', country: 'FR', concealment: 'redacted' },
    },
  ],
  [
    'redacted-remark',
    'example.live',
    {
      ...{
        registered: '2026-11-01',
        expires: '2027-11-01',
        statuses: ['client transfer prohibited'],
      },
      ...{ registrar: 'Cheap Names Ltd', country: 'US' },
      ...{ concealment: 'redacted', nameServers: ['ns1.parking.test'] },
    },
  ],
  [
    'privacy-service',
    'example.app',
    {
      ...{
        registered: '2026-10-30',
        expires: '2027-10-30',
        statuses: ['client transfer prohibited', 'client hold'],
      },
      ...{ registrar: 'Registrar of Proxies, LLC', organisation: 'Domains By Proxy, LLC' },
      ...{ country: 'US', concealment: 'privacy_service', nameServers: ['ns1.dns-host.test'] },
    },
  ],
  [
    'reregistered',
    'example.br',
    {
      ...{
        registered: '2024-05-18',
        updated: '2025-05-01',
        expires: '2027-05-18',
        statuses: ['active'],
      },
      ...{
        organisation: 'Exemplo Loja S.A.',
        country: 'BR',
        concealment: 'open',
        nameServers: ['a.dns.example.br'],
      },
    },
  ],
  [
    'person',
    'example.fr',
    {
      ...{ registered: '2012-01-01', updated: '2026-01-01', expires: '2027-01-01', statuses: ['active'] },
      ...{
        registrar: 'EXEMPLE REGISTRAR',
        country: 'France',
        concealment: 'open',
        nameServers: ['ns1.dns-host.test'],
      },
    },
  ],
  [
    'no-dates',
    'example.ch',
    {
      statuses: ['active'],
      registrar: 'Beispiel Registrar AG',
      nameServers: ['ns1.dns-host.test'],
    },
  ],
  ['hostile-shapes', 'example.net', { registered: '2020-02-02', concealment: 'open', nameServers: [] }],
];

test.each(ANSWERS)('reads the record of %s', (file, domain, told) => {
  expect(shown(recordOf(file, domain).record)).toEqual(expected(told));
});

test('keeps no name of a person, and nothing of other contacts', () => {
  for (const [file, domain] of ANSWERS) {
    const texts = textsOf(recordOf(file, domain).record);
    expect(texts.filter((text) => /jane|jeanne|fulano|somebody|else/i.test(text))).toEqual([]);
  }
});

test('of a thin registry it tells where the registrar tells more', () => {
  const { record, more } = recordOf('thin-registry', 'example-shop.com');
  expect(more?.href).toBe('https://rdap.registrar.test/domain/EXAMPLE-SHOP.COM');
  expect(record.concealment).toBeNull();
});

test('takes orders in a record for what they are, and follows no link that is not the record of the domain', () => {
  const found = recordOf('hostile-orders', 'evil-bank.info');
  expect(found.more).toBeNull();
  expect(found.record).toMatchObject({ nameServers: ['ns1.evil.test'] });
  const texts = textsOf(found.record);
  expect(texts.filter((text) => cleanText(text, FIELD_MAX_CHARS) !== text)).toEqual([]);
  expect(Math.max(...texts.map((text) => [...text].length))).toBeLessThanOrEqual(FIELD_MAX_CHARS);
});

test.each([
  ['{"errorCode":404,"title":"Not Found"}', 'not_found'],
  ['{"errorCode":429}', 'rate_limited'],
  [JSON.stringify(rdapDocument('example.net')), 'malformed'],
  ['<html>', 'malformed'],
  ['['.repeat(200_000), 'malformed'],
])('tells what is no record: %.40j', (text, why) => {
  expect(read(text, 'example.com')).toEqual({ kind: 'unknown', why: why as never, retryAfterMs: null });
});

test('takes any members without throwing, and keeps no more than its limits', () => {
  const members = [
    'status',
    'entities',
    'nameservers',
    'events',
    'links',
    'remarks',
    'notices',
    'redacted',
    'secureDNS',
  ];
  const card = fc.tuple(fc.constant('vcard'), fc.array(fc.array(fc.jsonValue())));
  const entity = fc.record({
    roles: fc.array(fc.constantFrom('registrar', 'registrant', 'abuse', 7)),
    vcardArray: fc.oneof(card, fc.jsonValue()),
  });
  const remark = fc.record({
    title: fc.oneof(fc.string(), fc.integer()),
    description: fc.array(fc.string()),
  });
  const value = fc.oneof(fc.jsonValue(), fc.array(fc.oneof(entity, remark, fc.string()), { maxLength: 150 }));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...members), value), (changes) => {
      const found = read(JSON.stringify({ ...rdapDocument('example.com'), ...changes }), 'example.com');
      if (found.kind !== 'found' || found.record.source !== 'rdap') return;
      const { nameServers, statuses } = found.record;
      expect(nameServers.length).toBeLessThanOrEqual(NAME_SERVERS_MAX);
      expect(statuses.length).toBeLessThanOrEqual(STATUSES_MAX);
      for (const text of textsOf(found.record)) expect([...text].length).toBeLessThanOrEqual(FIELD_MAX_CHARS);
    }),
  );
});

const NAME = 'example.com' as RegistrableDomain;
const AT = Date.parse('1990-12-31T23:59:59Z') as never;
const unknown = (why: string) => ({ kind: 'unknown', why, retryAfterMs: null }) as never;
/** When an answer says that a domain was registered, or why it does not. */
const dateOf = (text: string, asked = NAME) => {
  const found = readRdap(text, asked);
  if (found.kind === 'unknown') return found;
  return found.record.registeredAt ?? found.undated;
};
const changed = (changes: object) => dateOf(JSON.stringify({ ...rdapDocument(NAME), ...changes }));
const event = (eventAction: unknown, eventDate: unknown) => ({ eventAction, eventDate });

test('reads the registration event of a domain document', () => {
  expect(changed({})).toBe(AT);
});

test.each(['Registration', 'REGISTRATION', ' registered ', 'creation'])(
  'takes the action %j for a registration',
  (action) => {
    expect(changed({ events: [event(action, '1990-12-31T23:59:59Z')] })).toBe(AT);
  },
);

test('takes a date without a zone for UTC', () => {
  expect(changed({ events: [event('registration', '1990-12-31T23:59:59')] })).toBe(AT);
});

test('counts a domain that was registered anew from then on', () => {
  const events = [
    event('reregistration', '2024-05-01T00:00:00Z'),
    event('registration', '1990-12-31T23:59:59Z'),
  ];
  expect(changed({ events })).toBe(Date.parse('2024-05-01T00:00:00Z') as never);
});

test('says that there is no date when no event tells it', () => {
  expect(changed({ events: [event('last changed', '2024-05-01T00:00:00Z')] })).toBe('no_date');
  expect(changed({ events: undefined })).toBe('no_date');
  expect(changed({ events: null })).toBe('no_date');
});

test('passes over events that are none', () => {
  const events = [
    null,
    7,
    {},
    event(1, 2),
    event('registration', null),
    event('registration', '1990-12-31T23:59:59Z'),
  ];
  expect(changed({ events })).toBe(AT);
});

test.each([
  ['another name', { ldhName: 'example.net' }],
  ['another kind of object', { objectClassName: 'nameserver' }],
  ['events that are no list', { events: { eventAction: 'registration' } }],
])('refuses %s', (_what, changes) => {
  expect(changed(changes)).toEqual(unknown('malformed'));
});

test('a date that is none is told as that', () => {
  expect(changed({ events: [event('registration', 'yesterday')] })).toBe('malformed');
});

test('refuses what is no domain document', () => {
  for (const text of ['', '[]', 'null', '{}', '"x"', '<html>', '{"events":[]}', '['.repeat(200_000)])
    expect(readRdap(text, NAME)).toEqual(unknown('malformed'));
});

test('compares names as names: case, a trailing dot and IDN spellings', () => {
  const idn = 'xn--fo-5ja.com' as RegistrableDomain;
  for (const ldhName of ['XN--FO-5JA.COM', 'xn--fo-5ja.com.', 'f\u00f3o.com'])
    expect(readRdap(JSON.stringify({ ...rdapDocument(idn), ldhName }), idn).kind).toBe('found');
});

test('reads an error document that came with status 200', () => {
  expect(readRdap('{"errorCode":404,"title":"Not Found"}', NAME)).toEqual(unknown('not_found'));
  expect(readRdap('{"errorCode":429}', NAME)).toEqual(unknown('rate_limited'));
  expect(readRdap('{"errorCode":500}', NAME)).toEqual(unknown('unreachable'));
});

test('finds nothing in any proper prefix, and takes any tail without throwing', () => {
  const whole = JSON.stringify(rdapDocument(NAME));
  for (let end = 0; end < whole.length; end++)
    expect(readRdap(whole.slice(0, end), NAME).kind).toBe('unknown');
  fc.assert(
    fc.property(fc.nat(whole.length), fc.string(), (end, tail) => {
      readRdap(whole.slice(0, end) + tail, NAME);
    }),
  );
  fc.assert(fc.property(fc.json(), (json) => readRdap(json, NAME).kind === 'unknown'));
});
