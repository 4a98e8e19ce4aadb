import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { RegistrableDomain } from '../../src/model/brand.ts';
import { readRdap } from '../../src/registration/rdap-reply.ts';
import { rdapDocument } from './documents.ts';

const NAME = 'example.com' as RegistrableDomain;
const AT = Date.parse('1990-12-31T23:59:59Z') as never;
const unknown = (why: string) => ({ kind: 'unknown', why, retryAfterMs: null }) as never;
const read = (changes: object) => readRdap(JSON.stringify({ ...rdapDocument(NAME), ...changes }), NAME);
const event = (eventAction: unknown, eventDate: unknown) => ({ eventAction, eventDate });

test('reads the registration event of a domain document', () => {
  expect(read({})).toEqual({ kind: 'registered', at: AT, source: 'rdap' });
});

test.each(['Registration', 'REGISTRATION', ' registered ', 'creation'])(
  'takes the action %j for a registration',
  (action) => {
    expect(read({ events: [event(action, '1990-12-31T23:59:59Z')] })).toEqual({
      kind: 'registered',
      at: AT,
      source: 'rdap',
    });
  },
);

test('takes a date without a zone for UTC', () => {
  expect(read({ events: [event('registration', '1990-12-31T23:59:59')] })).toMatchObject({ at: AT });
});

test('counts a domain that was registered anew from then on', () => {
  const events = [
    event('reregistration', '2024-05-01T00:00:00Z'),
    event('registration', '1990-12-31T23:59:59Z'),
  ];
  expect(read({ events })).toMatchObject({ at: Date.parse('2024-05-01T00:00:00Z') });
});

test('says that there is no date when no event tells it', () => {
  expect(read({ events: [event('last changed', '2024-05-01T00:00:00Z')] })).toEqual(unknown('no_date'));
  expect(read({ events: undefined })).toEqual(unknown('no_date'));
  expect(read({ events: null })).toEqual(unknown('no_date'));
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
  expect(read({ events })).toMatchObject({ kind: 'registered' });
});

test.each([
  ['another name', { ldhName: 'example.net' }],
  ['another kind of object', { objectClassName: 'nameserver' }],
  ['events that are no list', { events: { eventAction: 'registration' } }],
  ['a date that is none', { events: [event('registration', 'yesterday')] }],
])('refuses %s', (_what, changes) => {
  expect(read(changes)).toEqual(unknown('malformed'));
});

test('refuses what is no domain document', () => {
  for (const text of ['', '[]', 'null', '{}', '"x"', '<html>', '{"events":[]}', '['.repeat(200_000)])
    expect(readRdap(text, NAME)).toEqual(unknown('malformed'));
});

test('compares names as names: case, a trailing dot and IDN spellings', () => {
  const idn = 'xn--fo-5ja.com' as RegistrableDomain;
  for (const ldhName of ['XN--FO-5JA.COM', 'xn--fo-5ja.com.', 'f\u00f3o.com'])
    expect(readRdap(JSON.stringify({ ...rdapDocument(idn), ldhName }), idn).kind).toBe('registered');
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
