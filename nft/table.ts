import type { InterceptPlan } from '../src/model/intercept-plan.ts';
import { type SkipSets, skipSets } from './table-ranges.ts';

/** Our table in the inet family; nothing outside of it is ever read or changed. */
export const TABLE = 'resolagent';
/** What is left of a table for a moment after it went. */
const FAREWELL_TABLE = 'resolagent_farewell';
/** The comment of the rule in a table that `renderRelease` put out of force: the engine knows by it that nobody attacks. */
export const RELEASED = 'released by resolagent reset';

// Before every other destination NAT (iptables, Docker and firewalld stand at -100), after connection tracking (-200): the
// first chain that translates a connection is the only one.
const NAT_PRIORITY = -110;
const FILTER_PRIORITY = 0;
const OUTPUT = 'output';
const POSTROUTING = 'postrouting';
const INPUT = 'input';
const NAT_CHAIN = 'redirect_out';
const REFUSE_CHAIN = 'refuse_out';
const GUARD_CHAIN = 'guard_in';
const MAX_PORT = 65_535;
const MAX_GID = 0xffff_fffe;

// The first packet of a connection. Without it, connections that were open before connection tracking began would be picked up
// in the middle and sent to a proxy that knows nothing of them.
const FIRST_PACKET = 'tcp flags & (fin | syn | rst | ack) == syn';

/**
 * The rules as one nft transaction that replaces any table of ours: `redirect_out` sends new TCP connections to the proxy,
 * `refuse_out` refuses those that still leave the machine undiverted: without connection tracking (notrack), through
 * somebody else's NAT, or over IPv6 when nothing listens there; and `refuse_astray` stops those that were sent to the proxy and leave
 * by a device all the same, since their program bound its socket to it (SO_BINDTODEVICE): it waits in vain, and no byte gets out, not
 * even with the first packet (TCP fast open). `guard_in` refuses every packet of a redirected connection that would reach another socket
 * than the engine's, which is transparent (`listenSocket`): the port is nobody else's, also while no engine runs.
 *
 * Not seen: what this machine forwards for containers and virtual machines with a network of their own; packets of raw and packet
 * sockets, which take privilege; datagrams other than to port 443; connections that were open before; sockets made in the
 * group, which root can always do. Throws a RangeError on numbers or ranges that the config schema would have refused.
 */
export function renderTable(plan: InterceptPlan): string {
  const port = checked('port', plan.port, 1, MAX_PORT);
  const gid = checked('gid', plan.gid, 1, MAX_GID);
  const skip = skipSets(plan.skip);
  const divert = skipSets(plan.divert ?? []);
  const first = `${portMatch(plan.ports)}${FIRST_PACKET}`;
  const family = plan.ipv6Listener === false ? 'meta nfproto ipv4 ' : '';
  return [
    `add table inet ${TABLE}`,
    `delete table inet ${TABLE}`,
    `table inet ${TABLE} {`,
    ...setLines('skip4', 'ipv4_addr', skip.v4),
    ...setLines('skip6', 'ipv6_addr', skip.v6),
    ...setLines('divert4', 'ipv4_addr', divert.v4),
    ...setLines('divert6', 'ipv6_addr', divert.v6),
    ...chainLines(NAT_CHAIN, 'nat', NAT_PRIORITY, OUTPUT, [
      ...exemptLines(gid, skip, divert),
      `${family}${first} counter redirect to :${port}`,
    ]),
    ...chainLines(REFUSE_CHAIN, 'filter', FILTER_PRIORITY, OUTPUT, [
      ...exemptLines(gid, skip, divert),
      ...(plan.rejectUdp443 ? ['udp dport 443 counter reject with icmpx type port-unreachable'] : []),
      `${first} counter reject with tcp reset`,
    ]),
    // Only here is the device known that a packet really leaves by: in the output hook it is the one before the redirect.
    ...chainLines('refuse_astray', 'filter', FILTER_PRIORITY, POSTROUTING, [
      'oifname "lo" return',
      `ip daddr 127.0.0.0/8 tcp dport ${port} counter drop`,
      `ip6 daddr ::1 tcp dport ${port} counter drop`,
    ]),
    ...guardLines([port, ...(plan.sparePorts ?? [])]),
    '}',
    '',
  ].join('\n');
}

/**
 * The transaction after which new connections go their own way, and those that are open are still translated: connection tracking is on
 * for as long as a rule needs it, and without it no program would hear of the end of a connection that our proxy ends. The guard of the
 * port stays for these. Fails when the table is not there.
 */
export function renderRelease(): string {
  const flushed = [NAT_CHAIN, REFUSE_CHAIN].map((chain) => `flush chain inet ${TABLE} ${chain}\n`).join('');
  return `${flushed}add rule inet ${TABLE} ${NAT_CHAIN} ct state established return comment "${RELEASED}"\n`;
}

/**
 * The transaction that takes away the table with this handle and leaves the guard of these ports in one of its own, for what is on its
 * way between the redirect and the guard. Fails, and changes nothing, when there is no such table.
 */
export function renderFarewell(handle: string, ports: readonly number[]): string {
  const guard = [`table inet ${FAREWELL_TABLE} {`, ...guardLines(ports), '}'];
  return [`delete table inet handle ${handle}`, ...guard, ''].join('\n');
}

/** The transaction that takes away what `renderFarewell` left, whether or not it is there. */
export function renderFarewellRemoval(): string {
  return `add table inet ${FAREWELL_TABLE}\ndelete table inet ${FAREWELL_TABLE}\n`;
}

/** The transaction that takes our tables away, whether or not they are there. */
export function renderRemoval(): string {
  return `add table inet ${TABLE}\ndelete table inet ${TABLE}\n${renderFarewellRemoval()}`;
}

/** Own sockets by the group they were made in; then what stays on this machine; then the ranges that are left alone, but for some in them. */
function exemptLines(gid: number, skip: SkipSets, divert: SkipSets): string[] {
  const unless4 = divert.v4.length > 0 ? 'ip daddr != @divert4 ' : '';
  const unless6 = divert.v6.length > 0 ? 'ip6 daddr != @divert6 ' : '';
  return [
    `meta skgid ${gid} return`,
    'oifname "lo" return',
    'fib daddr type local return',
    ...(skip.v4.length > 0 ? [`ip daddr @skip4 ${unless4}return`] : []),
    ...(skip.v6.length > 0 ? [`ip6 daddr @skip6 ${unless6}return`] : []),
  ];
}

// Packets of open connections too: a handshake that a stranger's socket got hold of between two looks goes no further. The kernel looks
// the socket up for the first packet only, as it would do next; the others bring it along.
function guardLines(ports: readonly number[]): string[] {
  const redirected = `${portMatch(ports)}ct status dnat`;
  return chainLines(GUARD_CHAIN, 'filter', FILTER_PRIORITY, INPUT, [
    `${redirected} socket transparent 1 return`,
    `${redirected} ip daddr 127.0.0.1 counter reject with tcp reset`,
    `${redirected} ip6 daddr ::1 counter reject with tcp reset`,
  ]);
}

function chainLines(
  name: string,
  type: 'nat' | 'filter',
  priority: number,
  hook: string,
  rules: readonly string[],
): string[] {
  return [
    `\tchain ${name} {`,
    `\t\ttype ${type} hook ${hook} priority ${priority}; policy accept;`,
    ...rules.map((rule) => `\t\t${rule}`),
    '\t}',
  ];
}

function setLines(name: string, type: string, elements: readonly string[]): string[] {
  if (elements.length === 0) return [];
  return [
    `\tset ${name} {`,
    `\t\ttype ${type}`,
    '\t\tflags interval',
    '\t\telements = {',
    ...elements.map((element) => `\t\t\t${element},`),
    '\t\t}',
    '\t}',
  ];
}

function portMatch(ports: InterceptPlan['ports']): string {
  if (ports === 'all') return '';
  const sorted = [...new Set(ports)].sort((a, b) => a - b).map((port) => checked('port', port, 1, MAX_PORT));
  if (sorted.length === 0) throw new RangeError('no ports to intercept');
  return `tcp dport { ${sorted.join(', ')} } `;
}

function checked(what: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`${what} must be a whole number from ${min} to ${max}, not ${value}`);
}
