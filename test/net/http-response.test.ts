import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { HEADER_MAX_BYTES, type ResponseEvent, ResponseReader } from '../../src/net/http-response.ts';

function read(text: string, cut = text.length): { events: ResponseEvent[]; body: string } {
  const reader = new ResponseReader();
  const bytes = Buffer.from(text, 'latin1');
  const events: ResponseEvent[] = [];
  for (let at = 0; at < bytes.length; at += cut) events.push(...reader.push(bytes.subarray(at, at + cut)));
  if (!reader.complete) events.push(reader.end());
  const body = events.flatMap((event) =>
    event.kind === 'body' ? [Buffer.from(event.bytes).toString('latin1')] : [],
  );
  return { events, body: body.join('') };
}

const SIZED = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\nx-a: 2\r\n\r\nhello';
const CHUNKED =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nt: v\r\n\r\n';
const CLOSED = 'HTTP/1.0 200\r\n\r\nhello';
const INTERIM = `HTTP/1.1 103 Early\r\nlink: x\r\n\r\n${SIZED}`;

test.each([SIZED, CHUNKED, CLOSED, INTERIM])('reads an answer however it is cut: %p', (text) => {
  for (let cut = 1; cut <= text.length; cut++) {
    const { events, body } = read(text, cut);
    expect(body).toBe('hello');
    expect(events[0]?.kind).toBe('head');
    expect(events.some((event) => event.kind === 'malformed')).toBe(false);
  }
});

test('gives status and headers, names in lower case, repeated ones joined', () => {
  const [head] = read(SIZED).events;
  if (head?.kind !== 'head') throw new Error('no head');
  expect(head.head.status).toBe(200);
  expect(head.head.headers.get('x-a')).toBe('1, 2');
});

test('an answer without a body ends with its head', () => {
  for (const status of [204, 304]) {
    const reader = new ResponseReader();
    reader.push(Buffer.from(`HTTP/1.1 ${status} X\r\ncontent-length: 99\r\n\r\n`));
    expect(reader.complete).toBe(true);
  }
});

test.each([
  ['HTTP/2 200\r\n\r\n', 'HTTP/1.1'],
  ['HTTP/1.1 abc\r\n\r\n', 'HTTP/1.1'],
  ['HTTP/1.1 200 OK\r\nno colon\r\n\r\n', 'header line'],
  ['HTTP/1.1 200 OK\r\n folded: x\r\n\r\n', 'header line'],
  ['HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n', 'content length'],
  ['HTTP/1.1 200 OK\r\ncontent-length: 5, 6\r\n\r\nhello', 'content length'],
  ['HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n', 'transfer encoding'],
  ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n', 'no size'],
  ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffff\r\n', 'no size'],
  ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nabc\r\n', 'longer than it said'],
  ['HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello', 'middle'],
  ['', 'middle'],
  [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(HEADER_MAX_BYTES)}\r\n\r\n`, 'too long'],
])('says what is wrong with %p', (text, word) => {
  const last = read(text).events.at(-1);
  expect(last?.kind === 'malformed' ? last.why : last?.kind).toContain(word);
});

test('takes headers of the greatest length and not a byte more, however they are cut', () => {
  const start = 'HTTP/1.1 204 No\r\nx: ';
  const fits = start + 'y'.repeat(HEADER_MAX_BYTES - start.length);
  for (const cut of [1_000, 1 << 20]) {
    expect(read(`${fits}\r\n\r\n`, cut).events[0]?.kind).toBe('head');
    expect(read(`${fits}y\r\n\r\n`, cut).events[0]?.kind).toBe('malformed');
  }
});

test('reads a long body in chunks of one byte', () => {
  const chunks = '1\r\nz\r\n'.repeat(100_000);
  const { body } = read(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`);
  expect(body).toBe('z'.repeat(100_000));
});

test('mutated answers never make it throw or hang', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(SIZED, CHUNKED, CLOSED, INTERIM),
      fc.nat(80),
      fc.uint8Array({ maxLength: 5 }),
      fc.integer({ min: 1, max: 20 }),
      (text, at, insert, cut) => {
        read(text.slice(0, at) + Buffer.from(insert).toString('latin1') + text.slice(at), cut);
      },
    ),
    { numRuns: 5_000 },
  );
});
