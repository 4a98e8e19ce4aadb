import type { Sniff } from '../model/flow.ts';
import type { Sniffed } from '../sniff/sniffer.ts';

/** What is written down of the first bytes: without what served the decision only, and with the fingerprint hashed. */
export function sniffRecord(sniffed: Sniffed, ja4: (raw: string) => string): Sniff {
  const { protocol, sni, httpHost, alpn, ech, ja4r, malformed } = sniffed;
  return { protocol, sni, httpHost, alpn, ech, ja4: ja4r === null ? null : ja4(ja4r), malformed };
}
