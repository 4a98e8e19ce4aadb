import { must } from './run.ts';

const TABLE = 'rae_counters';
const SIZE = 65_535;
/** TCP headers are 5 to 15 words long (RFC 9293, data offset). */
const SHORTEST_HEADER = 5;
const LONGEST_HEADER = 15;
const WORD_BYTES = 4;
const IPV4_HEADER_BYTES = 20;

/** What the kernel of the other side saw arrive for one address and port. */
export interface Arrived {
  /** First packets of a connection. */
  readonly syn: number;
  /** TCP packets that carry at least one byte of payload. */
  readonly payload: number;
  readonly udp: number;
}

/**
 * Counters in the internet's own kernel, before anything else there sees a packet: one element an address and port. A packet
 * carries payload when it is longer than its headers; that cannot be computed in nft, so there is a rule for each length.
 */
export function countersScript(): string {
  const sets = ['syn', 'payload', 'udp'].flatMap((what) => [
    `set ${what}4 { type ipv4_addr . inet_service; flags dynamic; size ${SIZE}; counter; }`,
    `set ${what}6 { type ipv6_addr . inet_service; flags dynamic; size ${SIZE}; counter; }`,
  ]);
  const rules = [
    'tcp flags & (syn | ack) == syn update @syn4 { ip daddr . tcp dport }',
    'tcp flags & (syn | ack) == syn update @syn6 { ip6 daddr . tcp dport }',
    'meta l4proto udp update @udp4 { ip daddr . udp dport }',
    'meta l4proto udp update @udp6 { ip6 daddr . udp dport }',
  ];
  for (let words = SHORTEST_HEADER; words <= LONGEST_HEADER; words++) {
    const header = words * WORD_BYTES;
    rules.push(
      `tcp doff ${words} ip length > ${IPV4_HEADER_BYTES + header} update @payload4 { ip daddr . tcp dport }`,
      `tcp doff ${words} ip6 length > ${header} update @payload6 { ip6 daddr . tcp dport }`,
    );
  }
  const chain = `chain arrive { type filter hook prerouting priority -300; policy accept; ${rules.join('; ')}; }`;
  return `table inet ${TABLE} {\n${[...sets, chain].join('\n')}\n}\n`;
}

interface Element {
  readonly elem: {
    readonly val: { readonly concat: readonly [string, number] };
    readonly counter: { readonly packets: number };
  };
}

/** Reads the counters of one address, all ports or one. */
export async function readArrived(internet: string, ip: string, port: number | null): Promise<Arrived> {
  const text = await must(['ip', 'netns', 'exec', internet, 'nft', '-j', 'list', 'table', 'inet', TABLE]);
  const { nftables } = JSON.parse(text) as {
    nftables: { set?: { name: string; elem?: Element[] } }[];
  };
  const sum = (name: string): number =>
    nftables
      .flatMap(({ set }) => (set?.name === `${name}${ip.includes(':') ? 6 : 4}` ? (set.elem ?? []) : []))
      .filter(({ elem }) => elem.val.concat[0] === ip && (port === null || elem.val.concat[1] === port))
      .reduce((total, { elem }) => total + elem.counter.packets, 0);
  return { syn: sum('syn'), payload: sum('payload'), udp: sum('udp') };
}
