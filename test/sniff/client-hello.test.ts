import { describe, expect, test } from 'bun:test';
import type { Host } from '../../src/model/brand.ts';
import { ALPN_MAX_NAMES } from '../../src/sniff/hello-extensions.ts';
import type { Malformed } from '../../src/sniff/malformed.ts';
import type { Sniffed } from '../../src/sniff/sniffer.ts';
import {
  alpn,
  type Extension,
  hello,
  helloMessage,
  inRecords,
  latin1,
  serverName,
  serverNames,
  signatures,
  sniff,
  utf8,
  vector16,
  versions,
} from './hello.ts';

const withExtensions = (...extensions: Extension[]): Sniffed => sniff(hello({ extensions })) as Sniffed;
const WRONG: Malformed = 'a length in the ClientHello is wrong';
const IMPOSSIBLE: Malformed = 'the server name is not a possible host name';
const GREASE: Extension = [0x5a5a, []];

describe('server names', () => {
  test.each([
    ['example.com', 'example.com'],
    ['EXAMPLE.Com', 'example.com'],
    ['example.com.', 'example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['XN--BCHER-KVA.example', 'xn--bcher-kva.example'],
    ['ｅｘａｍｐｌｅ。com', 'example.com'],
    ['_service.example.com', '_service.example.com'],
    ['localhost', 'localhost'],
    [`${'a.'.repeat(125)}com.`, `${'a.'.repeat(125)}com`],
  ])('reads %s as %s and keeps it as sent', (sni, host) => {
    expect(withExtensions(serverName(sni))).toMatchObject({ sni, host: host as Host, malformed: null });
  });

  test.each([
    '127.0.0.1',
    '127.0.0.1.',
    '0x7f.1',
    '2130706433',
    '::1',
    '[::1]',
    '2001:db8::7',
    '::ffff:10.0.0.1',
  ])('takes the IP literal %s for no name, without complaint', (sni) => {
    expect(withExtensions(serverName(sni))).toMatchObject({ sni, host: null, malformed: null });
  });

  test.each([
    'allowed.example\u0000.evil.example',
    '\u0000',
    '.',
    '..',
    '.example.com',
    'a..example.com',
    'a b.example.com',
    ' example.com',
    'example.com ',
    'example.com:443',
    'user@example.com',
    'example.com/path',
    '*.example.com',
    'ex%61mple.com',
    'example.com\n',
    'example.com\r\nHost: x',
    '\u001b[31mexample.com',
    'exa\u202emple.com/',
    'a.0x7f',
    '1.2.3.4.5',
    'example.123',
    `${'a'.repeat(64)}.com`,
    `${'a.'.repeat(125)}comm.`,
  ])('refuses %p as a name and keeps it as sent', (sni) => {
    expect(withExtensions(serverName(sni))).toMatchObject({ sni, host: null, malformed: IMPOSSIBLE });
  });

  test('refuses bytes that are not UTF-8', () => {
    const sniffed = withExtensions(serverNames([0, [0x61, 0xff, 0xfe, 0x2e, 0x63, 0x6f]]));
    expect(sniffed).toMatchObject({ sni: 'a��.co', host: null, malformed: IMPOSSIBLE });
  });

  test('cuts and refuses a name of 60 KB', () => {
    const sniffed = withExtensions(serverName(`${'a.'.repeat(30_000)}com`));
    expect(sniffed).toMatchObject({ host: null, malformed: IMPOSSIBLE });
    expect(sniffed.sni?.length).toBe(255);
  });

  test('reads no name from a part of a name that is too long', () => {
    const first255Bytes = `${'ａ'.repeat(50)}.${'ａ'.repeat(34)}.x`;
    expect(withExtensions(serverName(first255Bytes)).host).toBe(
      `${'a'.repeat(50)}.${'a'.repeat(34)}.x` as Host,
    );
    expect(withExtensions(serverName(`${first255Bytes}y`))).toMatchObject({
      sni: first255Bytes,
      host: null,
      malformed: IMPOSSIBLE,
    });
  });

  test('refuses two names, equal or not', () => {
    for (const second of ['evil.example', 'allowed.example']) {
      const sniffed = withExtensions(serverNames([0, latin1('allowed.example')], [0, latin1(second)]));
      expect(sniffed).toMatchObject({
        sni: 'allowed.example',
        host: null,
        malformed: 'the ClientHello gives several server names',
      });
    }
  });

  test('passes over names of another type', () => {
    const other = [7, latin1('other')] as const;
    expect(withExtensions(serverNames(other))).toMatchObject({ sni: null, host: null, malformed: null });
    expect(withExtensions(serverNames(other, [0, latin1('a.example')], other))).toMatchObject({
      host: 'a.example' as Host,
    });
  });

  test.each([
    ['an empty extension', []],
    ['an empty list', [0, 0]],
    ['an empty name', [0, 3, 0, 0, 0]],
    ['a list longer than the extension', [0, 9, 0, 0, 1, 97]],
    ['a list shorter than the extension', [0, 4, 0, 0, 1, 97, 98]],
    ['a name longer than the list', [0, 4, 0, 0, 2, 97]],
    ['half an entry', [0, 2, 0, 0]],
    ['one byte', [0]],
  ])('calls %s malformed', (_, body) => {
    expect(withExtensions([0, body])).toMatchObject({
      protocol: 'tls',
      sni: null,
      host: null,
      malformed: WRONG,
    });
  });
});

describe('the ClientHello around it', () => {
  const name = serverName('a.example');

  test('finds the name at any place among GREASE and unknown extensions', () => {
    expect(withExtensions(GREASE, [0x1234, [1, 2, 3]], name, [0xfafa, [0]])).toMatchObject({
      host: 'a.example' as Host,
    });
  });

  test('reads a hello without extensions, as old clients send it', () => {
    expect(sniff(hello({ extensions: null, ciphers: [0x002f, 0x000a] }))).toMatchObject({
      protocol: 'tls',
      sni: null,
      malformed: null,
      ja4r: 't12i020000_000a,002f_',
    });
    expect(sniff(hello({ extensions: [] }))).toMatchObject({ protocol: 'tls', malformed: null });
  });

  test('tells an encrypted ClientHello from a plain one', () => {
    const outer = [0, 0, 1, 0, 1, 42, 0, 2, 1, 2, 0, 2, 3, 4];
    expect(withExtensions(serverName('public.example'), [0xfe0d, outer])).toMatchObject({
      sni: 'public.example',
      ech: true,
    });
    expect(withExtensions(serverName('public.example'))).toMatchObject({ ech: false });
  });

  test('refuses two server_name extensions, and lets an unknown one come twice', () => {
    expect(withExtensions(name, serverName('b.example'))).toMatchObject({
      host: null,
      malformed: 'the ClientHello gives an extension twice',
    });
    for (const twice of [alpn('h2'), versions(0x0304), signatures(0x0403)]) {
      expect(withExtensions(name, twice, twice)).toMatchObject({
        host: null,
        malformed: 'the ClientHello gives an extension twice',
      });
    }
    expect(withExtensions([0x1234, []], [0x1234, []], name)).toMatchObject({
      host: 'a.example' as Host,
      malformed: null,
    });
  });

  test('lists ALPN protocols byte for byte and no more than a bound', () => {
    expect(withExtensions(alpn('h2', '\u00ff\u0000'))).toMatchObject({ alpn: ['h2', '\u00ff\u0000'] });
    const many = Array.from({ length: 1000 }, (_, i) => `p${i}`);
    expect(withExtensions(alpn(...many)).alpn).toEqual(many.slice(0, ALPN_MAX_NAMES));
  });

  test.each<[string, Extension]>([
    ['an empty ALPN list', [16, [0, 0]]],
    ['an empty ALPN protocol', [16, [0, 1, 0]]],
    ['an ALPN protocol longer than its list', [16, [0, 2, 2, 104]]],
    ['no supported version', [43, [0]]],
    ['half a supported version', [43, [3, 3, 4, 3]]],
    ['a version list shorter than its extension', [43, [2, 3, 4, 3, 3]]],
    ['no signature algorithm', [13, [0, 0]]],
    ['half a signature algorithm', [13, [0, 3, 4, 3, 8]]],
  ])('calls %s malformed, shows the name and decides nothing by it', (_, extension) => {
    expect(withExtensions(name, extension)).toMatchObject({
      sni: 'a.example',
      host: null,
      malformed: WRONG,
      ja4r: null,
    });
  });

  test.each<[string, Uint8Array]>([
    ['no cipher suites', hello({ ciphers: [] })],
    ['no compression method', hello({ compression: [] })],
    ['a session id of 33 bytes', hello({ sessionId: new Uint8Array(33) })],
    ['an extension that ends outside', hello({ extensions: [[0x1234, []]] }).with(-1, 1)],
    ['an extension list that is too long', hello({ extensions: [] }).with(-1, 1)],
    [
      'bytes behind the extensions',
      inRecords(Uint8Array.from([...helloMessage({}).with(3, helloMessage({}).length - 3), 0])),
    ],
    ['nothing in it', inRecords(Uint8Array.of(1, 0, 0, 0))],
    ['only its first bytes', inRecords(Uint8Array.from([1, 0, 0, 34, ...new Uint8Array(34)]))],
  ])('calls a ClientHello with %s malformed', (_, bytes) => {
    expect(sniff(bytes)).toMatchObject({ protocol: 'tls', host: null, ja4r: null, malformed: WRONG });
  });

  test('accepts a session id of 32 bytes and 200 cipher suites', () => {
    const ciphers = Array.from({ length: 200 }, (_, i) => 0xc000 + i);
    const sniffed = sniff(hello({ sessionId: new Uint8Array(32), ciphers, extensions: [name] })) as Sniffed;
    expect(sniffed.host).toBe('a.example' as Host);
    expect(sniffed.ja4r).toStartWith('t12d9901');
  });

  test('survives a list of lengths that lie', () => {
    expect(withExtensions([0, vector16(utf8('\u00ff\u00ff'))])).toMatchObject({
      host: null,
      malformed: WRONG,
    });
  });
});
