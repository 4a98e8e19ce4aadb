import { createSocket } from 'node:dgram';
import { programError } from '../src/system/run-program.ts';
import { renderAnchor } from './anchor.ts';
import { LO0_FORMS, UPSTREAM_PORT_FIRST, UPSTREAM_PORT_LAST, V6_PATHS } from './anchor-name.ts';
import type { DarwinCheck, DoctorParts, Finding } from './doctor-check.ts';
import { renderLaunchdPlist } from './launchd.ts';
import { anchorRules, checkAnchor, isEnabled, pfctlWith, references, stateTable } from './runner.ts';
import { readToken } from './token.ts';

const SYSCTL = '/usr/sbin/sysctl';
const TOOL_TIMEOUT_MS = 10_000;
const UDP_WAIT_MS = 500;
const OLDEST_MACOS = 13;
// Deadlocks of pf were seen from here on when every packet makes it look for the owner of a socket.
const FRAGILE_MACOS = 15;
/** The table is as good as full from here on. */
const STATES_SHARE = 0.8;
const REPORT = 'report it with the output of sw_vers';
const NOT_INSTALLED: Finding = {
  state: 'unknown',
  detail: 'our rules are not installed',
  remedy: 'run it again while the engine works',
};

/** The checks of pf's rules and of the system around them. */
export const SYSTEM_CHECKS: readonly DarwinCheck[] = [
  { name: 'macos version', look: macosVersion },
  { name: 'pf grammar', look: pfGrammar },
  { name: 'pf reference', look: pfReference },
  { name: 'pf ipv6 path', look: pfIpv6Path },
  { name: 'pf client ports', look: pfClientPorts },
  { name: 'pf own connections', look: pfOwnConnections },
  { name: 'pf state table', look: pfStateTable },
  { name: 'forwarding', look: forwarding },
  { name: 'lo0 link-local address', look: linkLocalAddress },
  { name: 'client ports', look: clientPorts },
  { name: 'udp 443', look: udp443 },
  { name: 'uploads', look: uploads },
  { name: 'own signature', look: ownSignature },
  { name: 'quarantine', look: quarantine },
  { name: 'launchd file', look: launchdFile },
  { name: 'private relay', look: privateRelay },
];

async function macosVersion(parts: DoctorParts): Promise<Finding> {
  const version = (await output(parts, '/usr/bin/sw_vers', ['-productVersion'])).trim();
  const major = Number.parseInt(version, 10);
  if (Number.isNaN(major)) return { state: 'unknown', detail: `sw_vers says ${version}`, remedy: null };
  if (major < OLDEST_MACOS)
    return { state: 'fail', detail: `macOS ${version}`, remedy: `macOS ${OLDEST_MACOS} or newer` };
  if (major < FRAGILE_MACOS) return ok(`macOS ${version}`);
  const detail = `macOS ${version}; other firewalls have hung this kernel by matching owners of sockets, ours does so for its own source ports only`;
  return ok(detail);
}

async function pfGrammar({ run, proxyPort }: DoctorParts): Promise<Finding> {
  const pfctl = pfctlWith(run);
  const plan = { port: proxyPort, gid: 399, skip: ['10.0.0.0/8', 'fc00::/7'], rejectUdp443: true };
  const forms = V6_PATHS.flatMap((v6) =>
    LO0_FORMS.flatMap((lo0) => (['all', [80, 443]] as const).map((ports) => ({ v6, lo0, ports }))),
  );
  for (const { v6, lo0, ports } of forms) {
    const refused = await checkAnchor(pfctl, renderAnchor({ ...plan, ports }, v6, lo0));
    if (refused === null) continue;
    const form = `IPv6 ${v6.replace('_', ' ')}, lo0 ${lo0}, ports ${ports}`;
    return {
      state: 'fail',
      detail: `pfctl refuses the anchor (${form}): ${refused}`,
      remedy: 'resolagent anchor print',
    };
  }
  return ok('pfctl takes every form of the anchor');
}

async function pfReference({ run, tokenFile }: DoctorParts): Promise<Finding> {
  const pfctl = pfctlWith(run);
  const holders = await references(pfctl);
  const enabled = await isEnabled(pfctl);
  const token = readToken(tokenFile);
  const detail = `pf is ${enabled ? 'on' : 'off'}, ${holders.length} hold it on`;
  if (token === null) return ok(`${detail}; we do not`);
  if (holders.some((holder) => holder.token === token)) return ok(`${detail}; we are one of them`);
  return {
    state: 'fail',
    detail: `${detail}; our reference is gone (somebody ran pfctl -d)`,
    remedy: 'restart resolagent',
  };
}

async function pfIpv6Path({ run }: DoctorParts): Promise<Finding> {
  const { redirect } = await anchorRules(pfctlWith(run));
  if (redirect.length === 0) return NOT_INSTALLED;
  if (redirect.some((rule) => rule.includes('-> ::1 '))) return ok('by ::1');
  if (redirect.some((rule) => rule.includes('-> fe80::1')))
    return ok('by fe80::1 of lo0, because ::1 did not work');
  return {
    state: 'warn',
    detail: 'IPv6 connections are refused: neither ::1 nor fe80::1 worked',
    remedy: 'programs use IPv4; report it',
  };
}

async function pfClientPorts({ run }: DoctorParts): Promise<Finding> {
  const { filter } = await anchorRules(pfctlWith(run));
  const crossing = filter.find((rule) => rule.startsWith('pass out quick on lo0'));
  if (crossing === undefined) return NOT_INSTALLED;
  if (!crossing.includes('no state'))
    return ok('replies are told by their states: every port is intercepted');
  return {
    state: 'warn',
    detail: 'with states on lo0 nothing was redirected: ports 49152 to 65535 pass unseen',
    remedy: `name the ports to include in intercept.ports; ${REPORT}`,
  };
}

/** What the loaded rules must say of the engine's own connections, as pfctl shows it. */
async function pfOwnConnections({ run }: DoctorParts): Promise<Finding> {
  const { filter } = await anchorRules(pfctlWith(run));
  if (filter.length === 0) return NOT_INSTALLED;
  const owned = filter.filter((rule) => /\bgroup\b/.test(rule));
  const lacks = [
    ...(owned.some((rule) => rule.startsWith('pass out quick'))
      ? ['they pass rules of other firewalls']
      : []),
    ...(owned.some((rule) => rule.startsWith('block return')) ? [] : ['other programs may use their ports']),
    ...(owned.every((rule) => /to any port\b/.test(rule)) ? [] : ['owners of fragments are looked for']),
    ...(filter.some((rule) => rule.includes('tcp.closed 5')) ? [] : ['ended connections stay for 90 s']),
  ];
  if (lacks.length === 0) return ok('told by port and group, and left to other firewalls after us');
  return {
    state: 'warn',
    detail: `not as they should be: ${lacks.join(', ')}`,
    remedy: 'restart resolagent',
  };
}

async function pfStateTable({ run }: DoctorParts): Promise<Finding> {
  const table = await stateTable(pfctlWith(run));
  if (table === null) return { state: 'unknown', detail: 'pfctl does not tell', remedy: null };
  const detail = `pf tracks ${table.states} of at most ${table.limit} connections, four for each of a program`;
  if (table.states <= table.limit * STATES_SHARE) return ok(detail);
  return {
    state: 'warn',
    detail: `${detail}; beyond, new ones go nowhere`,
    remedy: 'put "set limit states 100000" first in /etc/pf.conf, then sudo pfctl -f /etc/pf.conf',
  };
}

async function forwarding(parts: DoctorParts): Promise<Finding> {
  const forwards = (await output(parts, SYSCTL, ['-n', 'net.inet.ip.forwarding'])).trim() !== '0';
  const bridged = (await output(parts, '/sbin/ifconfig', ['-l']))
    .split(/\s+/)
    .filter((name) => name.startsWith('bridge1'));
  if (!forwards && bridged.length === 0) return ok('this Mac forwards nothing');
  const what = bridged.length > 0 ? `by ${bridged.join(', ')}` : 'net.inet.ip.forwarding is 1';
  return {
    state: 'warn',
    detail: `this Mac forwards connections of others (${what}): those from bridge100 to bridge102 pass unseen, others may hang`,
    remedy: 'run a firewall inside the virtual machine; Internet Sharing is not filtered',
  };
}

async function quarantine({ run, program }: DoctorParts): Promise<Finding> {
  const args = ['-p', 'com.apple.quarantine', program];
  const result = await run({ path: '/usr/bin/xattr', args, timeoutMs: TOOL_TIMEOUT_MS });
  if (result.code !== 0) return ok('the program is not in quarantine');
  return {
    state: 'warn',
    detail: 'the program was downloaded and is in quarantine: macOS may refuse to start it',
    remedy: `sudo xattr -d com.apple.quarantine ${program}`,
  };
}

async function linkLocalAddress(parts: DoctorParts): Promise<Finding> {
  const addresses = await output(parts, '/sbin/ifconfig', ['lo0']);
  if (addresses.includes('inet6 fe80::1%lo0')) return ok('fe80::1 is there');
  return {
    state: 'warn',
    detail: 'lo0 has no address fe80::1: IPv6 has one path less to fall back to',
    remedy: null,
  };
}

async function clientPorts(parts: DoctorParts): Promise<Finding> {
  const names = ['net.inet.ip.portrange.first', 'net.inet.ip.portrange.last'];
  const [first = Number.NaN, last = Number.NaN] = (await output(parts, SYSCTL, ['-n', ...names]))
    .trim()
    .split(/\s+/)
    .map(Number);
  const detail = `programs connect from ports ${first} to ${last}`;
  if (Number.isNaN(first + last))
    return { state: 'unknown', detail: 'sysctl tells no port range', remedy: null };
  const overlap = Math.min(first, last) <= UPSTREAM_PORT_LAST && Math.max(first, last) >= UPSTREAM_PORT_FIRST;
  if (!overlap) return ok(detail);
  return {
    state: 'fail',
    detail: `${detail}; from ${UPSTREAM_PORT_FIRST} to ${UPSTREAM_PORT_LAST} only we may, and their connections go nowhere`,
    remedy: 'sudo sysctl net.inet.ip.portrange.first=49152 net.inet.ip.portrange.last=65535',
  };
}

async function udp443({ run, nowhere }: DoctorParts): Promise<Finding> {
  const { filter } = await anchorRules(pfctlWith(run));
  if (!filter.some((rule) => rule.startsWith('block return') && rule.includes('udp'))) return NOT_INSTALLED;
  if (nowhere === null)
    return { state: 'unknown', detail: 'no address is free to try it with', remedy: null };
  if (await isRefused(nowhere)) return ok('QUIC is refused at once');
  return {
    state: 'warn',
    detail: 'no refusal arrives: browsers fall back to TCP only after a wait',
    remedy: 'turn QUIC off in the browser',
  };
}

/** Whether a datagram to port 443 of this address is refused. Sent twice: the first refusal is told to the second. */
function isRefused(ip: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = createSocket('udp4');
  const timer = setTimeout(resolve, UDP_WAIT_MS, false);
  const again = setTimeout(() => socket.send('x', () => {}), UDP_WAIT_MS / 2);
  socket.on('error', (error) => resolve('code' in error && error.code === 'ECONNREFUSED'));
  socket.connect(443, ip, () => socket.send('x', () => {}));
  return promise.finally(() => {
    clearTimeout(timer);
    clearTimeout(again);
    socket.close();
  });
}

async function uploads(parts: DoctorParts): Promise<Finding> {
  const tso = (await output(parts, SYSCTL, ['-n', 'net.inet.tcp.tso'])).trim();
  if (tso === '0') return ok('segmentation offload is off');
  return {
    state: 'warn',
    detail: 'segmentation offload is on: whether large uploads pass lo0 was not proven',
    remedy: 'upload 100 MB; if it stalls: sudo sysctl net.inet.tcp.tso=0, and report it',
  };
}

async function ownSignature({ run, program }: DoctorParts): Promise<Finding> {
  const result = await run({
    path: '/usr/bin/codesign',
    args: ['--verify', '--strict', '--verbose=2', program],
    timeoutMs: TOOL_TIMEOUT_MS,
  });
  if (result.code === 0) return ok(`${program} is valid`);
  return { state: 'fail', detail: programError(result), remedy: `sudo codesign -f -s - ${program}` };
}

async function launchdFile({ run, program }: DoctorParts): Promise<Finding> {
  const result = await run({
    path: '/usr/bin/plutil',
    args: ['-lint', '-'],
    stdin: renderLaunchdPlist({ command: [program, 'daemon', '--quiet'], isCopy: true }),
    timeoutMs: TOOL_TIMEOUT_MS,
  });
  return result.code === 0
    ? ok('plutil takes the service file')
    : { state: 'fail', detail: programError(result), remedy: 'report it' };
}

function privateRelay(): Finding {
  return {
    state: 'unknown',
    detail: 'while pf has rules, macOS turns iCloud Private Relay off, and may keep it off until a restart',
    remedy: 'after `resolagent reset`, restart if System Settings still shows Private Relay as unavailable',
  };
}

async function output({ run }: DoctorParts, path: string, args: readonly string[]): Promise<string> {
  const result = await run({ path, args, timeoutMs: TOOL_TIMEOUT_MS });
  if (result.code !== 0) throw new Error(`${path} ${args.join(' ')}: ${programError(result)}`);
  return result.stdout;
}

function ok(detail: string): Finding {
  return { state: 'ok', detail, remedy: null };
}
