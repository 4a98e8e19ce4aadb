import ipaddr from 'ipaddr.js';
import type { InterceptPlan } from '../src/model/intercept-plan.ts';
import {
  type Lo0Form,
  PF_ANCHOR,
  UPSTREAM_PORT_FIRST,
  UPSTREAM_PORT_LAST,
  type V6Path,
} from './anchor-name.ts';

// Loopback would loop, and a link-local destination loses its interface on the way through lo0.
const ALWAYS_SKIP4 = new Set(['127.0.0.0/8']);
const MAPPED_BITS = 96;
const ALWAYS_SKIP6 = new Set(['::1/128', 'fe80::/10']);

// From here on XNU chooses the ports of clients: a reply that came by lo0 to one of them must not be taken for a new connection
// (madeye/meow-rs #354). Replies come from the ports of services, below.
const EPHEMERAL_FIRST = 49_152;
const UPSTREAM_PORTS = `${UPSTREAM_PORT_FIRST}:${UPSTREAM_PORT_LAST}`;
/** All ports but those: `<>` is "outside of" (pf.conf(5)). */
const OTHER_PORTS = `${UPSTREAM_PORT_FIRST} <> ${UPSTREAM_PORT_LAST}`;
// Named with every owner: a rule without ports would ask for the owner of each fragment, and match everybody's.
const EVERY_PORT = '1:65535';
const SYN = 'flags S/SA';
// Of 10,000 states (PFSTATE_HIWAT) each connection takes four; closed ones would live 90 s.
const SHORT_STATE = 'keep state (tcp.closed 5, tcp.finwait 10, tcp.closing 60)';
const ONE_CONNECTION = `${SYN} ${SHORT_STATE}`;
const V6_LISTENER = { loopback: '::1', link_local: 'fe80::1' } as const;
/** Where Internet Sharing and virtual machines come in; what is forwarded has no program here, and lo0 would swallow it. */
const SHARING = '{ bridge100, bridge101, bridge102 }';
const FORWARDED = 'ra_in';

/**
 * Renders the anchor that `pfctl -a com.apple/250.resolagent -f -` loads, for both families.
 * Lists stay on one line, the group is numeric, no name needs resolving, and translation stands before filtering, as
 * pf's grammar wants. A connection leaves through `route-to lo0`, is redirected there to the proxy, and the engine's own
 * connections are told by source port and group; they are not quick, so that rules of other firewalls still decide on them.
 * Throws on a skip range that is not CIDR text (the config checks it).
 */
export function renderAnchor(plan: InterceptPlan, v6: V6Path, lo0: Lo0Form = 'stateful'): string {
  const ports = portList(plan.ports, lo0);
  const { skip4, skip6 } = splitSkip(plan.skip, plan.divert ?? []);
  const crossing = lo0 === 'stateful' ? ONE_CONNECTION : 'no state';
  const lines = [
    `# resolagent anchor  (load with: pfctl -a ${PF_ANCHOR} -f -)`,
    '# --- tables ---',
    `table <ra_skip4> const { ${skip4.join(', ')} }`,
    `table <ra_skip6> const { ${skip6.join(', ')} }`,
    '# --- translation: the first match wins; own connections first, so that nothing can loop ---',
    `no rdr on lo0 proto tcp from any port ${UPSTREAM_PORTS} to any`,
    ...replies(plan.ports, lo0),
    'no rdr on lo0 inet proto tcp from any to <ra_skip4>',
    'no rdr on lo0 inet6 proto tcp from any to <ra_skip6>',
    `rdr on lo0 inet proto tcp from ! 127.0.0.0/8 to any port ${ports} -> 127.0.0.1 port ${plan.port}`,
    ...redirect6(v6, ports, plan.port),
    '# --- filtering ---',
    `pass in on ${SHARING} proto tcp from any to any port ${EVERY_PORT} ${SYN} tag ${FORWARDED} no state`,
    ...(plan.rejectUdp443 ? rejectUdp443() : []),
    `pass out quick on ! lo0 route-to (lo0 127.0.0.1) inet proto tcp from any port ${OTHER_PORTS} to ! <ra_skip4> port ${ports} ${SYN} ! tagged ${FORWARDED} ${SHORT_STATE}`,
    ...leave6(v6, ports),
    `block return out quick on ! lo0 proto tcp from any port ${UPSTREAM_PORTS} to any port ${EVERY_PORT} group != ${plan.gid} ${SYN} ! tagged ${FORWARDED}`,
    `pass out on ! lo0 proto tcp from any port ${UPSTREAM_PORTS} to any port ${EVERY_PORT} group ${plan.gid} ${ONE_CONNECTION}`,
    `pass out quick on lo0 inet proto tcp from any to ! <ra_skip4> port ${ports} ${crossing}`,
    ...cross6(v6, ports, crossing),
    refuseStrangers('inet', '127.0.0.1', plan.port),
    `pass in quick on lo0 reply-to (lo0 127.0.0.1) inet proto tcp from any to 127.0.0.1 port ${plan.port} ${ONE_CONNECTION}`,
    ...arrive6(v6, plan.port),
  ];
  return `${lines.join('\n')}\n`;
}

function portList(ports: InterceptPlan['ports'], lo0: Lo0Form): string {
  if (ports !== 'all') return `{ ${[...new Set(ports)].join(', ')} }`;
  return lo0 === 'stateful' ? EVERY_PORT : `1:${EPHEMERAL_FIRST - 1}`;
}

function replies(ports: InterceptPlan['ports'], lo0: Lo0Form): string[] {
  const toClients = `to any port ${EPHEMERAL_FIRST}:65535`;
  if (lo0 === 'stateful')
    return [`no rdr on lo0 proto tcp from any port 1:${EPHEMERAL_FIRST - 1} ${toClients}`];
  return ports === 'all' ? [`no rdr on lo0 proto tcp from any ${toClients}`] : [];
}

/** In a table the narrower entry wins, and `!` takes one out (pf.conf(5), TABLES). */
function splitSkip(skip: readonly string[], divert: readonly string[]): { skip4: string[]; skip6: string[] } {
  const taken = divert.map(cidrOf);
  const skip4 = new Set<string>();
  const skip6 = new Set<string>();
  for (const range of skip) {
    // A zone (`fe80::%en0/10`) names an interface, which a table cannot hold.
    const isRange = range.includes(':')
      ? ipaddr.IPv6.isValidCIDR(range) && !range.includes('%')
      : ipaddr.IPv4.isValidCIDRFourPartDecimal(range);
    if (!isRange) throw new Error(`intercept.skip: not a CIDR range: ${JSON.stringify(range)}`);
    const written = canonicalCidr(range);
    if (!taken.some((block) => holds(block, written))) (written.includes(':') ? skip6 : skip4).add(written);
  }
  const out = (isV6: boolean, always: ReadonlySet<string>): string[] =>
    taken
      .filter((block) => block.includes(':') === isV6 && ![...always].some((range) => holds(range, block)))
      .map((block) => `!${block}`);
  return {
    skip4: [...skip4.union(ALWAYS_SKIP4), ...out(false, ALWAYS_SKIP4)],
    skip6: [...skip6.union(ALWAYS_SKIP6), ...out(true, ALWAYS_SKIP6)],
  };
}

function cidrOf(range: string): string {
  return canonicalCidr(range.includes('/') ? range : `${range}/${range.includes(':') ? 128 : 32}`);
}

/** Whether all of `inner` lies in `outer`; text that is no range lies nowhere. */
function holds(outer: string, inner: string): boolean {
  if (!ipaddr.isValidCIDR(inner)) return false;
  const [[net, bits], [first, innerBits]] = [ipaddr.parseCIDR(outer), ipaddr.parseCIDR(inner)];
  return net.kind() === first.kind() && innerBits >= bits && first.match(net, bits);
}

/** CIDR text in one spelling; `::ffff:10.0.0.0/104` is the IPv4 range that it means, which pf's IPv6 rules never match. */
export function canonicalCidr(range: string): string {
  const [address, bits] = ipaddr.parseCIDR(range);
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= MAPPED_BITS)
    return `${address.toIPv4Address()}/${bits - MAPPED_BITS}`;
  return `${address.toString()}/${bits}`;
}

// `block return`: QUIC clients hear of it at once (ICMP unreachable) and fall back to TCP.
function rejectUdp443(): string[] {
  return [
    'block return out quick on ! lo0 inet proto udp from any to ! <ra_skip4> port 443',
    'block return out quick on ! lo0 inet6 proto udp from any to ! <ra_skip6> port 443',
  ];
}

function redirect6(v6: V6Path, ports: string, port: number): string[] {
  if (v6 === 'blocked') return [];
  return [`rdr on lo0 inet6 proto tcp from ! ::1 to any port ${ports} -> ${V6_LISTENER[v6]} port ${port}`];
}

// Without a listener for IPv6 its connections are refused, so that clients take IPv4 (RFC 8305).
function leave6(v6: V6Path, ports: string): string[] {
  if (v6 === 'blocked') {
    return [
      `block return out quick on ! lo0 inet6 proto tcp from any port ${OTHER_PORTS} to ! <ra_skip6> port ${ports} ${SYN} ! tagged ${FORWARDED}`,
    ];
  }
  return [
    `pass out quick on ! lo0 route-to (lo0 ${V6_LISTENER[v6]}) inet6 proto tcp from any port ${OTHER_PORTS} to ! <ra_skip6> port ${ports} ${SYN} ! tagged ${FORWARDED} ${SHORT_STATE}`,
  ];
}

function cross6(v6: V6Path, ports: string, crossing: string): string[] {
  if (v6 === 'blocked') return [];
  return [`pass out quick on lo0 inet6 proto tcp from any to ! <ra_skip6> port ${ports} ${crossing}`];
}

// Inbound, `user` is whose socket listens (pf.conf(5)): anyone may bind any port here, and would get what comes while no engine runs. Only
// first packets to this one port make the kernel look a socket up with pf's lock held (docs/facts/macos.md, 0.7).
function refuseStrangers(family: 'inet' | 'inet6', listener: string, port: number): string {
  return `block return in quick on lo0 ${family} proto tcp from any to ${listener} port ${port} user != 0 flags S/SA`;
}

function arrive6(v6: V6Path, port: number): string[] {
  if (v6 === 'blocked') return [];
  const listener = V6_LISTENER[v6];
  return [
    refuseStrangers('inet6', listener, port),
    `pass in quick on lo0 reply-to (lo0 ${listener}) inet6 proto tcp from any to ${listener} port ${port} ${ONE_CONNECTION}`,
  ];
}
