import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { ClientWatch } from '../../src/sniff/client-watch.ts';
import { NOTHING, type Sniffed, Sniffer } from '../../src/sniff/sniffer.ts';
import { bytesOf, CAPTURES } from './captures.ts';
import { hello, latin1, serverName, utf8 } from './hello.ts';

const HELLO = hello({ extensions: [serverName('b.example')] });
const SILENT: Sniffed = { ...NOTHING, protocol: 'silent' };
const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const get = (host: string, more = '') => utf8(`GET / HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`);
const post = (host: string, body: string) =>
  utf8(`POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
const chunked = (host: string, ...chunks: string[]) =>
  utf8(
    `POST / HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n${chunks
      .map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
      .join('')}0\r\n\r\n`,
  );

interface Seen {
  /** Names as they were found, with the number of bytes that had passed by then. */
  readonly found: readonly (readonly [name: string, passed: number])[];
  readonly passed: Uint8Array;
  readonly watch: ClientWatch;
}

/** What comes of bytes, the first of them as the sniffer takes them, cut in pieces. */
function watched(bytes: Uint8Array, cut = bytes.length, first: Sniffed | null = null): Seen {
  const sniffer = new Sniffer();
  const outcome = sniffer.push(bytes);
  const watch = new ClientWatch(first ?? sniffer.giveUp(), outcome.state === 'done');
  const passed: number[] = [];
  const found: [string, number][] = [];
  for (let at = 0; at < bytes.length; at += cut) {
    for (let left = bytes.slice(at, at + cut); left.length > 0; ) {
      const step = watch.push(left);
      passed.push(...step.pass);
      const names = step.found === null ? [] : [step.found.host, ...step.found.wanted, step.found.malformed];
      if (step.found !== null) found.push([names.filter((name) => name !== null).join(), passed.length]);
      left = Uint8Array.from(step.rest);
    }
  }
  return { found, passed: Uint8Array.from(passed), watch };
}

const A = get('a.example');

test.each([
  ['one behind the other', [A, get('b.example'), get('c.example')]],
  ['behind a body', [post('a.example', 'x'.repeat(99)), get('b.example'), get('c.example')]],
  [
    'behind a body that looks like a request',
    [post('a.example', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'), get('b.example'), get('c.example')],
  ],
  [
    'behind chunks',
    [A, chunked('b.example', 'hello', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'), get('c.example')],
  ],
  ['behind empty lines', [A, utf8('\r\n\r\n'), get('b.example'), utf8('\n'), get('c.example')]],
  ['behind 100-continue', [A, post('b.example', 'abc'), get('c.example', 'Expect: 100-continue\r\n')]],
  [
    'behind an upgrade that was refused',
    [get('a.example', 'Connection: upgrade\r\nUpgrade: websocket\r\n'), get('b.example'), get('c.example')],
  ],
])('finds every request %s before its head has passed, however it is cut', (_, parts) => {
  const bytes = joined(...parts);
  const at = (name: string) => Buffer.from(bytes).indexOf(`Host: ${name}.example`);
  for (const cut of [1, 2, 3, 7, 50, bytes.length]) {
    const { found, passed, watch } = watched(bytes, cut);
    expect(found.map(([name]) => name)).toEqual(['b.example', 'c.example']);
    for (const [name, before] of found) expect(before).toBeLessThan(at(name.slice(0, 1)));
    expect(passed).toEqual(bytes);
    expect(watch.holds).toBe(false);
  }
});

test('a large body passes as it comes', () => {
  const { passed, watch } = watched(post('a.example', 'x'.repeat(100_000)), 60_000);
  expect(passed.length).toBeGreaterThan(100_000);
  expect([watch.over, watch.isPlain, watch.holds]).toEqual([false, false, false]);
});

test('what follows an upgrade and is no request is not read any more, except for a hello', () => {
  const upgrade = get('a.example', 'Upgrade: websocket\r\n');
  const frame = Uint8Array.of(0x82, 0x85, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  const { found, watch } = watched(joined(upgrade, frame, get('b.example')));
  expect(found).toEqual([]);
  expect(watch.isPlain).toBe(true);
  expect(watched(joined(upgrade, HELLO)).found).toEqual([['b.example', upgrade.length]]);
});

test.each([
  ['CONNECT', utf8('CONNECT x.example:443 HTTP/1.1\r\n\r\n')],
  ['SOCKS 5', Uint8Array.of(5, 1, 0, 5, 1, 0, 1, 192, 0, 2, 1, 1, 0xbb)],
  ['a Postgres SSLRequest', Uint8Array.of(0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f)],
  ['a MySQL SSLRequest', Uint8Array.of(0x20, 0, 0, 1, 5, 0xae, 3, 0, ...new Uint8Array(28))],
  ['EHLO and STARTTLS', utf8('EHLO me\r\nSTARTTLS\r\n')],
  ['AUTH TLS', utf8('AUTH TLS\r\n')],
  ['IMAP', utf8('a1 STARTTLS\r\n')],
  [
    'XMPP',
    utf8("<?xml version='1.0'?><stream:stream to='x'><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
  ],
  ['LDAP', Uint8Array.of(0x30, 0x1d, 2, 1, 1, 0x77, 0x18, 0x80, 0x16, ...latin1('1.3.6.1.4.1.1466.20037'))],
])('a hello behind %s is found before it has passed, however it is cut', (_, before) => {
  const bytes = joined(before, HELLO, utf8('rest'));
  for (const cut of [1, 2, 5, 64, bytes.length]) {
    const { found, passed, watch } = watched(bytes, cut);
    expect(found.map(([name]) => name)).toEqual(['b.example']);
    const reached = found[0]?.[1] ?? 0;
    // Of a hello in small pieces passes what it takes to know one.
    expect(reached).toBeGreaterThanOrEqual(before.length);
    expect(reached).toBeLessThanOrEqual(before.length + (cut < 11 ? 10 : 0));
    expect(passed).toEqual(bytes);
    expect(watch.over).toBe(true);
  }
});

test('a hello after the server spoke first is found', () => {
  expect(watched(joined(utf8('EHLO x\r\nSTARTTLS\r\n'), HELLO), 18, SILENT).found).toEqual([
    ['b.example', 18],
  ]);
});

test('a name asked of a SOCKS proxy is found, and a request or hello behind it', () => {
  const socks = Uint8Array.of(5, 1, 0, 5, 1, 0, 3, 9, ...latin1('c.example'), 0, 80);
  const { found } = watched(joined(socks, get('b.example')), 4);
  expect(found.map(([name]) => name)).toEqual(['c.example', 'b.example']);
});

test('a request that cannot be followed is told as that', () => {
  const two = utf8(
    'POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
  );
  expect(watched(joined(A, two)).found).toEqual([['the request tells its length in two ways', A.length]]);
  const broken = utf8('POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello');
  expect(watched(broken).found.map(([name]) => name)).toEqual(['the length of the request cannot be read']);
});

test('what may become a request is kept until the time is over, then passes and is still read', () => {
  const { watch, passed } = watched(joined(A, utf8('GE')));
  expect(passed).toEqual(A);
  expect([watch.holds, watch.holdsCertain]).toEqual([true, false]);
  expect(watch.giveUp()).toMatchObject({ pass: utf8('GE'), found: null });
  expect(watch.holds).toBe(false);
  const step = watch.push(utf8('T / HTTP/1.1\r\nHost: b.example\r\n\r\n'));
  expect(step.found?.host).toBe('b.example' as never);
  expect(step.pass.length).toBe(0);
});

test('a request or hello that is not finished when the time is over is not passed', () => {
  const request = watched(joined(A, utf8('GET / HTTP/1.1\r\nHo')));
  expect(request.watch.holdsCertain).toBe(true);
  expect(request.watch.giveUp().found?.malformed).toBe('the request is not finished');
  const half = watched(joined(utf8('STARTTLS\r\n'), HELLO.subarray(0, 30)));
  expect(half.watch.holdsCertain).toBe(true);
  expect(half.watch.giveUp().found?.malformed).toBe('the ClientHello is not finished');
});

test('a request that is decided by its Host before it is finished is read to its end, and so is what comes behind', () => {
  const half = utf8('GET / HTTP/1.1\r\nHost: b.example\r\nX: ');
  const { watch } = watched(joined(A, half));
  const named = watch.giveUp();
  expect(named).toMatchObject({ pass: new Uint8Array(0), found: { host: 'b.example' }, rest: half });
  expect(watch.push(named.rest.slice())).toMatchObject({ found: null });
  expect(watch.giveUp()).toMatchObject({ pass: half, found: null });
  const found: unknown[] = [];
  for (let left = joined(utf8('y\r\n\r\n'), get('c.example')); left.length > 0; ) {
    const step = watch.push(left);
    if (step.found !== null) found.push(step.found.host);
    left = Uint8Array.from(step.rest);
  }
  expect(found).toEqual(['b.example', 'c.example']);
});

test('a protocol of its own is searched for so long and no longer', () => {
  const { watch, found } = watched(joined(utf8('talk\n'), new Uint8Array(66_000), HELLO), 1_000);
  expect(found).toEqual([]);
  expect(watch.over).toBe(true);
});

test('many small requests in one piece take time in proportion to their number', () => {
  const bytes = joined(...new Array<Uint8Array>(2_000).fill(A));
  expect(watched(bytes).found).toHaveLength(1_999);
});

test('no byte is lost, doubled or moved, whatever comes', () => {
  const capture = fc.constantFrom(...CAPTURES.map(({ file }) => bytesOf(file)), A, chunked('a', 'b'), HELLO);
  const part = fc.oneof(capture, fc.uint8Array({ maxLength: 40 }));
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 400 }),
      (parts, cut) => {
        const bytes = joined(...parts);
        if (bytes.length === 0) return;
        const { passed, watch } = watched(bytes, cut);
        const end = watch.giveUp();
        expect(joined(passed, end.pass, end.rest)).toEqual(bytes);
      },
    ),
    { numRuns: 2_000 },
  );
});
