import { afterEach, beforeEach, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NatlookReply, PfInterceptor } from '../../pf/interceptor.ts';
import { pfctlWith } from '../../pf/runner.ts';
import { readToken } from '../../pf/token.ts';
import { removeAnchor, removeAnchorOf } from '../../pf/watchdog.ts';
import { PcbTable } from '../../src/attribute/darwin/pcb-table.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { at, buildNatlookReply, buildPcblist, type FakeSocket } from '../attribute/darwin/bytes.ts';
import { FakePf, SELF } from './fake-pf.ts';
import { FACTS_PLAN } from './plan.ts';

const TOKEN_1 = '15305728931839270021';
const TOKEN_2 = '15305728931839270022';
const STRANGER = '9872736510321877117';

let dir = '';
let tokenFile = '';
let pf = new FakePf();
let warnings: string[] = [];
let clock = 0;
let networks: string[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pf-test-'));
  tokenFile = join(dir, 'run', 'pf.token');
  pf = new FakePf();
  warnings = [];
  clock = 0;
  networks = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function interceptor(
  parts: { sockets?: FakeSocket[]; natlook?: (question: Uint8Array) => NatlookReply } = {},
) {
  return new PfInterceptor({
    run: pf.run,
    pcbs: new PcbTable(
      () => buildPcblist(parts.sockets ?? []),
      () => performance.now(),
    ),
    natlook: parts.natlook ?? null,
    tokenFile,
    selfCommand: [SELF],
    group: '_resolagent',
    warn: (text) => warnings.push(text),
    random: () => 0,
    now: () => clock,
    interfaces: () => networks,
  });
}

const pfctlCalls = () =>
  pf.calls.filter((call) => !/ -s /.test(call)).map((call) => call.replace('/sbin/pfctl ', ''));
const listener = () => pf.anchor.match(/-> (\S+) port/g)?.map((arrow) => arrow.split(' ')[1]);

// --- check ---

test('says what is missing before it can work', async () => {
  const check = async () =>
    Object.fromEntries((await interceptor().check()).map((item) => [item.name, item.state]));
  if (process.geteuid?.() !== 0) expect(await check()).toEqual({ root: 'fail', 'group _resolagent': 'ok' });
  else {
    expect(await check()).toEqual({ root: 'ok', pf: 'ok', 'group _resolagent': 'ok' });
    pf.skipsLo0 = true;
    expect(await check()).toMatchObject({ pf: 'warn' });
    pf.failures.set('-s rules', 'pfctl: /dev/pf: No such file or directory');
    expect(await check()).toMatchObject({ pf: 'fail' });
  }
});

// --- install and remove ---

test('checks the text, takes a reference, loads, and keeps the token for root alone', async () => {
  const it = interceptor();
  expect(await it.installed()).toBe(false);
  await it.install(FACTS_PLAN);
  expect(pfctlCalls()).toEqual([
    '-a com.apple/250.resolagent -n -f -',
    '-E',
    '-a com.apple/250.resolagent -f -',
  ]);
  expect(await it.installed()).toBe(true);
  expect([readToken(tokenFile), it.installedId()]).toEqual([TOKEN_1, TOKEN_1]);
  expect(statSync(tokenFile).mode & 0o777).toBe(0o600);
});

test('keeps its reference when it installs again', async () => {
  const it = interceptor();
  await it.install(FACTS_PLAN);
  await it.install({ ...FACTS_PLAN, port: 9_000 });
  expect([...pf.tokens.keys()]).toEqual([TOKEN_1]);
  expect(pf.anchor).toContain('port 9000');
});

test('takes a new reference when somebody turned pf off', async () => {
  const it = interceptor();
  await it.install(FACTS_PLAN);
  pf.tokens.clear();
  expect(await it.installed()).toBe(false);
  await it.install(FACTS_PLAN);
  expect([[...pf.tokens.keys()], readToken(tokenFile), it.installedId()]).toEqual([
    [TOKEN_2],
    TOKEN_2,
    TOKEN_2,
  ]);
});

test('gives the reference of a killed engine back after it has its own', async () => {
  await interceptor().install(FACTS_PLAN);
  pf.calls.length = 0;
  await interceptor().install(FACTS_PLAN);
  expect([...pf.tokens.keys()]).toEqual([TOKEN_2]);
  expect(pfctlCalls().slice(-3)).toEqual(['-E', '-a com.apple/250.resolagent -f -', `-X ${TOKEN_1}`]);
});

test('leaves pf as it was when the text is refused', async () => {
  pf.failures.set('-n -f -', 'stdin:3: syntax error');
  await expect(interceptor().install(FACTS_PLAN)).rejects.toThrow(
    'pfctl refuses the anchor: stdin:3: syntax error',
  );
  expect([pf.tokens.size, pf.anchor, existsSync(tokenFile)]).toEqual([0, '', false]);
});

test('leaves pf as it was when loading fails, the token of a former engine too', async () => {
  await interceptor().install(FACTS_PLAN);
  const before = pf.anchor;
  pf.failures.set('resolagent -f -', 'pfctl: DIOCXCOMMIT: Device busy');
  await expect(interceptor().install({ ...FACTS_PLAN, port: 9_000 })).rejects.toThrow(
    'DIOCXCOMMIT: Device busy',
  );
  expect([[...pf.tokens.keys()], pf.anchor, readToken(tokenFile)]).toEqual([[TOKEN_1], before, TOKEN_1]);
});

test('says that pf gave no token', async () => {
  pf.failures.set('-E', 'pfctl: /dev/pf: Operation not permitted');
  await expect(interceptor().install(FACTS_PLAN)).rejects.toThrow(
    'did not enable pf: pfctl: /dev/pf: Operation not permitted',
  );
});

test('removes its rules and its reference, and nothing else', async () => {
  pf.tokens.set(STRANGER, 431);
  const it = interceptor();
  await it.install(FACTS_PLAN);
  await it.remove();
  expect([pf.anchor, [...pf.tokens.keys()], existsSync(tokenFile), it.installedId()]).toEqual([
    '',
    [STRANGER],
    false,
    null,
  ]);
  const changes = pfctlCalls();
  expect(changes).not.toContain('-d');
  expect(
    changes
      .filter((call) => call.includes('-F'))
      .every((call) => call.startsWith('-a com.apple/250.resolagent ')),
  ).toBe(true);
});

test('removing twice, or without any former state, is no error', async () => {
  await interceptor().remove();
  await interceptor().install(FACTS_PLAN);
  rmSync(tokenFile);
  await interceptor().remove();
  await interceptor().remove();
  expect([pf.anchor, [...pf.tokens.keys()]]).toEqual(['', [TOKEN_1]]);
});

test('does not hand the contents of a damaged token file to pfctl', async () => {
  await interceptor().install(FACTS_PLAN);
  writeFileSync(tokenFile, '-d\n');
  await interceptor().remove();
  expect(pf.calls.filter((call) => call.includes('-X'))).toEqual([]);
});

test('says that the rules are still there when pf would not remove them', async () => {
  const it = interceptor();
  await it.install(FACTS_PLAN);
  pf.failures.set('-F all', 'pfctl: DIOCXBEGIN: Device busy');
  await expect(it.remove()).rejects.toThrow('did not empty the anchor: pfctl: DIOCXBEGIN: Device busy');
});

test('takes a refusal to flush an anchor that is not there for done', async () => {
  pf.failures.set('-F all', 'pfctl: Anchor does not exist.');
  await interceptor().remove();
});

test('the watchdog removes the rules of its own engine', async () => {
  await interceptor().install(FACTS_PLAN);
  await removeAnchorOf(pfctlWith(pf.run), tokenFile, TOKEN_1);
  expect([pf.anchor, pf.tokens.size, existsSync(tokenFile)]).toEqual(['', 0, false]);
});

test('the watchdog of a dead engine leaves the rules of the next one alone', async () => {
  await interceptor().install(FACTS_PLAN);
  await interceptor().install(FACTS_PLAN);
  await removeAnchorOf(pfctlWith(pf.run), tokenFile, TOKEN_1);
  expect([pf.anchor !== '', [...pf.tokens.keys()], readToken(tokenFile)]).toEqual([true, [TOKEN_2], TOKEN_2]);
});

test('the watchdog removes the rules and its reference when the token file is gone', async () => {
  await interceptor().install(FACTS_PLAN);
  rmSync(tokenFile);
  await removeAnchorOf(pfctlWith(pf.run), tokenFile, TOKEN_1);
  expect([pf.anchor, pf.tokens.size]).toEqual(['', 0]);
});

test('the watchdog hands nothing but a token to pfctl', async () => {
  await expect(removeAnchorOf(pfctlWith(pf.run), tokenFile, '-d')).rejects.toThrow('not a token of pf: "-d"');
  expect(pf.calls).toEqual([]);
});

test('reset needs no engine', async () => {
  await interceptor().install(FACTS_PLAN);
  await removeAnchor(pfctlWith(pf.run), tokenFile);
  expect([pf.anchor, pf.tokens.size]).toEqual(['', 0]);
});

// --- the main rule set ---

test('loads /etc/pf.conf once when the anchor would not be evaluated, and says what that costs', async () => {
  pf.mainNat = 'rdr-anchor "com.vendor.vpn" all\n';
  const it = interceptor();
  await it.install(FACTS_PLAN);
  expect(pf.calls.filter((call) => call.endsWith('-f /etc/pf.conf'))).toHaveLength(1);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('drops what other programs');
  pf.skipsLo0 = true;
  clock = 42 * 60_000;
  await expect(it.install(FACTS_PLAN)).rejects.toThrow(
    'pf is told to skip lo0, so that no redirect is made on it; /etc/pf.conf was loaded again 42 min ago, which is done once an hour at most',
  );
  expect(pf.calls.filter((call) => call.endsWith('-f /etc/pf.conf'))).toHaveLength(1);
  clock = 60 * 60_000;
  await it.install(FACTS_PLAN);
  expect(pf.calls.filter((call) => call.endsWith('-f /etc/pf.conf'))).toHaveLength(2);
});

// --- probe ---

/** Redirects a probe to the engine, as pf would. */
function redirects(it: PfInterceptor, when: (ip: string) => boolean): void {
  pf.probe = async (ip, port) => {
    if (!when(ip)) return 12;
    expect(it.isProbe(at(ip, port))).toBe(true);
    return 0;
  };
}

test('is enforced when probes of both families come through', async () => {
  const it = interceptor();
  await it.install(FACTS_PLAN);
  redirects(it, () => true);
  expect(await it.probe(1_000)).toEqual({ state: 'enforced' });
  expect(pf.calls.filter((call) => call.startsWith(SELF))).toEqual([
    `${SELF} __probe-connect 198.18.0.1 80 1000`,
    `${SELF} __probe-connect 2001:2::1 80 1000`,
  ]);
});

test('is not enforced before there are rules', async () => {
  expect(await interceptor().probe(1_000)).toEqual({
    state: 'not_enforced',
    detail: 'the rules are not installed',
  });
});

test('tries the main rule set once an hour when no probe comes through, and then says so', async () => {
  const it = interceptor();
  await it.install(FACTS_PLAN);
  const missed = {
    state: 'not_enforced',
    detail: 'a connection to 198.18.0.1:80 did not reach us in 1000 ms',
  } as const;
  const mends = () => pf.calls.filter((call) => call.endsWith('-f /etc/pf.conf')).length;
  expect(await it.probe(1_000)).toEqual(missed);
  clock = 59 * 60_000;
  expect(await it.probe(1_000)).toEqual({
    ...missed,
    detail: `${missed.detail}; /etc/pf.conf was loaded again 59 min ago, which is done once an hour at most: find what replaces pf's main rule set, or run sudo pfctl -f /etc/pf.conf`,
  });
  expect(mends()).toBe(1);
  // Twice, once more in the other form of the rules, and then once a probe.
  expect(pf.calls.filter((call) => call.startsWith(SELF))).toHaveLength(4);
  clock = 60 * 60_000;
  expect(await it.probe(1_000)).toEqual(missed);
  expect(mends()).toBe(2);
});

test('is enforced with rules that keep no states on lo0 when those that do redirect nothing, and says what passes', async () => {
  const it = interceptor();
  await it.install({ ...FACTS_PLAN, ports: 'all' });
  const stateless = () => /^pass out quick on lo0 inet .* no state$/m.test(pf.anchor);
  redirects(it, stateless);
  expect(await it.probe(1_000)).toEqual({ state: 'enforced' });
  expect(pf.anchor).toContain('-> 127.0.0.1 port 8443');
  expect(warnings.at(-1)).toContain('ports 49152 to 65535 pass unseen');
  await it.install({ ...FACTS_PLAN, ports: 'all' });
  expect(stateless()).toBe(true);
});

test('keeps the form that worked, and the first one when neither does', async () => {
  const it = interceptor();
  await it.install(FACTS_PLAN);
  const first = pf.anchor;
  expect(await it.probe(1_000)).toMatchObject({ state: 'not_enforced' });
  expect(pf.anchor).toBe(first);
  redirects(it, () => true);
  expect(await it.probe(1_000)).toEqual({ state: 'enforced' });
  redirects(it, () => false);
  expect(await it.probe(1_000)).toMatchObject({ state: 'not_enforced' });
  expect(pf.anchor).toBe(first);
});

test('tells how many connections pf tracks', async () => {
  const it = interceptor();
  await it.install(FACTS_PLAN);
  redirects(it, () => true);
  pf.states = [412, 10_000];
  expect(await it.probe(1_000)).toEqual({
    state: 'enforced',
    detail: 'pf tracks 412 of at most 10000 connections',
  });
});

test('knocks at an address that is on no network of this machine', async () => {
  const it = interceptor();
  await it.install(FACTS_PLAN);
  networks = ['192.168.1.5/24', '198.18.0.1/16'];
  await it.probe(1_000);
  expect(pf.calls.find((call) => call.startsWith(SELF))).toMatch(/__probe-connect 198\.19\.\d+\.\d+ 80 /);
  networks = ['198.18.0.1/15'];
  pf.calls.length = 0;
  await it.probe(1_000);
  expect(pf.calls.some((call) => call.includes('__probe-connect 198.'))).toBe(false);
});

test('is enforced when loading the main rule set again was the cure', async () => {
  const it = interceptor();
  await it.install(FACTS_PLAN);
  redirects(it, () => pf.calls.some((call) => call.endsWith('-f /etc/pf.conf')));
  expect(await it.probe(1_000)).toEqual({ state: 'enforced' });
});

test('falls back to fe80::1 for IPv6, then refuses IPv6', async () => {
  const it = interceptor();
  it.linkLocalListens();
  await it.install(FACTS_PLAN);
  const tried: ReturnType<typeof listener>[] = [];
  redirects(it, (ip) => {
    tried.push(listener());
    return ip === '198.18.0.1';
  });
  expect(await it.probe(1_000)).toEqual({ state: 'enforced' });
  expect(tried).toEqual([
    ['127.0.0.1', '::1'],
    ['127.0.0.1', '::1'],
    ['127.0.0.1', 'fe80::1'],
  ]);
  expect(listener()).toEqual(['127.0.0.1']);
  expect(warnings[0]).toContain('IPv6 connections are refused');
});

test('stays with the IPv6 path that works, through an installation and a later failure', async () => {
  const it = interceptor();
  it.linkLocalListens();
  await it.install(FACTS_PLAN);
  redirects(it, (ip) => ip === '198.18.0.1' || listener()?.[1] === 'fe80::1');
  expect(await it.probe(1_000)).toEqual({ state: 'enforced' });
  await it.install(FACTS_PLAN);
  expect(listener()).toEqual(['127.0.0.1', 'fe80::1']);
  redirects(it, (ip) => ip === '198.18.0.1');
  expect(await it.probe(1_000)).toMatchObject({ state: 'not_enforced' });
  expect(listener()).toEqual(['127.0.0.1', 'fe80::1']);
});

test('goes from ::1 to refusing IPv6 when nobody listens on fe80::1', async () => {
  const it = interceptor();
  await it.install(FACTS_PLAN);
  redirects(it, (ip) => ip === '198.18.0.1');
  await it.probe(1_000);
  expect(listener()).toEqual(['127.0.0.1']);
});

test('refuses IPv6 from the start when ::1 cannot be listened on', async () => {
  const it = interceptor();
  await it.install({ ...FACTS_PLAN, ipv6Listener: false });
  expect(listener()).toEqual(['127.0.0.1']);
});

test('a machine without IPv6 keeps the first path and is enforced', async () => {
  const it = interceptor();
  await it.install(FACTS_PLAN);
  redirects(it, () => true);
  const seen = pf.probe;
  pf.probe = async (ip, port) => (ip.includes(':') ? 10 : seen(ip, port));
  expect(await it.probe(1_000)).toEqual({ state: 'enforced' });
  expect(listener()).toEqual(['127.0.0.1', '::1']);
});

test('a machine without a network has no route, and nothing is repaired', async () => {
  const it = interceptor();
  await it.install(FACTS_PLAN);
  pf.probe = async () => 10;
  expect(await it.probe(1_000)).toEqual({ state: 'no_route', detail: 'no route to 198.18.0.1:80' });
  expect(pf.calls.some((call) => call.endsWith('-f /etc/pf.conf'))).toBe(false);
});

test('a machine with IPv6 alone is enforced by its probe', async () => {
  const it = interceptor();
  await it.install(FACTS_PLAN);
  redirects(it, () => true);
  const seen = pf.probe;
  pf.probe = async (ip, port) => (ip.includes(':') ? seen(ip, port) : 10);
  expect(await it.probe(1_000)).toEqual({ state: 'enforced' });
});

test('probes nothing that the plan leaves alone', async () => {
  const it = interceptor();
  await it.install({ ...FACTS_PLAN, skip: ['198.18.0.0/15', '2001::/16'] });
  expect(await it.probe(1_000)).toMatchObject({ state: 'no_route' });
  expect(pf.calls.some((call) => call.startsWith(SELF))).toBe(false);
});

test.each([
  [0, 'was answered by somebody else'],
  [11, 'was refused and did not reach us'],
  [127, 'the probe did not run'],
])('says what became of a probe that exits with %d unseen', async (code, words) => {
  const it = interceptor();
  await it.install(FACTS_PLAN);
  pf.probe = async () => code;
  expect((await it.probe(20)) as object).toMatchObject({
    state: 'not_enforced',
    detail: expect.stringContaining(words),
  });
});

test('knows a probe that arrives after its deadline, and no other connection', async () => {
  const it = interceptor();
  await it.install(FACTS_PLAN);
  expect(it.isProbe(at('198.18.0.1', 80))).toBe(false);
  await it.probe(1_000);
  expect(it.isProbe(at('198.18.0.1', 80))).toBe(true);
  expect(it.isProbe(at('198.18.0.1', 443))).toBe(false);
  expect(it.isProbe(at('203.0.113.7', 80))).toBe(false);
});

test('does not load rules again after they were removed while a probe ran', async () => {
  const it = interceptor();
  await it.install(FACTS_PLAN);
  pf.probe = async (ip, port) => {
    if (!ip.includes(':')) return it.isProbe(at(ip, port)) ? 0 : 12;
    await it.remove();
    return 12;
  };
  expect(await it.probe(1_000)).toMatchObject({
    state: 'not_enforced',
    detail: expect.stringContaining('removed meanwhile'),
  });
  expect(pf.anchor).toBe('');
});

// --- original destination ---

const CLIENT = at('192.168.1.5', 50_123);
const PROXY = at('127.0.0.1', 8_443);
const SERVER = at('203.0.113.7', 443);
const ACCEPTED = { fd: -1, peer: CLIENT, local: PROXY };
const says = (dst: Endpoint) => (): NatlookReply => ({ ok: true, bytes: buildNatlookReply(dst) });

test('reads the destination from the client and from pf, and they must agree', () => {
  const sockets = [{ local: CLIENT, remote: SERVER }];
  expect(interceptor({ sockets }).originalDst(ACCEPTED)).toEqual({ kind: 'redirected', dst: SERVER });
  expect(interceptor({ sockets, natlook: says(SERVER) }).originalDst(ACCEPTED)).toEqual({
    kind: 'redirected',
    dst: SERVER,
  });
  expect(interceptor({ sockets, natlook: says(at('198.51.100.9', 443)) }).originalDst(ACCEPTED).kind).toBe(
    'failed',
  );
});

test('knows a connection that was made straight to the proxy', () => {
  const sockets = [{ local: CLIENT, remote: PROXY }];
  const noState = (): NatlookReply => ({ ok: false, errno: 'ENOENT' });
  expect(interceptor({ sockets }).originalDst(ACCEPTED)).toEqual({ kind: 'direct' });
  expect(interceptor({ natlook: noState }).originalDst(ACCEPTED)).toEqual({ kind: 'direct' });
});

test('goes on with the client alone when pf will not answer', () => {
  const sockets = [{ local: CLIENT, remote: SERVER }];
  for (const errno of ['EPERM', 'ENOTTY', 'E2BIG']) {
    const natlook = (): NatlookReply => ({ ok: false, errno });
    expect(interceptor({ sockets, natlook }).originalDst(ACCEPTED)).toEqual({
      kind: 'redirected',
      dst: SERVER,
    });
    expect(interceptor({ natlook }).originalDst(ACCEPTED)).toEqual({
      kind: 'failed',
      error: `the client is gone; pf cannot be asked: ${errno}`,
    });
  }
});

test('asks pf alone while there are very many sockets', () => {
  const many = Array.from({ length: 5_000 }, (_, i) => ({ local: at('10.0.0.1', i + 1), remote: SERVER }));
  const it = interceptor({
    sockets: [{ local: CLIENT, remote: at('198.51.100.9', 443) }, ...many],
    natlook: says(SERVER),
  });
  expect(it.originalDst(ACCEPTED).kind).toBe('failed');
  expect(it.originalDst(ACCEPTED)).toEqual({ kind: 'redirected', dst: SERVER });
});
