import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { RegistrableDomain } from '../../src/model/brand.ts';
import { cleanText } from '../../src/model/clean.ts';
import {
  FIELD_MAX_CHARS,
  NAME_SERVERS_MAX,
  REMARK_MAX_CHARS,
  REMARKS_MAX,
  STATUSES_MAX,
} from '../../src/registration/record.ts';
import { readWhoisRecord } from '../../src/registration/whois-record.ts';
import { expected, recordFixture, type Shown, shown, textsOf } from './record-fixture.ts';

const read = (text: string, domain: string) => readWhoisRecord(text, domain as RegistrableDomain);

const REPLIES: readonly [file: string, domain: string, told: Shown][] = [
  [
    'verisign-thin',
    'example-shop.com',
    {
      ...{ registered: '2019-08-14', updated: '2026-08-14', expires: '2027-08-13' },
      ...{ registrar: 'Example Registrar, Inc.', registrarId: 9995, abuseDomain: 'registrar.test' },
      ...{ statuses: ['client delete prohibited', 'client transfer prohibited'], signed: false },
    },
  ],
  [
    'gtld-privacy',
    'example-pills.info',
    {
      ...{ registered: '2026-11-17', updated: '2026-11-18', expires: '2027-11-17' },
      ...{ registrar: 'Cheap Names Ltd', registrarId: 9994, abuseDomain: 'abuse.cheap.test' },
      ...{ statuses: ['add period', 'client transfer prohibited'], signed: false },
      ...{ organisation: 'Privacy service provided by Withheld for Privacy ehf', country: 'IS' },
      ...{ concealment: 'privacy_service', nameServers: ['dns1.parking.test', 'dns2.parking.test'] },
    },
  ],
  [
    'gtld-redacted',
    'example.io',
    {
      ...{ registered: '2013-04-05', updated: '2026-01-02', expires: '2027-04-05' },
      ...{ registrar: 'Example Registrar, Inc.', registrarId: 9995, statuses: ['ok'] },
      ...{ country: 'DE', concealment: 'redacted', signed: true },
    },
  ],
  [
    'de',
    'beispiel.de',
    {
      updated: '2024-03-12',
      statuses: ['connect'],
      nameServers: ['ns1.dns-host.test', 'ns2.beispiel.de'],
      signed: true,
    },
  ],
  [
    'uk',
    'example-tea.co.uk',
    {
      ...{ registered: '1997-02-14', updated: '2025-02-10', expires: '2027-02-14', signed: true },
      ...{
        registrar: 'Example Names Ltd t/a Example [Tag = EXAMPLE]',
        statuses: ['registered until expiry date.'],
      },
    },
  ],
  [
    'fr',
    'exemple-societe.fr',
    {
      ...{ registered: '1999-01-01', updated: '2026-01-03', expires: '2027-01-01', statuses: ['active'] },
      ...{ registrar: 'EXEMPLE REGISTRAR', organisation: 'Exemple Societe SARL', country: 'FR' },
      ...{ concealment: 'open', signed: true },
    },
  ],
  [
    'fr-anonymous',
    'exemple.fr',
    {
      ...{ registered: '2026-05-01', updated: '2026-05-01', expires: '2027-05-01', statuses: ['active'] },
      ...{ registrar: 'EXEMPLE REGISTRAR', concealment: 'redacted', nameServers: ['ns1.dns-host.test'] },
    },
  ],
  [
    'nl',
    'voorbeeld.nl',
    {
      ...{ registered: '2001-02-03', updated: '2025-06-07', statuses: ['active'], signed: true },
      ...{ registrar: 'Voorbeeld Registrar B.V.', abuseDomain: 'registrar.test' },
      nameServers: ['ns1.dns-host.test', 'ns2.voorbeeld.nl'],
    },
  ],
  [
    'jp',
    'example-kaisha.jp',
    {
      ...{ registered: '2001-03-22', updated: '2026-04-01', expires: '2027-03-31' },
      ...{
        organisation: 'Example Kaisha K.K.',
        concealment: 'open',
        statuses: ['active', 'domain transfer locked'],
      },
    },
  ],
  [
    'co-jp',
    'example.co.jp',
    {
      ...{
        registered: '2000-01-18',
        updated: '2026-04-01',
        organisation: 'Example K.K.',
        concealment: 'open',
      },
      ...{ statuses: ['connected (2027/03/31)', 'agent change locked'], signed: true },
    },
  ],
  [
    'br',
    'exemplo-loja.com.br',
    {
      ...{ registered: '1999-05-18', updated: '2025-05-01', expires: '2027-05-18', statuses: ['published'] },
      ...{ organisation: 'Exemplo Loja S.A.', country: 'BR', concealment: 'open', signed: true },
    },
  ],
  ['eu', 'example-firma.eu', { registrar: 'Example Registrar GmbH', concealment: 'redacted', signed: true }],
  [
    'ru',
    'example-primer.ru',
    {
      ...{
        registered: '1997-09-23',
        expires: '2027-09-30',
        statuses: ['registered', 'delegated', 'verified'],
      },
      ...{ registrar: 'PRIMER-RU', organisation: 'Primer LLC', concealment: 'open' },
      nameServers: ['ns1.dns-host.test', 'ns2.example-primer.ru'],
    },
  ],
  [
    'ru-person',
    'primer.ru',
    {
      ...{
        registered: '2026-11-01',
        expires: '2027-11-01',
        statuses: ['registered', 'delegated', 'unverified'],
      },
      ...{ registrar: 'PRIMER-RU', concealment: 'redacted', nameServers: ['ns1.dns-host.test'] },
    },
  ],
  [
    'it',
    'esempio.it',
    {
      ...{
        registered: '1999-12-10',
        updated: '2026-01-26',
        expires: '2027-01-10',
        statuses: ['ok'],
        signed: false,
      },
      ...{ registrar: 'Registrar Esempio S.r.l.', organisation: 'Esempio S.p.A.', concealment: 'open' },
    },
  ],
  [
    'se',
    'exempel.se',
    {
      ...{
        registered: '2003-08-27',
        updated: '2026-05-06',
        expires: '2027-08-27',
        statuses: ['active', 'ok'],
      },
      ...{
        registrar: 'Exempel Registrar AB',
        signed: true,
        nameServers: ['ns1.dns-host.test', 'ns2.exempel.se'],
      },
    },
  ],
  [
    'at',
    'beispiel.at',
    {
      ...{
        updated: '2024-01-21',
        registrar: 'Beispiel Registrar GmbH',
        organisation: 'Beispiel Gesellschaft mbH',
      },
      ...{ country: 'Austria', concealment: 'open' },
    },
  ],
  [
    'ee',
    'naidis.ee',
    {
      ...{
        registered: '2010-07-04',
        updated: '2025-10-20',
        expires: '2027-11-09',
        statuses: ['ok (paid and in zone)'],
      },
      ...{
        registrar: 'Naidis Registrar',
        organisation: 'Naidis OY',
        country: 'EE',
        concealment: 'open',
        signed: true,
      },
    },
  ],
  [
    'pl',
    'przyklad.pl',
    {
      ...{ registered: '2002-09-19', updated: '2026-08-17', expires: '2027-09-18', signed: false },
      registrar: 'Przyklad Sp. z o.o.',
    },
  ],
  ['ch', 'beispiel.ch', { registered: '1996-04-02', registrar: 'Beispiel Registrar AG', signed: true }],
];

test.each(REPLIES)('reads the record in the layout of %s', (file, domain, told) => {
  const found = read(recordFixture(`${file}.txt`), domain);
  expect(found.kind).toBe('record');
  if (found.kind === 'record') expect(shown(found.record)).toEqual(expected(told));
});

test('what a record says of somebody else is not taken for the registrant', () => {
  for (const [file, domain] of REPLIES) {
    const found = read(recordFixture(`${file}.txt`), domain);
    const texts = found.kind === 'record' ? textsOf(found.record) : [];
    expect(texts.filter((text) => /somebody|\belse\b/i.test(text))).toEqual([]);
  }
});

test('keeps no name of a person', () => {
  const reply =
    'Domain Name: A.INFO\nCreation Date: 2020-01-01\nRegistrant Name: Jane Roe\nRegistrant Country: DE\n';
  const found = read(reply, 'a.info');
  expect(found).toMatchObject({ record: { organisation: null, country: 'DE', concealment: 'open' } });
});

test('takes orders in a record for what they are: text, cleaned and capped', () => {
  const found = read(recordFixture('hostile-orders.txt'), 'evil-bank.info');
  expect(found).toMatchObject({
    record: { registrarId: null, nameServers: ['ns2.evil.test'], abuseDomain: 'evil.test' },
  });
  const texts = found.kind === 'record' ? textsOf(found.record) : [];
  expect(texts.filter((text) => cleanText(text, REMARK_MAX_CHARS) !== text)).toEqual([]);
  expect(Math.max(...texts.map((text) => text.length))).toBeLessThanOrEqual(REMARK_MAX_CHARS);
});

test('a reply about a name that only begins alike is refused', () => {
  expect(read(recordFixture('hostile-other-name.txt'), 'example.com')).toMatchObject({ why: 'malformed' });
  expect(
    read('Domain: m\u00fcnchen.de\nNserver: a.b.test\nChanged: 2020-01-01\n', 'xn--mnchen-3ya.de').kind,
  ).toBe('record');
});

test.each([
  ['No match for "EXAMPLE.IO".\r\n', 'not_found'],
  ['Domain: example.de\nStatus: free\n', 'not_found'],
  ['% WHOIS example.eu\nDomain: example.eu\nScript: LATIN\n\nStatus: AVAILABLE\n', 'not_found'],
  ['Query rate limit exceeded.\n', 'rate_limited'],
  ['', 'malformed'],
  ['<html>', 'malformed'],
  ['Domain: example.io\n', 'malformed'],
])('tells what is no record: %j', (reply, why) => {
  const domain = /example\.\w+/.exec(reply.toLowerCase())?.[0] ?? 'example.io';
  expect(read(reply, domain)).toEqual({ kind: 'unknown', why: why as never, retryAfterMs: null });
});

test('takes any text without throwing, and keeps no more than its limits', () => {
  const words = [
    'Registrar:',
    'Registrant:\n',
    'nserver:',
    'Domain Status:',
    'remarks:',
    '[Name Server]',
    '\n',
    '  ',
    ':',
    'a.b.test',
    '%',
    'x'.repeat(700),
    '\u0000',
    '\u202e',
    'contact:',
    'nic-hdl: AB1-NIC',
    'Name servers:\n',
  ];
  const noise = fc
    .array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 80 })
    .map((pieces) => pieces.join(''));
  const reply = fc
    .constantFrom(...REPLIES)
    .map(([file, domain]) => ({ text: recordFixture(`${file}.txt`), domain }));
  fc.assert(
    fc.property(reply, fc.nat(3_000), noise, fc.boolean(), ({ text, domain }, end, tail, isAfter) => {
      const found = read(isAfter ? text.slice(0, end) + tail : tail + text.slice(end), domain);
      if (found.kind !== 'record') return;
      const { nameServers, statuses, remarks } = found.record;
      expect(nameServers.length).toBeLessThanOrEqual(NAME_SERVERS_MAX);
      expect(statuses.length).toBeLessThanOrEqual(STATUSES_MAX);
      expect(remarks.length).toBeLessThanOrEqual(REMARKS_MAX);
      for (const remark of remarks) expect([...remark].length).toBeLessThanOrEqual(REMARK_MAX_CHARS);
      for (const status of statuses) expect([...status].length).toBeLessThanOrEqual(FIELD_MAX_CHARS);
      for (const text of textsOf(found.record)) expect(text).not.toContain('\n');
    }),
  );
});

test('a reply of nothing but fields does not grow past its limits', () => {
  const flood = `Domain: a.io\n${'Name Server: n.a.io\nNserver: b.test\nremarks: r\nstatus: s\nnic-hdl: AB1-NIC\n\n'.repeat(5_000)}`;
  const found = read(flood, 'a.io');
  expect(found).toMatchObject({ record: { nameServers: ['n.a.io', 'b.test'], statuses: ['s'] } });
});
