import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UPSTREAM_PORT_FIRST, UPSTREAM_PORT_LAST } from '../../pf/anchor-name.ts';
import { DARWIN_CHECKS } from '../../pf/doctor.ts';
import { openDarwinNative } from '../../pf/ffi.ts';
import { openDarwin } from '../../pf/open.ts';
import { pfctlWith, pfctlWords } from '../../pf/runner.ts';
import { writeDarwinSockaddr } from '../../pf/sockaddr.ts';
import { pfTools } from '../../pf/tools.ts';
import { UpstreamPorts } from '../../pf/upstream-ports.ts';
import { userName } from '../../pf/user-name.ts';
import { DEFAULTS } from '../../src/config/schema.ts';
import type { Platform, PlatformTools } from '../../src/engine/platform.ts';
import { type ProgramResult, runProgram } from '../../src/intercept/run-program.ts';
import type { Uid } from '../../src/model/brand.ts';
import { at } from '../attribute/darwin-bytes.ts';
import { FakePf } from './fake-pf.ts';
import { FACTS_PLAN } from './plan.ts';

const dir = mkdtempSync(join(tmpdir(), 'pf-tools-test-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const config = { intercept: { group: DEFAULTS.intercept.group }, proxy: { port: 8_443 } };
const tools = (pf: FakePf, isMac: boolean) => pfTools(pf.run, isMac, join(dir, 'pf.token'));

test('fits the ports of the engine', () => {
  const platform: (options: Parameters<typeof openDarwin>[0]) => Platform = openDarwin;
  const forCommands: PlatformTools = pfTools();
  expect([typeof platform, typeof forCommands]).toEqual(['function', 'object']);
});

test.skipIf(process.platform === 'darwin')('says that the calls of macOS cannot be made elsewhere', () => {
  expect(() => openDarwinNative()).toThrow('cannot be made on linux');
});

test('has our own grammar look at the anchor where there is no pfctl', async () => {
  const it = tools(new FakePf(), false);
  const text = it.render(FACTS_PLAN);
  expect(await it.validate(text)).toEqual({
    by: 'the grammar of pf.conf (there is no pfctl here)',
    errors: [],
  });
  expect((await it.validate(`${text}rdr on lo0 proto tcp to any -> ::1`)).errors).toEqual([
    'line 21: rules must be in order: translation stands before filtering',
  ]);
});

test('has pfctl look at the anchor on a Mac, and loads nothing', async () => {
  const pf = new FakePf();
  const it = tools(pf, true);
  expect(await it.validate(it.render(FACTS_PLAN))).toEqual({ by: 'pfctl', errors: [] });
  expect(await it.validate('permit all')).toEqual({ by: 'pfctl', errors: ['stdin:1: syntax error'] });
  expect(pf.anchor).toBe('');
});

test('refuses IPv6 in the rules of a plan without an IPv6 listener', () => {
  const text = tools(new FakePf(), false).render({ ...FACTS_PLAN, ipv6Listener: false });
  expect(text).not.toContain('-> ::1');
  expect(text).toContain('block return out quick on ! lo0 inet6 proto tcp');
});

test('gives the short list of checks, and with deep every other', async () => {
  const pf = new FakePf();
  const names = async (deep: boolean) =>
    (await tools(pf, true).checks(config, deep)).map((item) => item.name);
  const machine =
    process.geteuid?.() === 0 ? ['root', 'pf', 'group _resolagent'] : ['root', 'group _resolagent'];
  expect(await names(false)).toEqual(machine);
  pf.anchor = '';
  expect(await names(true)).toEqual([...machine, ...DARWIN_CHECKS.map((check) => check.name)]);
});

test('removes rules without an engine, and not those of another token', async () => {
  const pf = new FakePf();
  pf.anchor = 'pass all\n';
  await tools(pf, true).remove();
  expect(pf.anchor).toBe('');
  await expect(tools(pf, true).removeById('-d')).rejects.toThrow('not a token of pf: "-d"');
});

test('says what pfctl means, without what it always says', () => {
  const result = (stderr: string): ProgramResult => ({ code: 1, timedOut: false, stdout: '', stderr });
  const noise =
    'No ALTQ support in kernel\nALTQ related functions disabled\npfctl: Use of -f option, could result in flushing of rules\npresent in the main ruleset added by the system at startup.\nSee /etc/pf.conf for further details.\n\n';
  expect(
    pfctlWords(
      result(`${noise}stdin:3: syntax error\npfctl: Syntax error in config file: pf rules not loaded\n`),
    ),
  ).toBe('stdin:3: syntax error; pfctl: Syntax error in config file: pf rules not loaded');
  expect(pfctlWords(result(noise))).toBe('exit code 1');
});

test('says that there is no pfctl', async () => {
  const missing = async () => {
    throw new Error('ENOENT');
  };
  await expect(pfctlWith(missing)(['-s', 'info'])).rejects.toThrow('cannot run /sbin/pfctl: ENOENT');
});

test('hands out every source port of the range, and begins again', () => {
  const ports = new UpstreamPorts(0.99995);
  const first = ports.next();
  expect([first, ports.next()]).toEqual([UPSTREAM_PORT_LAST, UPSTREAM_PORT_FIRST]);
  const all = new Set(Array.from({ length: 10_000 }, () => ports.next()));
  expect([all.size, Math.min(...all), Math.max(...all)]).toEqual([
    10_000,
    UPSTREAM_PORT_FIRST,
    UPSTREAM_PORT_LAST,
  ]);
});

test('writes an address the way macOS reads one', () => {
  const view = new DataView(new ArrayBuffer(28));
  expect(writeDarwinSockaddr(view, at('127.0.0.1', 17_443), 0)).toBe(16);
  expect([...new Uint8Array(view.buffer, 0, 16)]).toEqual([
    16, 2, 0x44, 0x23, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
  ]);
  expect(writeDarwinSockaddr(view, at('fe80::1', 17_443), 1)).toBe(28);
  expect([...new Uint8Array(view.buffer)]).toEqual([
    28, 30, 0x44, 0x23, 0, 0, 0, 0, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0,
  ]);
});

test('asks the system for the name of a user', async () => {
  expect(await userName(runProgram, 0 as Uid)).toBe('root');
  expect(await userName(runProgram, 3_999_999_999 as Uid)).toBeNull();
});

test.each([
  [0, ''],
  [0, '501\n'],
  [0, 'two words\n'],
  [1, 'alice\n'],
])('takes no name from an answer of code %d and %p', async (code, stdout) => {
  expect(await userName(async () => ({ code, timedOut: false, stdout, stderr: '' }), 501 as Uid)).toBeNull();
});
