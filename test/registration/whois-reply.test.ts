import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { RegistrableDomain } from '../../src/model/brand.ts';
import { cleanText } from '../../src/model/clean.ts';
import { NAME_SERVERS_MAX, type WhoisRecord } from '../../src/registration/record.ts';
import { FACT_MAX_CHARS, FACTS_MAX, FACTS_MAX_CHARS } from '../../src/registration/whois-lines.ts';
import { readReferral, readWhois } from '../../src/registration/whois-reply.ts';
import { recordFixture } from './record-fixture.ts';

const DAY_MS = 86_400_000;

/** Reads a reply as one about the name that it speaks of. */
function read(text: string, asked = /example(?:\.\w+)+/i.exec(text)?.[0].toLowerCase() ?? 'example.io') {
  const found = readWhois(text, asked as RegistrableDomain);
  if (found.kind === 'unknown') return { kind: found.why };
  const at = found.record.registeredAt;
  return at === null ? { kind: 'undated' } : { kind: 'registered', at };
}

/** Written after the layouts of these registries, with names and people made up. */
const REPLIES: readonly [registry: string, reply: string, at: string][] = [
  [
    'the gTLD layout',
    '   Domain Name: EXAMPLE.IO\r\n   Registry Domain ID: 1-IO\r\n   Updated Date: 2025-08-14T07:01:44Z\r\n   Creation Date: 1995-08-14T04:00:00Z\r\n   Registry Expiry Date: 2030-08-13T04:00:00Z\r\n',
    '1995-08-14T04:00:00Z',
  ],
  [
    '.it',
    'Domain:             example.it\nStatus:             ok\nCreated:            1999-12-10 00:00:00\nLast Update:        2025-05-07 00:00:00\n\nRegistrant\n  Organization:     A\n  Created:          2011-03-01 10:00:00\n',
    '1999-12-10T00:00:00Z',
  ],
  [
    '.ru',
    '% TCI Whois Service.\n\ndomain:        EXAMPLE.RU\nnserver:       ns1.example.net.\ncreated:       1997-09-23T09:45:07Z\npaid-till:     2030-09-30T21:00:00Z\n',
    '1997-09-23T09:45:07Z',
  ],
  [
    '.jp',
    'Domain Information:\n[Domain Name]                   EXAMPLE.JP\n[Registrant]                    A\n\n[Created on]                    2001/03/22\n[Expires on]                    2030/03/31\n',
    '2001-03-22T00:00:00Z',
  ],
  [
    'co.jp',
    'Domain Information:\na. [Domain Name]                EXAMPLE.CO.JP\n[Registered Date]               2000/01/18\n',
    '2000-01-18T00:00:00Z',
  ],
  [
    '.fi as it was',
    'domain.............: example.fi\ncreated............: 18.5.2003\n',
    '2003-05-18T00:00:00Z',
  ],
  [
    '.se',
    'state:            active\ndomain:           example.se\ncreated:          2003-08-27\n',
    '2003-08-27T00:00:00Z',
  ],
  [
    '.ee',
    'Domain:\nname:       example.ee\nregistered: 2010-07-04 05:14:36 +03:00\n',
    '2010-07-04T02:14:36Z',
  ],
  [
    '.tr',
    '** Additional Info:\nCreated on..............: 2001-Aug-23.\nExpires on..............: 2030-Aug-22.\n',
    '2001-08-23T00:00:00Z',
  ],
  [
    '.pt',
    'Domain: example.pt\nDomain Status: Registered\nCreation Date: 24/02/2003 00:00:00\n',
    '2003-02-24T00:00:00Z',
  ],
  ['.gg', 'Relevant dates:\n     Registered on 30th April 2003 at 00:00:00.000\n', '2003-04-30T00:00:00Z'],
  ['.cn', 'Domain Name: example.cn\nRegistration Time: 2003-03-17 12:20:05\n', '2003-03-17T12:20:05Z'],
  ['.us of old', 'Domain Registration Date:          Fri Apr 19 17:15:18 GMT 2002\n', '2002-04-19T17:15:18Z'],
  ['.ch', 'Domain name:\nexample.ch\n\nFirst registration date:\n1996-04-02\n', '1996-04-02T00:00:00Z'],
  ['.uk of old', '    Relevant dates:\n        Registered on: 14-Feb-1997\n', '1997-02-14T00:00:00Z'],
  ['.tw of old', '   Record created on 2000-08-29 00:00:00 (UTC+8)\n', '2000-08-29T00:00:00Z'],
  [
    '.nz of old',
    'domain_name: example.co.nz\ndomain_dateregistered: 1999-02-17T00:00:00+13:00\n',
    '1999-02-16T11:00:00Z',
  ],
  ['.br of old', 'domain:      example.com.br\ncreated:     19990518 #162310\n', '1999-05-18T00:00:00Z'],
];

test.each(REPLIES)('finds the date in the layout of %s', (_registry, reply, at) => {
  const reading = read(reply);
  expect(reading).toEqual({ kind: 'registered', at: Date.parse(at) as never });
});

test.each(REPLIES)(
  'reads every prefix of the layout of %s as that day, or not at all',
  (_registry, reply, at) => {
    for (let end = 0; end < reply.length; end++) {
      const reading = read(reply.slice(0, end));
      if (reading.at === undefined) continue;
      const apart = Math.abs(reading.at - Date.parse(at));
      // The first date of the reply may lie past the cut, and that of a person below must not stand in for it.
      expect(apart).toBeLessThan(DAY_MS);
    }
  },
);

test.each([
  ['No match for "EXAMPLE.IO".\r\n'],
  ['Domain not found.\n'],
  ['NOT FOUND\n'],
  ['% No entries found for the selected source(s).\n'],
  ['No Data Found\n'],
  ['Domain: example.be\nStatus: AVAILABLE\n'],
  ['Domain: example.de\nStatus: free\n'],
  ['The domain example.gg has not been registered.\n'],
  ['example.se is available for registration\n'],
])('takes it for an unknown domain: %j', (reply) => {
  expect(read(reply).kind).toBe('not_found');
});

test.each([
  ['WHOIS LIMIT EXCEEDED - SEE WWW.PIR.ORG/WHOIS FOR DETAILS\n'],
  ['Query rate limit exceeded. Reduced information.\n'],
  ['You have exceeded your query quota.\n'],
  ['Too many requests\n'],
  ['%ERROR:201: access denied for 192.0.2.1\n'],
  ['Please try again later.\n'],
])('takes it for a plea to come back later: %j', (reply) => {
  expect(read(reply).kind).toBe('rate_limited');
});

test('says so when a registry answers and tells no date', () => {
  const reply =
    'Domain: example.de\nNserver: ns1.example.net\nStatus: connect\nChanged: 2018-03-12T21:44:25+01:00\n';
  expect(read(reply)).toEqual({ kind: 'undated' });
  expect(read('Domain Name: EXAMPLE.IO\n')).toEqual({ kind: 'no_date' });
});

test('does not read a date whose day and month could change places, nor one in a field of another meaning', () => {
  expect(read('Domain Name Commencement Date: 03-01-2001\nUpdated Date: 2001-01-03\n')).toEqual({
    kind: 'undated',
  });
  expect(read('Remarks: Creation Date: 1990-01-01\nhttp://created: 1990-01-01\n')).toEqual({
    kind: 'no_date',
  });
});

test('takes any text without throwing', () => {
  const piece = fc.constantFrom(
    'Creation Date',
    ':',
    ' ',
    '\n',
    '\r',
    '1995-08-14',
    '[',
    ']',
    '.',
    'Registered on',
    '\u0000',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(text, (value) =>
      ['registered', 'undated', 'not_found', 'rate_limited', 'no_date', 'malformed'].includes(
        read(value).kind,
      ),
    ),
  );
  for (const [, reply] of REPLIES) {
    fc.assert(fc.property(text, (tail) => read(reply + tail).kind === 'registered'));
  }
});

test('takes the server that IANA names, and none where it names none', () => {
  const reply =
    '% IANA WHOIS server\n\nrefer:        whois.nic.io\n\ndomain:       IO\n\nwhois:        whois.nic.io\n';
  expect(readReferral(reply)).toBe('whois.nic.io');
  expect(readReferral('domain: AL\nremarks: whois: none of it\nwhois:\n')).toBeNull();
  for (let end = 0; end < reply.length; end++) readReferral(reply.slice(0, end));
});

/** Recorded replies: whose they are, the day, and the name servers in fields of that name. */
const RECORDED: readonly [file: string, domain: string, day: string | null, servers: number][] = [
  ['at', 'beispiel.at', null, 2],
  ['br', 'exemplo-loja.com.br', '1999-05-18', 2],
  ['ch', 'beispiel.ch', '1996-04-02', 0],
  ['co-jp', 'example.co.jp', '2000-01-18', 2],
  ['de', 'beispiel.de', null, 2],
  ['ee', 'naidis.ee', '2010-07-04', 2],
  ['eu', 'example-firma.eu', null, 0],
  ['fr', 'exemple-societe.fr', '1999-01-01', 2],
  ['fr-anonymous', 'exemple.fr', '2026-05-01', 1],
  ['gtld-privacy', 'example-pills.info', '2026-11-17', 2],
  ['gtld-redacted', 'example.io', '2013-04-05', 2],
  ['it', 'esempio.it', '1999-12-10', 0],
  ['jp', 'example-kaisha.jp', '2001-03-22', 2],
  ['nl', 'voorbeeld.nl', '2001-02-03', 0],
  ['pl', 'przyklad.pl', '2002-09-19', 1],
  ['ru', 'example-primer.ru', '1997-09-23', 2],
  ['ru-person', 'primer.ru', '2026-11-01', 1],
  ['se', 'exempel.se', '2003-08-27', 2],
  ['uk', 'example-tea.co.uk', '1997-02-14', 0],
  ['verisign-thin', 'example-shop.com', '2019-08-14', 2],
];

const recorded = (file: string, domain: string) => recordOf(recordFixture(`${file}.txt`), domain);

test.each(RECORDED)('reads what the product needs in the layout of %s', (file, domain, day, servers) => {
  const { registeredAt, nameServers } = recorded(file, domain);
  expect(registeredAt === null ? null : new Date(registeredAt).toISOString().slice(0, 10)).toBe(day);
  expect(nameServers).toHaveLength(servers);
});

test.each(RECORDED)(
  'of the reply of %s the facts are left, and no terms, comments or people',
  (file, domain) => {
    const { lines } = recorded(file, domain);
    const text = lines.join('\n');
    expect(text.toLowerCase()).toContain(domain);
    if (file !== 'eu' && file !== 'at') expect(text).toMatch(/status|state|DNSSEC/i);
    expect(text).not.toMatch(
      /^[%#*]|terms|copyright (?!notice)|restricted|somebody else$|jane|fulano|mario rossi|ano nymous/im,
    );
    expect(text).not.toMatch(/street|postal|^phone|^fax/im);
    expect(new Set(lines).size).toBe(lines.length);
  },
);

test('keeps no name, address or number of a person', () => {
  const { lines } = recordOf(
    'Domain Name: A.INFO\nRegistrar: R\nRegistrant Name: Jane Roe\nRegistrant Street: Hill 1\n  Back yard\n' +
      'Registrant Phone: +1.555\nRegistrant Email: jane@a.info\nRegistrant Country: DE\n\nperson: Jane Roe\n',
    'a.info',
  );
  expect(lines).toEqual(['Domain Name: A.INFO', 'Registrar: R', 'Registrant Country: DE']);
});

test('what stands below the end of a record is not told', () => {
  const { lines } = recordOf('Domain: a.io\nRegistrar: R\n>>> Last update <<<\nAllow it.\n', 'a.io');
  expect(lines).toEqual(['Domain: a.io', 'Registrar: R']);
});

test('a reply about a name that only begins alike is refused', () => {
  const reply = recordFixture('hostile-other-name.txt');
  expect(readWhois(reply, 'example.com' as RegistrableDomain)).toMatchObject({ why: 'malformed' });
  const idn = 'Domain: m\u00fcnchen.de\nNserver: a.b.test\nChanged: 2020-01-01\n';
  expect(readWhois(idn, 'xn--mnchen-3ya.de' as RegistrableDomain).kind).toBe('found');
});

test.each([
  ['No match for "EXAMPLE.IO".\r\n', 'not_found'],
  ['Domain: example.de\nStatus: free\n', 'not_found'],
  ['% WHOIS example.eu\nDomain: example.eu\nScript: LATIN\n\nStatus: AVAILABLE\n', 'not_found'],
  ['Query rate limit exceeded.\n', 'rate_limited'],
  ['', 'no_date'],
  ['<html>', 'no_date'],
  ['Domain: example.io\n', 'no_date'],
])('tells what is no record: %j', (reply, why) => {
  expect(read(reply)).toEqual({ kind: why as never });
});

test('orders in a reply stay what they are: lines, cleaned and capped', () => {
  const { lines, nameServers } = recorded('hostile-orders', 'evil-bank.info');
  expect(nameServers).toEqual(['ns2.evil.test'] as never);
  expect(lines.filter((line) => cleanText(line, FACT_MAX_CHARS) !== line)).toEqual([]);
  expect(Math.max(...lines.map((line) => [...line].length))).toBe(FACT_MAX_CHARS);
});

test('a reply of nothing but fields does not grow past its limits', () => {
  const flood = Array.from(
    { length: 5_000 },
    (_, i) => `Name Server: n${i}.a.io\nremarks: ${i} ${'r'.repeat(600)}`,
  );
  const { lines, nameServers } = recordOf(`Domain: a.io\n${flood.join('\n')}`, 'a.io');
  expect(nameServers).toHaveLength(NAME_SERVERS_MAX);
  expect(lines.length).toBeLessThanOrEqual(FACTS_MAX);
  expect(lines.join('').length).toBeLessThanOrEqual(FACTS_MAX_CHARS);
});

test('takes any text without throwing, and keeps no more than its limits', () => {
  const words = [
    'Registrar:',
    'Registrant:\n',
    'nserver:',
    '[Name Server]',
    '\n',
    '  ',
    ':',
    'a.b.test',
    '%',
    '\u202e',
  ];
  const noise = fc
    .array(fc.oneof(fc.constantFrom(...words, 'x'.repeat(700), '\u0000', '>>>'), fc.string()), {
      maxLength: 80,
    })
    .map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(
      fc.constantFrom(...RECORDED),
      fc.nat(3_000),
      noise,
      fc.boolean(),
      ([file, domain], end, tail, isAfter) => {
        const text = recordFixture(`${file}.txt`);
        const found = readWhois(
          isAfter ? text.slice(0, end) + tail : tail + text.slice(end),
          domain as RegistrableDomain,
        );
        if (found.kind !== 'found' || found.record.source !== 'whois') return;
        expect(found.record.lines.length).toBeLessThanOrEqual(FACTS_MAX);
        for (const line of found.record.lines) {
          expect([...line].length).toBeLessThanOrEqual(FACT_MAX_CHARS);
          expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
        }
      },
    ),
  );
});

function recordOf(reply: string, domain: string): WhoisRecord {
  const found = readWhois(reply, domain as RegistrableDomain);
  if (found.kind !== 'found' || found.record.source !== 'whois') throw new Error('no record');
  return found.record;
}
