import { readFileSync } from 'node:fs';
import type { Sniffed } from '../../src/sniff/sniffer.ts';

/** A recorded client and what sniffing must find in it. `head`: how many bytes of it decide; all of them when left out. */
export interface Capture {
  readonly file: string;
  readonly head?: number;
  readonly ja4?: string;
  readonly sniffed: Partial<Sniffed>;
}

const tls = (host: string | null, alpn: string[], ja4: string, ech = false) => ({
  ja4,
  sniffed: {
    protocol: 'tls',
    sni: host,
    host,
    httpHost: null,
    alpn,
    ech,
    malformed: null,
  } as Partial<Sniffed>,
});
const http = (httpHost: string | null, host: string | null, head?: number) => ({
  ...(head === undefined ? {} : { head }),
  sniffed: {
    protocol: 'http',
    sni: null,
    host,
    httpHost,
    alpn: [],
    ech: false,
    malformed: null,
  } as Partial<Sniffed>,
});

export const CAPTURES: readonly Capture[] = [
  {
    file: 'openssl-tls13.bin',
    ...tls('site.example', ['h2', 'http/1.1'], 't13d3111h2_e8f1e7e78f70_1f22a2ca17c4'),
  },
  { file: 'openssl-tls12.bin', ...tls('site.example', [], 't12d280700_d943125447b4_e7e480e5a997') },
  { file: 'openssl-nosni.bin', ...tls(null, [], 't13i310900_e8f1e7e78f70_1f22a2ca17c4') },
  {
    file: 'openssl-fragments.bin',
    ...tls(
      'site.example',
      ['h2', ...Array.from({ length: 31 }, (_, i) => `proto-${String(i).padStart(3, '0')}`)],
      't13d3111h2_e8f1e7e78f70_1f22a2ca17c4',
    ),
  },
  {
    file: 'curl-https.bin',
    ...tls('site.example', ['h2', 'http/1.1'], 't13d3112h2_e8f1e7e78f70_b26ce05bbdd6'),
  },
  { file: 'wget-https.bin', ...tls('localhost', [], 't13d291300_723694b0fccc_899037bd0b8c') },
  { file: 'node-https.bin', ...tls('site.example', ['http/1.1'], 't13d5911h1_a33745022dd6_1f22a2ca17c4') },
  { file: 'python-https.bin', ...tls('site.example', [], 't13d181100_85036bcba153_d41ae481755e') },
  { file: 'bun-https.bin', ...tls(null, ['http/1.1'], 't13i1712h1_5b57614c22b0_7f527383e249') },
  {
    file: 'chromium.bin',
    ...tls('site.example', ['h2', 'http/1.1'], 't13d1517h2_8daaf6152771_cb7bf5808d99', true),
  },
  { file: 'curl-http.bin', ...http('site.example:17447', 'site.example') },
  { file: 'wget-http.bin', ...http('localhost:17452', 'localhost') },
  { file: 'node-http.bin', ...http('site.example', 'site.example') },
  { file: 'chromium-http.bin', ...http('site.example', 'site.example') },
  { file: 'curl-h2c.bin', ...http(null, null, 'PRI * HTTP/2.0\r\n'.length) },
  { file: 'curl-proxy.bin', ...http('site.example', null) },
  { file: 'curl-connect.bin', ...http('site.example:443', null) },
];

export const TLS_CAPTURES = CAPTURES.filter((capture) => capture.ja4 !== undefined);

/** The handshake message in recorded TLS bytes, without the headers of the records it came in. */
export function messageOf(bytes: Uint8Array): Uint8Array {
  const parts: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 5 + (((bytes[at + 3] ?? 0) << 8) | (bytes[at + 4] ?? 0));
    parts.push(...bytes.subarray(at + 5, end));
    at = end;
  }
  return Uint8Array.from(parts);
}

/** The recorded bytes. */
export function bytesOf(file: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../fixtures/sniff/${file}`, import.meta.url)));
}
