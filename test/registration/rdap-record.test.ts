import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { RegistrableDomain } from '../../src/model/brand.ts';
import { cleanText } from '../../src/model/clean.ts';
import { readRdapRecord } from '../../src/registration/rdap-record.ts';
import {
  completed,
  NAME_SERVERS_MAX,
  REMARK_MAX_CHARS,
  REMARKS_MAX,
  STATUSES_MAX,
} from '../../src/registration/record.ts';
import { rdapDocument } from './documents.ts';
import { expected, recordFixture, type Shown, shown, textsOf } from './record-fixture.ts';

const read = (text: string, domain: string) => readRdapRecord(text, domain as RegistrableDomain);
const recordOf = (file: string, domain: string) => {
  const found = read(recordFixture(`${file}.json`), domain);
  if (found.kind !== 'record') throw new Error(`${file} is ${found.why}`);
  return found;
};

const ANSWERS: readonly [file: string, domain: string, told: Shown][] = [
  [
    'thin-registry',
    'example-shop.com',
    {
      ...{ registered: '2019-08-14', updated: '2026-08-14', expires: '2027-08-13', signed: false },
      ...{ registrar: 'Example Registrar, Inc.', registrarId: 9995, abuseDomain: 'registrar.test' },
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
        signed: false,
        statuses: ['client delete prohibited'],
      },
      ...{ registrar: 'Example Registrar, Inc.', registrarId: 9995, abuseDomain: 'registrar.test' },
      ...{ organisation: 'Example Shop GmbH', country: 'DE', concealment: 'open' },
      ...{
        nameServers: ['ns1.dns-host.test'],
        remarks: ['Notice of the registrar This name is offered for sale.'],
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
        signed: true,
        statuses: ['active'],
      },
      ...{ registrar: 'Example Registrar, Inc.', registrarId: 9995, country: 'FR', concealment: 'redacted' },
    },
  ],
  [
    'redacted-remark',
    'example.live',
    {
      ...{
        registered: '2026-11-01',
        expires: '2027-11-01',
        signed: false,
        statuses: ['client transfer prohibited'],
      },
      ...{ registrar: 'Cheap Names Ltd', registrarId: 9994, abuseDomain: 'abuse.cheap.test', country: 'US' },
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
      ...{ registrar: 'Registrar of Proxies, LLC', registrarId: 9993, organisation: 'Domains By Proxy, LLC' },
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
        signed: true,
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
      signed: true,
      nameServers: ['ns1.dns-host.test'],
    },
  ],
  ['hostile-shapes', 'example.net', { registered: '2020-02-02', concealment: 'open', nameServers: [] }],
];

test.each(ANSWERS)('reads the record of %s', (file, domain, told) => {
  expect(shown(recordOf(file, domain).record)).toEqual(expected({ source: 'rdap', ...told }));
});

test('keeps no name of a person, and nothing of other contacts', () => {
  for (const [file, domain] of ANSWERS) {
    const texts = textsOf(recordOf(file, domain).record);
    expect(texts.filter((text) => /jane|jeanne|fulano|somebody|else/i.test(text))).toEqual([]);
  }
});

test('of a thin registry the registrar tells what it does not know, and overrules nothing', () => {
  const registry = recordOf('thin-registry', 'example-shop.com');
  expect(registry.more?.href).toBe('https://rdap.registrar.test/domain/EXAMPLE-SHOP.COM');
  const whole = completed(registry.record, recordOf('thin-registrar', 'example-shop.com').record);
  expect(shown(whole)).toEqual({
    ...shown(registry.record),
    organisation: 'Example Shop GmbH',
    country: 'DE',
    concealment: 'open',
    remarks: ['Notice of the registrar This name is offered for sale.'],
  });
});

test('takes orders in a record for what they are, and follows no link that is not the record of the domain', () => {
  const found = recordOf('hostile-orders', 'evil-bank.info');
  expect(found.more).toBeNull();
  expect(found.record).toMatchObject({ nameServers: ['ns1.evil.test'], registrarId: null });
  const texts = textsOf(found.record);
  expect(texts.filter((text) => cleanText(text, REMARK_MAX_CHARS) !== text)).toEqual([]);
  expect(Math.max(...texts.map((text) => [...text].length))).toBe(REMARK_MAX_CHARS);
  expect(found.record.remarks).toHaveLength(REMARKS_MAX);
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
      if (found.kind !== 'record') return;
      const { nameServers, statuses, remarks } = found.record;
      expect(nameServers.length).toBeLessThanOrEqual(NAME_SERVERS_MAX);
      expect(statuses.length).toBeLessThanOrEqual(STATUSES_MAX);
      expect(remarks.length).toBeLessThanOrEqual(REMARKS_MAX);
      for (const text of textsOf(found.record))
        expect([...text].length).toBeLessThanOrEqual(REMARK_MAX_CHARS);
    }),
  );
});
