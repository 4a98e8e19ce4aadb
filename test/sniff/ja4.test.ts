import { describe, expect, test } from 'bun:test';
import { JA4_MAX_VALUES, ja4 } from '../../src/sniff/ja4.ts';
import type { Sniffed } from '../../src/sniff/sniffer.ts';
import {
  alpn,
  type Extension,
  type HelloParts,
  hello,
  serverName,
  signatures,
  sniff,
  versions,
} from './hello.ts';

const sha256 = (text: string): string => new Bun.CryptoHasher('sha256').update(text).digest('hex');
const raw = (parts: HelloParts): string | null => (sniff(hello(parts)) as Sniffed).ja4r;
const hex = (list: string): number[] => list.split(',').map((value) => Number.parseInt(value, 16));

// The example of FoxIO's technical_details/JA4.md: JA4_ro, JA4_r and JA4 of one Chrome.
const CIPHERS = '1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035';
const EXTENSIONS = '001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015';
const SIGNATURES = '0403,0804,0401,0503,0805,0501,0806,0601';
const PUBLISHED_R =
  't13d1516h2_002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9_0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01_0403,0804,0401,0503,0805,0501,0806,0601';

function publishedExtensions(grease: readonly number[]): Extension[] {
  const known = new Map<number, Extension>([
    [0x0000, serverName('accounts.example')],
    [0x0010, alpn('h2', 'http/1.1')],
    [0x002b, versions(...grease, 0x0304, 0x0303)],
    [0x000d, signatures(...grease, ...hex(SIGNATURES))],
  ]);
  return hex(EXTENSIONS).map((type) => known.get(type) ?? [type, []]);
}

describe('the published example', () => {
  test('comes out of a ClientHello in its original order, with GREASE everywhere', () => {
    const grease: Extension[] = [[0x3a3a, []], ...publishedExtensions([0xdada]), [0xfafa, [0]]];
    expect(raw({ ciphers: [0x5a5a, ...hex(CIPHERS)], extensions: grease })).toBe(PUBLISHED_R);
    expect(raw({ ciphers: hex(CIPHERS), extensions: publishedExtensions([]) })).toBe(PUBLISHED_R);
  });

  test('hashes to the published fingerprint', () => {
    expect(ja4(PUBLISHED_R, sha256)).toBe('t13d1516h2_8daaf6152771_e5627efa2ab1');
  });

  test('hashes without signature algorithms as published', () => {
    expect(ja4(PUBLISHED_R.slice(0, PUBLISHED_R.lastIndexOf('_')), sha256)).toBe(
      't13d1516h2_8daaf6152771_6d807ffa2a79',
    );
  });

  // FoxIO's python/test/testdata/tls-sni.pcapng.json, stream 6.
  test('hashes another published client, without ALPN', () => {
    const other = PUBLISHED_R.replace('t13d1516h2', 't13d151400').replace(',4469', '');
    expect(ja4(other, sha256)).toBe('t13d151400_8daaf6152771_de4a06bb82e3');
  });
});

describe('each part', () => {
  test('leaves out the sixteen GREASE values and nothing that resembles them', () => {
    const grease = Array.from({ length: 16 }, (_, i) => 0x0a0a + i * 0x1010);
    expect(raw({ ciphers: [...grease, 0x0a1a, 0x1a0a, 0x0b0b], extensions: [] })).toBe(
      't12i030000_0a1a,0b0b,1a0a_',
    );
  });

  test.each([
    [[0x0304, 0x0303], '13'],
    [[0x0303, 0x0302, 0x0301], '12'],
    [[0x0302], '11'],
    [[0x0301], '10'],
    [[0x0300], 's3'],
    [[0x0002], 's2'],
    [[0x7f1c, 0x0303], '00'],
    [[0xfafa, 0x0301], '10'],
  ])('takes the highest of supported versions %p as %s', (list, code) => {
    expect(raw({ legacyVersion: 0x0303, extensions: [versions(...list)] })?.slice(1, 3)).toBe(code);
  });

  test('takes the legacy version when there is no supported version but GREASE', () => {
    expect(raw({ legacyVersion: 0x0302, extensions: [] })?.slice(1, 3)).toBe('11');
    expect(raw({ legacyVersion: 0x0302, extensions: [versions(0x1a1a)] })?.slice(1, 3)).toBe('11');
  });

  // FoxIO's JA4.md, "ALPN Extension Value".
  test.each([
    ['h2', 'h2'],
    ['http/1.1', 'h1'],
    ['x', 'xx'],
    ['\u00ab', 'ab'],
    ['\u00ab\u00cd', 'ad'],
    ['\u0030\u00ab', '3b'],
    ['\u0030\u0031\u00ab\u00cd', '3d'],
    ['\u0030\u00ab\u00cd\u0031', '01'],
    ['a_', '6f'],
  ])('writes the ALPN protocol %p as %s', (protocol, code) => {
    expect(raw({ extensions: [alpn(protocol, 'h2')] })?.slice(8, 10)).toBe(code);
  });

  test('writes 00 without ALPN and i without a server name', () => {
    expect(raw({ extensions: [[0x1234, []]] })).toBe('t12i010100_1301_1234');
  });

  test('writes d for a server name extension that holds an address', () => {
    expect(raw({ extensions: [serverName('127.0.0.1')] })).toBe('t12d010100_1301_');
  });

  test('counts to 99 and lists them all', () => {
    const many = Array.from({ length: 120 }, (_, i) => 0xc000 + i);
    const text = raw({ ciphers: many, extensions: many.map((type) => [type, []]) });
    expect(text).toStartWith('t12i999900_c000,');
    expect(text?.split('_')[1]?.split(',')).toHaveLength(120);
    expect(text?.split('_')[2]?.split(',')).toHaveLength(120);
  });

  test('gives no fingerprint past the bound, and the name all the same', () => {
    const many = Array.from({ length: JA4_MAX_VALUES + 1 }, (_, i) => 0x1000 + i);
    const extensions = [serverName('a.example')];
    expect(raw({ ciphers: many.slice(1), extensions })).not.toBeNull();
    const sniffed = sniff(hello({ ciphers: many, extensions })) as Sniffed;
    expect(sniffed).toMatchObject({ ja4r: null, sni: 'a.example', malformed: null });
  });

  test('writes zeros for an empty list', () => {
    expect(ja4('t12i000000__', sha256)).toBe('t12i000000_000000000000_000000000000');
    expect(raw({ ciphers: [0x0a0a], extensions: [] })).toBe('t12i000000__');
    expect(ja4('t12d010100_1301_', sha256)).toBe(`t12d010100_${sha256('1301').slice(0, 12)}_000000000000`);
  });
});
