import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { dnsTold } from '../../src/judge/tools/dns/lines.ts';
import type { Host } from '../../src/model/brand.ts';
import { dnsQuestion, RECORD_TYPES, readDnsReply } from '../../src/net/dns-message.ts';
import { type Asked, reply } from './doh-server.ts';

const NAME = 'www.shop.test' as Host;
const ASKED: Asked = { name: NAME, type: 'A', method: '', path: '', accept: null, id: 0 };
const A = { name: NAME, type: 'A' as const, ttl: 1, data: '203.0.113.7' };
const TWICE = { name: NAME, type: 'A' as const };
const GOOD = reply(ASKED, { answers: [A, { ...A, data: '203.0.113.8' }] });

/** The message with bytes from a place on replaced. */
function patched(at: number, ...bytes: number[]): Buffer {
  const copy = Buffer.from(GOOD);
  copy.set(bytes, at);
  return copy;
}

const QUESTION_END = 12 + NAME.length + 2 + 4;

test.each([
  ['nothing', Buffer.alloc(0), 'it is too short'],
  ['eleven bytes', GOOD.subarray(0, 11), 'it is too short'],
  ['a header alone', GOOD.subarray(0, 12), 'it is no DNS message'],
  ['half a question', GOOD.subarray(0, 20), 'it is no DNS message'],
  ['half a record', GOOD.subarray(0, GOOD.length - 3), 'a record in it cannot be read'],
  ['another id', patched(0, 0x12, 0x34), 'it answers another query'],
  ['a query', patched(2, 0x01, 0x00), 'it is no response'],
  ['no question', reply(ASKED, { questions: [] }), 'it does not answer one question'],
  ['two questions', reply(ASKED, { questions: [TWICE, TWICE] }), 'it does not answer one question'],
  ['a question about another name', reply({ ...ASKED, name: 'other.test' }), 'it answers another question'],
  ['a question for another type', reply({ ...ASKED, type: 'MX' }), 'it answers another question'],
  ['a name that points at itself', patched(QUESTION_END, 0xc0, QUESTION_END), 'it is no DNS message'],
  ['a name that points ahead', patched(QUESTION_END, 0xc0, 0xff), 'it is no DNS message'],
  ['a label of a kind that does not exist', patched(QUESTION_END, 0x80), 'it is no DNS message'],
  ['more than a message can hold', Buffer.concat([GOOD, Buffer.alloc(65_536)]), 'it is too long'],
])('does not believe a reply that is %s', (_, bytes, expected) => {
  expect(readDnsReply(bytes, NAME, 'A')).toEqual({ kind: 'malformed', why: expected });
});

test('the untouched reply is believed, in any spelling of the name', () => {
  expect(readDnsReply(GOOD, NAME, 'A')).toMatchObject({ kind: 'reply', status: 'NOERROR' });
  const spelled = reply({ ...ASKED, name: 'WWW.Shop.TEST' }, { answers: [{ ...A, name: 'wWw.shop.test' }] });
  expect(readDnsReply(spelled, NAME, 'A')).toMatchObject({ records: [{ ip: '203.0.113.7' }] });
});

test('sections behind the answers are not read, and counts that lie are not followed', () => {
  const lying = patched(8, 0xff, 0xff, 0xff, 0xff);
  expect(readDnsReply(lying, NAME, 'A')).toMatchObject({ kind: 'reply', records: [{}, {}] });
  expect(readDnsReply(patched(6, 0xff, 0xff), NAME, 'A').kind).toBe('malformed');
});

test('of thousands of records two hundred are read', () => {
  const answers = Array.from({ length: 2_000 }, () => A);
  const bytes = reply(ASKED, { answers });
  expect(bytes.length).toBeLessThan(65_536);
  const read = readDnsReply(bytes, NAME, 'A');
  expect(read.kind === 'reply' ? read.records.length : read.why).toBe(200);
});

test('an address of the wrong length makes a reply worthless', () => {
  const short = Buffer.concat([GOOD.subarray(0, GOOD.length - 4), Buffer.of(1, 2)]);
  expect(readDnsReply(short, NAME, 'A').kind).toBe('malformed');
});

test('a question is what the RFC shows', () => {
  // RFC 8484, section 4.1.1: the query for www.example.com, type A.
  expect(Buffer.from(dnsQuestion('www.example.com' as Host, 'A')).toString('base64url')).toBe(
    'AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB',
  );
});

test('no bytes make the reader of replies throw or hang, or a line of what is told of them more than one', () => {
  const full = RECORD_TYPES.map((type) =>
    reply(
      { ...ASKED, type },
      {
        answers: [
          { name: NAME, type: 'CNAME', ttl: 1, data: 'a.test' },
          { name: 'a.test', type: 'A', ttl: 1, data: '203.0.113.7' },
          { name: 'a.test', type: 'AAAA', ttl: 1, data: '2001:db8::1' },
          { name: 'a.test', type: 'MX', ttl: 1, data: { preference: 1, exchange: 'm.test' } },
          { name: 'a.test', type: 'NS', ttl: 1, data: 'n.test' },
          { name: 'a.test', type: 'TXT', ttl: 1, data: ['x', 'y'] },
        ],
      },
    ),
  );
  const change = fc.tuple(fc.nat(200), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(
      fc.nat(RECORD_TYPES.length - 1),
      fc.array(change, { maxLength: 8 }),
      fc.nat(200),
      fc.uint8Array({ maxLength: 40 }),
      (index, changes, length, tail) => {
        const type = RECORD_TYPES[index] ?? 'A';
        const bytes = Buffer.concat([full[index] ?? GOOD, tail]).subarray(0, 30 + length);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        const read = readDnsReply(bytes, NAME, type);
        const answer = read.kind === 'reply' ? read : { kind: 'failed' as const, why: read.why };
        for (const line of dnsTold(NAME, new Map([[type, answer]]), () => null).lines)
          expect(line).not.toMatch(/\p{Cc}/u);
      },
    ),
    { numRuns: 5_000 },
  );
});
