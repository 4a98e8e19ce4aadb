import ipaddr from 'ipaddr.js';
import type { InterceptPlan } from '../src/model/intercept-plan.ts';
import { PF_ANCHOR, UPSTREAM_PORT_FIRST, UPSTREAM_PORT_LAST, type V6Path } from './anchor-name.ts';

// Loopback would loop, and a link-local destination loses its interface on the way through lo0.
const ALWAYS_SKIP4 = new Set(['127.0.0.0/8']);
const ALWAYS_SKIP6 = new Set(['::1/128', 'fe80::/10']);

// "All" ends below the ephemeral ports: XNU gives those to clients, and a reply that came by lo0 to one of them must
// not be taken for a new connection (madeye/meow-rs #354).
const EPHEMERAL_FIRST = 49_152;
const UPSTREAM_PORTS = `${UPSTREAM_PORT_FIRST}:${UPSTREAM_PORT_LAST}`;
const ONE_CONNECTION = 'flags S/SA keep state';

const V6_LISTENER = { loopback: '::1', link_local: 'fe80::1' } as const;

/**
 * Renders the anchor that `pfctl -a com.apple/250.resolagent -f -` loads, for both families.
 * Lists stay on one line, the group is numeric, no name needs resolving, and translation stands before filtering, as
 * pf's grammar wants. A connection leaves through `route-to lo0`, is redirected there to the proxy, and the engine's own
 * connections are told by source port and group. Throws on a skip range that is not CIDR text (the config checks it).
 */
export function renderAnchor(plan: InterceptPlan, v6: V6Path): string {
  const ports = portList(plan.ports);
  const { skip4, skip6 } = splitSkip(plan.skip);
  const lines = [
    `# resolagent anchor  (load with: pfctl -a ${PF_ANCHOR} -f -)`,
    '# --- tables ---',
    `table <ra_skip4> const { ${skip4.join(', ')} }`,
    `table <ra_skip6> const { ${skip6.join(', ')} }`,
    '# --- translation: the first match wins; own connections first, so that nothing can loop ---',
    `no rdr on lo0 proto tcp from any port ${UPSTREAM_PORTS} to any`,
    ...(plan.ports === 'all' ? [`no rdr on lo0 proto tcp to any port ${EPHEMERAL_FIRST}:65535`] : []),
    'no rdr on lo0 inet proto tcp from any to <ra_skip4>',
    'no rdr on lo0 inet6 proto tcp from any to <ra_skip6>',
    `rdr on lo0 inet proto tcp from ! 127.0.0.0/8 to any port ${ports} -> 127.0.0.1 port ${plan.port}`,
    ...redirect6(v6, ports, plan.port),
    '# --- filtering: every rule is quick ---',
    `pass out quick on ! lo0 proto tcp from any port ${UPSTREAM_PORTS} to any group ${plan.gid} ${ONE_CONNECTION}`,
    ...(plan.rejectUdp443 ? rejectUdp443() : []),
    `pass out quick on ! lo0 route-to (lo0 127.0.0.1) inet proto tcp from any to ! <ra_skip4> port ${ports} ${ONE_CONNECTION}`,
    ...leave6(v6, ports),
    `pass out quick on lo0 inet proto tcp from any to ! <ra_skip4> port ${ports} no state`,
    ...cross6(v6, ports),
    refuseStrangers('inet', '127.0.0.1', plan.port),
    `pass in quick on lo0 reply-to (lo0 127.0.0.1) inet proto tcp from any to 127.0.0.1 port ${plan.port} ${ONE_CONNECTION}`,
    ...arrive6(v6, plan.port),
  ];
  return `${lines.join('\n')}\n`;
}

function portList(ports: InterceptPlan['ports']): string {
  return ports === 'all' ? `1:${EPHEMERAL_FIRST - 1}` : `{ ${[...new Set(ports)].join(', ')} }`;
}

function splitSkip(skip: readonly string[]): { skip4: string[]; skip6: string[] } {
  const skip4 = new Set<string>();
  const skip6 = new Set<string>();
  for (const range of skip) {
    if (ipaddr.IPv4.isValidCIDRFourPartDecimal(range)) skip4.add(canonicalCidr(range));
    // A zone (`fe80::%en0/10`) names an interface, which a table cannot hold.
    else if (ipaddr.IPv6.isValidCIDR(range) && !range.includes('%')) skip6.add(canonicalCidr(range));
    else throw new Error(`intercept.skip: not a CIDR range: ${JSON.stringify(range)}`);
  }
  return { skip4: [...skip4.union(ALWAYS_SKIP4)], skip6: [...skip6.union(ALWAYS_SKIP6)] };
}

function canonicalCidr(range: string): string {
  const [address, bits] = ipaddr.parseCIDR(range);
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
      `block return out quick on ! lo0 inet6 proto tcp from any to ! <ra_skip6> port ${ports} flags S/SA`,
    ];
  }
  return [
    `pass out quick on ! lo0 route-to (lo0 ${V6_LISTENER[v6]}) inet6 proto tcp from any to ! <ra_skip6> port ${ports} ${ONE_CONNECTION}`,
  ];
}

function cross6(v6: V6Path, ports: string): string[] {
  if (v6 === 'blocked') return [];
  return [`pass out quick on lo0 inet6 proto tcp from any to ! <ra_skip6> port ${ports} no state`];
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
