import { beforeEach, expect, test } from 'bun:test';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { SocketCalls } from '../../pf/bound-sockets.ts';
import { DARWIN_CHECKS, darwinChecks } from '../../pf/doctor.ts';
import type { DoctorParts } from '../../pf/doctor-check.ts';
import type { NatlookReply } from '../../pf/interceptor.ts';
import { PfInterceptor } from '../../pf/interceptor.ts';
import type { DarwinNative } from '../../pf/native.ts';
import { PcbTable } from '../../src/attribute/darwin/pcb-table.ts';
import type { CheckItem } from '../../src/model/check-item.ts';
import type { ProgramResult } from '../../src/system/run-program.ts';
import { at, buildNatlookReply, buildPcblist, type FakeSocket } from '../attribute/darwin/bytes.ts';
import { FakeMac } from '../attribute/darwin/fake.ts';
import { FakePf } from './fake-pf.ts';
import { linuxSocketCalls } from './linux-sockets.ts';
import { FACTS_PLAN } from './plan.ts';

const TOKEN_FILE = `/tmp/pf-doctor-test-${process.pid}/pf.token`;
const PORTS = '/usr/sbin/sysctl -n net.inet.ip.portrange.first net.inet.ip.portrange.last';
const STATE =
  'ALL tcp 127.0.0.1:8443 <- 203.0.113.7:443 <- 192.168.1.5:50123       ESTABLISHED:ESTABLISHED\n';

/** The connections of this process as a Mac would list them. */
function ownSockets(pid: number): FakeSocket[] {
  const end = (text: string) => {
    const [hex = '', port = ''] = text.split(':');
    const bytes = (hex.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16));
    return at(bytes.join('.'), Number.parseInt(port, 16));
  };
  const held = new Set(readdirSync('/proc/self/fd').map(linkOf));
  const lines = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
  return lines.flatMap((line) => {
    const [, local = '', remote = '', , , , , , , inode] = line.trim().split(/\s+/);
    if (!held.has(`socket:[${inode}]`)) return [];
    return [{ local: end(local), remote: end(remote), uid: process.geteuid?.() ?? 0, lastPid: pid }];
  });
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ''; // The descriptor of the folder itself, closed again.
  }
}

/** A Mac that is just as we expect it, on the sockets of this machine. */
class ExpectedMac extends FakeMac implements DarwinNative {
  natlook: DarwinNative['natlook'] = (question) => this.natlookReply(question);
  pfError: string | null = null;
  found: DarwinNative['found'] = { ioctl: '__ioctl', responsiblePid: true };
  boundSockets: SocketCalls | null = linuxSocketCalls();
  owner = process.pid;
  dialled = at('203.0.113.7', 443);

  constructor() {
    super();
    const own = {
      ppid: process.ppid,
      uid: process.geteuid?.() ?? 0,
      path: process.execPath,
      name: 'bun',
      uniqueId: 5n,
    };
    this.add({ ...own, pid: process.pid, responsible: process.pid });
    this.add({
      ...own,
      pid: 1,
      path: '/sbin/launchd',
      codeFlags: 0x4000000,
      identity: 'com.apple.xpc.launchd',
    });
  }

  override tcpSockets(): Uint8Array | null {
    const listening = { local: at('0.0.0.0', 22), remote: at('0.0.0.0', 0), lastPid: 1, tcpState: 1 };
    return buildPcblist([listening, ...ownSockets(this.owner)]);
  }

  natlookReply(question: Uint8Array): NatlookReply {
    const port = new DataView(question.buffer).getUint16(64);
    return port === 50_123
      ? { ok: true, bytes: buildNatlookReply(this.dialled) }
      : { ok: false, errno: 'ENOENT' };
  }

  listen(): { ok: false; errno: string } {
    return { ok: false, errno: 'ENOSYS' };
  }
}

let pf = new FakePf();
let mac = new ExpectedMac();
let tools = new Map<string, Partial<ProgramResult>>();

beforeEach(() => {
  pf = new FakePf();
  pf.states = [312, 10_000];
  mac = new ExpectedMac();
  tools = new Map([
    ['/usr/bin/sw_vers', { stdout: '15.4.1\n' }],
    ['/usr/sbin/sysctl -n net.inet.tcp.tso', { stdout: '0\n' }],
    ['/usr/sbin/sysctl -n net.inet.ip.forwarding', { stdout: '0\n' }],
    ['/usr/bin/xattr', { code: 1, stderr: 'No such xattr: com.apple.quarantine' }],
    [PORTS, { stdout: '49152\n65535\n' }],
    ['/sbin/ifconfig', { stdout: 'lo0: flags=8049\n\tinet6 fe80::1%lo0 prefixlen 64 scopeid 0x1\n' }],
    ['/usr/bin/codesign', {}],
    ['/usr/bin/plutil', { stdout: '<stdin>: OK\n' }],
    ['/sbin/pfctl -s state', { stdout: STATE }],
  ]);
});

function parts(change: Partial<DoctorParts> = {}): DoctorParts {
  return {
    run: async (input) => {
      const tool = tools.get(input.path) ?? tools.get([input.path, ...input.args].join(' '));
      return tool === undefined
        ? pf.run(input)
        : { code: 0, timedOut: false, stdout: '', stderr: '', ...tool };
    },
    native: mac,
    tokenFile: TOKEN_FILE,
    program: '/usr/local/bin/resolagent',
    proxyPort: 8_443,

    nowhere: '127.0.0.1',
    now: () => 0,
    ...change,
  };
}

async function install(): Promise<void> {
  const it = new PfInterceptor({
    run: pf.run,
    pcbs: new PcbTable(
      () => null,
      () => 0,
    ),
    natlook: null,
    tokenFile: TOKEN_FILE,
    selfCommand: ['/none'],
    group: '_resolagent',
    warn: () => {},
    random: () => 0,
    now: () => 0,
    interfaces: () => [],
  });
  await it.install(FACTS_PLAN);
}

const states = (items: readonly CheckItem[]) =>
  Object.fromEntries(items.map((item) => [item.name, item.state]));
const named = async (name: string, change: Partial<DoctorParts> = {}) =>
  (await darwinChecks(parts(change))).find((item) => item.name === name);

test('finds nothing wrong with the Mac we expect', async () => {
  await install();
  const all = states(await darwinChecks(parts()));
  expect(all).toEqual({
    ...Object.fromEntries(DARWIN_CHECKS.map((check) => [check.name, 'ok'])),
    // Nobody can ask macOS about it.
    'private relay': 'unknown',
  });
});

test('every check stands in docs/macos.md, and every line there names a check', () => {
  const page = readFileSync(new URL('../../docs/macos.md', import.meta.url), 'utf8');
  const onPage = [...page.matchAll(/\| `([^`]+)`[^|]*\|$/gm)].map((match) => match[1]);
  // Checks that stand elsewhere: the interceptor's own and the command's.
  const elsewhere = new Set(['pf', 'engine', 'group _resolagent']);
  expect(new Set(onPage.filter((name) => !elsewhere.has(name ?? '')))).toEqual(
    new Set(DARWIN_CHECKS.map((check) => check.name)),
  );
});

test('says so when the calls of macOS cannot be made, and goes on with the rest', async () => {
  await install();
  const all = states(await darwinChecks(parts({ native: 'symbol csops not found' })));
  expect(all['system calls']).toBe('fail');
  expect(all['socket list layout']).toBe('unknown');
  expect(all['pf grammar']).toBe('ok');
});

test.each([
  ['socket list owner', () => Object.assign(mac, { owner: 77 }), 'fail', 'belongs to pid 77'],
  [
    'socket list layout',
    () =>
      Object.assign(mac, {
        tcpSockets: () =>
          buildPcblist([{ local: at('10.0.0.1', 1), remote: at('10.0.0.2', 2) }]).subarray(0, -8),
      }),
    'fail',
    'does not end',
  ],
  ['socket list layout', () => Object.assign(mac, { tcpSockets: () => buildPcblist([]) }), 'warn', 'missing'],
  ['socket list layout', () => Object.assign(mac, { tcpSockets: () => null }), 'fail', 'refused'],
  ['process info', () => mac.processes.clear(), 'fail', 'tells nothing'],
  [
    'process info',
    () => mac.add({ pid: process.pid, ppid: 1, uid: 0, path: '/x', name: 'x', uniqueId: 1n }),
    'fail',
    'not what we are',
  ],
  ['code signing', () => mac.processes.delete(1), 'fail', 'should be signed by Apple'],
  ['responsible process', () => Object.assign(mac, { responsiblePid: () => null }), 'warn', 'not known'],
  [
    'system calls',
    () => Object.assign(mac, { found: { ioctl: null, responsiblePid: false } }),
    'warn',
    'ioctl by nothing',
  ],
  ['bound socket', () => Object.assign(mac, { boundSockets: null }), 'warn', 'not without ioctl'],
  [
    'bound socket',
    () => Object.assign(mac.boundSockets ?? {}, { setInterface: () => false, error: () => 'ENOPROTOOPT' }),
    'fail',
    'ENOPROTOOPT',
  ],
  [
    'bound socket',
    () => Object.assign(mac.boundSockets ?? {}, { connect: () => true }),
    'fail',
    'nothing arrived',
  ],
  [
    'pf question',
    () => Object.assign(mac, { natlookReply: () => ({ ok: false, errno: 'ENOTTY' }) }),
    'fail',
    'got ENOTTY',
  ],
  ['pf question', () => Object.assign(mac, { natlook: null, pfError: 'EACCES' }), 'warn', 'EACCES'],
  [
    'pf answers',
    () => Object.assign(mac, { dialled: at('198.51.100.9', 443) }),
    'fail',
    'disagree on 1 of 1',
  ],
  [
    'pf answers',
    () => tools.set('/sbin/pfctl -s state', { stdout: '' }),
    'unknown',
    'no redirected connection',
  ],
  ['macos version', () => tools.set('/usr/bin/sw_vers', { stdout: '12.7\n' }), 'fail', 'macOS 12.7'],
  ['macos version', () => tools.set('/usr/bin/sw_vers', { code: 1, stderr: 'no' }), 'unknown', 'sw_vers'],
  [
    'pf grammar',
    () => pf.failures.set('-n -f -', 'stdin:4: syntax error'),
    'fail',
    'IPv6 loopback, lo0 stateful, ports all',
  ],
  ['pf reference', () => pf.tokens.clear(), 'fail', 'our reference is gone'],
  [
    'pf ipv6 path',
    () => {
      pf.anchor = 'rdr on lo0 inet proto tcp to any port 80 -> 127.0.0.1 port 8443';
    },
    'warn',
    'refused',
  ],
  [
    'pf ipv6 path',
    () => {
      pf.anchor = '';
    },
    'unknown',
    'not installed',
  ],
  [
    'lo0 link-local address',
    () => tools.set('/sbin/ifconfig', { stdout: 'lo0:\n' }),
    'warn',
    'no address fe80::1',
  ],
  [
    'udp 443',
    () => {
      pf.anchor = '';
    },
    'unknown',
    'not installed',
  ],
  [
    'client ports',
    () => tools.set(PORTS, { stdout: '10000\n65535\n' }),
    'fail',
    'from 20000 to 29999 only we may',
  ],
  ['client ports', () => tools.set(PORTS, { stdout: 'nothing' }), 'unknown', 'no port range'],
  [
    'uploads',
    () => tools.set('/usr/sbin/sysctl -n net.inet.tcp.tso', { stdout: '1\n' }),
    'warn',
    'not proven',
  ],
  [
    'own signature',
    () => tools.set('/usr/bin/codesign', { code: 3, stderr: 'invalid signature' }),
    'fail',
    'invalid signature',
  ],
  [
    'pf client ports',
    () => {
      pf.anchor = pf.anchor.replace(/^(pass out quick on lo0 inet .*) flags.*$/m, '$1 no state');
    },
    'warn',
    '49152 to 65535 pass unseen',
  ],
  [
    'pf own connections',
    () => {
      pf.anchor = pf.anchor
        .replace('pass out on', 'pass out quick on')
        .replaceAll('to any port 1:65535 group', 'to any group')
        .replaceAll(/ \(tcp[^)]*\)/g, '');
    },
    'warn',
    'they pass rules of other firewalls, owners of fragments are looked for, ended connections stay',
  ],
  [
    'pf state table',
    () => Object.assign(pf, { states: [8_001, 10_000] }),
    'warn',
    'tracks 8001 of at most 10000 connections',
  ],
  ['pf state table', () => Object.assign(pf, { states: null }), 'unknown', 'does not tell'],
  [
    'forwarding',
    () => tools.set('/usr/sbin/sysctl -n net.inet.ip.forwarding', { stdout: '1\n' }),
    'warn',
    'net.inet.ip.forwarding is 1',
  ],
  [
    'forwarding',
    () => tools.set('/sbin/ifconfig', { stdout: 'lo0 en0 bridge0 bridge100 vmenet0\n' }),
    'warn',
    'by bridge100)',
  ],
  ['quarantine', () => tools.set('/usr/bin/xattr', { stdout: '0083;x;Safari;' }), 'warn', 'is in quarantine'],
  ['launchd file', () => tools.set('/usr/bin/plutil', { code: 1, stdout: 'bad' }), 'fail', 'bad'],
] as [string, () => unknown, CheckItem['state'], string][])(
  '%s tells a Mac that differs',
  async (name, differ, state, words) => {
    await install();
    differ();
    const check = DARWIN_CHECKS.find((candidate) => candidate.name === name);
    let found: Awaited<ReturnType<NonNullable<typeof check>['look']>> | undefined;
    try {
      found = await check?.look(parts());
    } catch (error) {
      found = { state: 'unknown', detail: String(error), remedy: null };
    }
    expect(found?.state).toBe(state);
    expect(found?.detail).toContain(words);
  },
);

test('says when the list of sockets takes too long', async () => {
  let clock = 0;
  const now = () => (clock += 6);
  expect(await named('socket list cost', { now })).toMatchObject({ state: 'warn' });
});

test.skipIf(process.geteuid?.() !== 0)('says when a datagram to port 443 is not refused', async () => {
  await install();
  const server = await Bun.udpSocket({ hostname: '127.0.0.9', port: 443 });
  try {
    expect(await named('udp 443', { nowhere: '127.0.0.9' })).toMatchObject({ state: 'warn' });
  } finally {
    server.close();
  }
});

test('a check that fails to run is unknown, with what went wrong', async () => {
  tools.set('/usr/bin/sw_vers', { code: 1, stderr: 'no such tool' });
  expect(await named('macos version')).toMatchObject({
    state: 'unknown',
    detail: '/usr/bin/sw_vers -productVersion: no such tool',
  });
});
