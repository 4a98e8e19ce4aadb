import { expect, test } from 'bun:test';
import { proxyPrefixBytes } from '../../src/sniff/proxy-prefix.ts';
import { type Sniffed, Sniffer } from '../../src/sniff/sniffer.ts';
import { hello, serverName, sniff, utf8 } from './hello.ts';

const LINE = utf8('PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n');
// proxy-protocol.txt, section 2.2: signature, version 2 and PROXY, TCP over IPv4, 12 bytes of addresses and ports.
const HEADER = Uint8Array.from([
  ...[13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10, 0x21, 0x11, 0, 12],
  ...[192, 0, 2, 1, 192, 0, 2, 2, 0xdc, 4, 1, 0xbb],
]);
const HELLO = hello({ extensions: [serverName('a.example')] });
const GET = utf8('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n');

const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

test.each([
  ['1', LINE],
  ['2', HEADER],
])('knows a header of version %s at its last byte', (_, header) => {
  for (let end = 0; end < header.length; end++) expect(proxyPrefixBytes(header, end)).toBeNull();
  expect(proxyPrefixBytes(joined(header, GET), header.length + 5)).toBe(header.length);
});

test.each(['POST', 'PROPFIND', 'PROXY', '\r\n\r\nGET', 'PRI', `PROXY ${'x'.repeat(200)}`])(
  '%p is none',
  (text) => {
    const bytes = utf8(`${text}/`);
    expect(proxyPrefixBytes(bytes, bytes.length)).toBe(0);
  },
);

test('a version 2 header that claims to be endless is none', () => {
  const endless = HEADER.with(14, 255);
  expect(proxyPrefixBytes(endless, endless.length)).toBe(0);
});

test.each([
  ['a line', LINE],
  ['a header', HEADER],
])('behind %s a hello or request names whom it can block, however it is cut', (_, header) => {
  for (const first of [HELLO, GET]) {
    const bytes = joined(header, first);
    const whole = sniff(bytes) as Sniffed;
    expect(whole).toMatchObject({ host: null, wanted: ['a.example'], isProxied: true, malformed: null });
    expect(whole.protocol).toBe(first === HELLO ? 'tls' : 'http');
    if (first === GET) expect(whole.next).toEqual({ headBytes: bytes.length, body: 0 });
    const drip = new Sniffer();
    for (let at = 0; at < bytes.length; at++) drip.push(bytes.subarray(at, at + 1));
    expect(drip.giveUp()).toEqual(whole);
    expect(drip.buffered()).toEqual(bytes);
  }
});

test('a header with nothing behind it is unknown', () => {
  const sniffer = new Sniffer();
  expect(sniffer.push(LINE).state).toBe('need_more');
  expect(sniffer.giveUp()).toMatchObject({ protocol: 'unknown', wanted: [] });
});
