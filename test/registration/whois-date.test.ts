import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { readReferral, readWhois } from '../../src/registration/whois-date.ts';

const DAY_MS = 86_400_000;

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
  const reading = readWhois(reply);
  expect(reading).toEqual({ kind: 'registered', at: Date.parse(at) as never });
});

test.each(REPLIES)(
  'reads every prefix of the layout of %s as that day, or not at all',
  (_registry, reply, at) => {
    for (let end = 0; end < reply.length; end++) {
      const reading = readWhois(reply.slice(0, end));
      if (reading.kind !== 'registered') continue;
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
  expect(readWhois(reply).kind).toBe('not_found');
});

test.each([
  ['WHOIS LIMIT EXCEEDED - SEE WWW.PIR.ORG/WHOIS FOR DETAILS\n'],
  ['Query rate limit exceeded. Reduced information.\n'],
  ['You have exceeded your query quota.\n'],
  ['Too many requests\n'],
  ['%ERROR:201: access denied for 192.0.2.1\n'],
  ['Please try again later.\n'],
])('takes it for a plea to come back later: %j', (reply) => {
  expect(readWhois(reply).kind).toBe('rate_limited');
});

test('says so when a registry answers and tells no date', () => {
  const reply =
    'Domain: example.de\nNserver: ns1.example.net\nStatus: connect\nChanged: 2018-03-12T21:44:25+01:00\n';
  expect(readWhois(reply)).toEqual({ kind: 'no_date' });
});

test('does not read a date whose day and month could change places, nor one in a field of another meaning', () => {
  expect(readWhois('Domain Name Commencement Date: 03-01-2001\nUpdated Date: 2001-01-03\n')).toEqual({
    kind: 'no_date',
  });
  expect(readWhois('Remarks: Creation Date: 1990-01-01\nhttp://created: 1990-01-01\n')).toEqual({
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
      ['registered', 'not_found', 'rate_limited', 'no_date'].includes(readWhois(value).kind),
    ),
  );
  for (const [, reply] of REPLIES) {
    fc.assert(fc.property(text, (tail) => readWhois(reply + tail).kind === 'registered'));
  }
});

test('takes the server that IANA names, and none where it names none', () => {
  const reply =
    '% IANA WHOIS server\n\nrefer:        whois.nic.io\n\ndomain:       IO\n\nwhois:        whois.nic.io\n';
  expect(readReferral(reply)).toBe('whois.nic.io');
  expect(readReferral('domain: AL\nremarks: whois: none of it\nwhois:\n')).toBeNull();
  for (let end = 0; end < reply.length; end++) readReferral(reply.slice(0, end));
});
