import { afterAll, expect } from 'bun:test';
import { until } from '../until.ts';
import { endToEnd } from './world/end-to-end.ts';
import { Machine, machineLacks } from './world/machine.ts';
import { BINARY } from './world/requirement.ts';
import { must } from './world/run.ts';
import type { Host, World } from './world/world.ts';

const SOON_MS = 20_000;
const UNIT = '/etc/systemd/system/resolagent.service';
const COPY = '/usr/local/bin/resolagent';
/** Where a person unpacked it: a folder of user 1000. */
const DOWNLOAD = '/home/somebody/resolagent';
const CONFIG = '/etc/resolagent/config.toml';
/** Holds a process at its next instruction, PTRACE_ATTACH of ptrace(2), until it is killed. */
const TRACE = `import ctypes, os, sys
pid = int(sys.argv[1])
ctypes.CDLL(None).ptrace(16, pid, None, None)
while not os.WIFSIGNALED(os.waitpid(pid, 0x40000000)[1]): pass`;
/** Stands for what configures the network at boot: ordered as systemd.special(7) asks of it. Its connection is told in /var/tmp. */
const networkd = (url: string) => `[Unit]
DefaultDependencies=no
After=network-pre.target local-fs.target
Before=network.target
Wants=network.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'curl -fsS -m 5 -o /dev/null ${url} 2>/var/tmp/said; echo $? > /var/tmp/code'
[Install]
WantedBy=multi-user.target
`;

const test = endToEnd('service', null, machineLacks());
let machine: Machine | null = null;
let before: [string, string][] = [];
afterAll(() => machine?.close());

/** The machine of this file, with the program in the folder of a person; the world it is in stands when the tests run. */
async function machineOf(world: World): Promise<Machine> {
  if (machine === null) {
    machine = await Machine.create(world);
    machine.copy(BINARY, DOWNLOAD, 1_000);
    await machine.boot();
    before = [...machine.files()];
  }
  return machine;
}

const tables = async (world: World) =>
  (await must(['ip', 'netns', 'exec', world.names.client, 'nft', 'list', 'tables'])).trim();

async function json(on: Machine, command: readonly string[]) {
  const { stdout, stderr } = await on.run([...command, '--json']);
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`${command.join(' ')}: ${stdout}${stderr}`);
  }
}

/** Puts a configuration in force. */
async function configure(on: Machine, text: string): Promise<void> {
  on.write(CONFIG, text);
  const { code, stderr } = await on.run([COPY, 'service', 'install']);
  expect([code, stderr]).toEqual([0, '']);
}

async function killMain(on: Machine): Promise<void> {
  const ran = await on.run(['systemctl', 'kill', '--kill-whom=main', '--signal=KILL', 'resolagent']);
  expect(ran.code).toBe(0);
}

const reaches = async (on: Machine, { name }: Host) =>
  (await on.run(['curl', '-fsS', '-m', '5', '-o', '/dev/null', `http://${name}/hello`])).code === 0;

test('install puts a program that a person could replace where only root can, and starts it', async ({
  world,
}) => {
  const on = await machineOf(world);
  const missing = await on.run([DOWNLOAD, 'service', 'status']);
  expect([missing.code, missing.stdout]).toEqual([1, expect.stringContaining('no service is installed')]);
  const installed = await json(on, [DOWNLOAD, 'service', 'install']);
  expect(installed).toMatchObject({
    installed: true,
    manager: 'systemd',
    file: UNIT,
    enabled: true,
    run: 'running',
    copied: true,
  });
  expect((await on.run(['readlink', `/proc/${installed.pid}/exe`])).stdout.trim()).toBe(COPY);
  expect((await on.run(['stat', '-c', '%a %u:%g', COPY, UNIT])).stdout).toBe('755 0:0\n644 0:0\n');
  expect((await on.run(['systemd-analyze', 'verify', UNIT])).stderr).not.toContain('resolagent.service');
  expect(await tables(world)).toBe('table inet resolagent');
  const host = await world.host('service-first');
  expect(await reaches(on, host)).toBe(true);
  const [flow] = (
    await on.run([COPY, 'log', '--json', '--since', '1h', '--filter', `host:${host.name}`])
  ).stdout.split('\n');
  expect(JSON.parse(flow ?? '')).toMatchObject({ target: { host: host.name } });
  const again = await json(on, [COPY, 'service', 'install']);
  expect(again).toEqual({ ...installed, pid: expect.any(Number) });
  expect(await json(on, [COPY, 'service', 'status'])).toEqual(again);
});

test('after a boot nothing leaves before the rules are in force', async ({ world }) => {
  const on = await machineOf(world);
  const host = await world.host('service-boot');
  expect((await on.run([COPY, 'block', host.name])).code).toBe(0);
  on.write('/etc/systemd/system/network-of-test.service', networkd(`http://${host.name}/hello`));
  expect((await on.run(['systemctl', 'enable', 'network-of-test'])).code).toBe(0);
  await on.halt();
  expect(await tables(world)).toBe('');
  expect(await world.arrived(host.ip4)).toMatchObject({ syn: 0 });
  await on.boot();
  expect(on.read('/var/tmp/code').trim()).not.toBe('0');
  expect(await world.arrived(host.ip4)).toMatchObject({ syn: 0, payload: 0 });
  expect(await json(on, [COPY, 'service', 'status'])).toMatchObject({ run: 'running' });
  const { stdout } = await on.run([COPY, 'log', '--json', '--since', '1h', '--filter', `host:${host.name}`]);
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
    target: { host: host.name },
    verdict: { kind: 'block' },
  });
  await on.run(['systemctl', 'disable', 'network-of-test']);
  await on.run(['rm', '/etc/systemd/system/network-of-test.service', '/var/tmp/code', '/var/tmp/said']);
});

test('an engine that is killed is started again, and meanwhile does as failMode says', async ({ world }) => {
  const on = await machineOf(world);
  await configure(on, '[intercept]\nfailMode = "closed"\n');
  const { pid } = await json(on, [COPY, 'service', 'status']);
  await killMain(on);
  await until('another engine runs', SOON_MS, async () => {
    const now = await json(on, [COPY, 'service', 'status']);
    return now.run === 'running' && now.pid !== pid;
  });
  // Nothing resets when it was not asked to stop: with failMode closed nothing passes in between.
  const { stdout } = await on.run(['journalctl', '--unit=resolagent', '--output=cat', '--boot']);
  const [, afterwards] = stdout.split('Main process exited');
  expect(afterwards).toContain('runs; enforced');
  expect(afterwards).not.toContain('no rule of resolagent is in the kernel');

  await configure(on, '[intercept]\nfailMode = "open"\n');
  on.write(CONFIG, 'this is no configuration');
  await killMain(on);
  await until('the watchdog has opened the network', SOON_MS, async () => (await tables(world)) === '');
  await until(
    'systemd cannot start it',
    SOON_MS,
    async () => (await json(on, [COPY, 'service', 'status'])).run !== 'running',
  );
  await configure(on, '[intercept]\nfailMode = "closed"\n');
  expect(await tables(world)).toBe('table inet resolagent');
});

test('stopping restores the network though the engine hangs and failMode is closed', async ({ world }) => {
  const on = await machineOf(world);
  const { pid } = await json(on, [COPY, 'service', 'status']);
  // Not by SIGSTOP: systemd sends SIGCONT along.
  const tracer = on.run(['python3', '-c', TRACE, String(pid)], { limitMs: SOON_MS });
  await until('the engine is traced', SOON_MS, async () =>
    /^State:\tt /m.test((await on.run(['cat', `/proc/${pid}/status`])).stdout),
  );
  expect((await on.run(['systemctl', 'stop', 'resolagent'])).code).toBe(0);
  expect(await tables(world)).toBe('');
  expect(await reaches(on, await world.host('service-hung'))).toBe(true);
  expect((await tracer).code).toBe(0);
  expect((await on.run(['systemctl', 'start', 'resolagent'])).code).toBe(0);
  await on.run(['rm', CONFIG]);
});

test('stop stops the service and says how it comes back, and says when nothing runs', async ({ world }) => {
  const on = await machineOf(world);
  const stopped = await on.run([COPY, 'stop']);
  expect([stopped.code, stopped.stderr]).toEqual([0, '']);
  expect(stopped.stdout).toContain('comes back at the next boot, or with: sudo systemctl start resolagent');
  expect(await tables(world)).toBe('');
  expect(await json(on, [COPY, 'service', 'status'])).toMatchObject({ run: 'stopped', enabled: true });
  const again = await on.run([COPY, 'stop']);
  expect([again.code, again.stdout]).toEqual([1, expect.stringContaining('no engine runs')]);
});

test('uninstall says what it takes away, and leaves files, groups and rules as before', async ({ world }) => {
  const on = await machineOf(world);
  expect((await on.run(['systemctl', 'start', 'resolagent'])).code).toBe(0);
  const full = on.files();
  expect([...full.keys()]).toEqual(expect.arrayContaining([UNIT, COPY, '/etc/group', '/var/lib/resolagent']));
  const dry = await json(on, [COPY, 'uninstall', '--state', '--dry-run']);
  expect(dry.removed.map(({ kind }: { kind: string }) => kind)).toEqual([
    'service',
    'program',
    'rules',
    'group',
    'state',
    'folder',
    'folder',
  ]);
  expect(on.files()).toEqual(full);
  expect(await tables(world)).toBe('table inet resolagent');
  const kept = await on.run([DOWNLOAD, 'service', 'uninstall']);
  expect([kept.code, kept.stderr]).toEqual([0, '']);
  expect(kept.stdout).toContain(
    "kept connections, rules and lists in /var/lib/resolagent: 'uninstall --state' takes it away, too",
  );
  expect(await tables(world)).toBe('');
  const withoutState = (files: readonly [string, string][]) =>
    files.filter(([path]) => !path.startsWith('/var/lib/'));
  expect(withoutState([...on.files()])).toEqual(withoutState(before));
  const all = await json(on, [DOWNLOAD, 'uninstall', '--state']);
  expect(all.failed).toEqual([]);
  expect([...on.files()]).toEqual(before);
  expect((await on.run(['ls', '/run/resolagent'])).code).not.toBe(0);
  expect((await on.run(['systemctl', 'status', 'resolagent'])).stderr).toContain('could not be found');
});

test('where systemd does not run it is made ready for the next boot, and that is said', async ({ world }) => {
  await machine?.close();
  const on = await Machine.create(world);
  machine = on;
  on.copy(BINARY, DOWNLOAD, 1_000);
  const files = [...on.files()];
  const ran = await on.inRoot([DOWNLOAD, 'service', 'install']);
  expect([ran.code, ran.stderr]).toEqual([3, '']);
  expect(ran.stdout).toContain('starts at every boot');
  expect(ran.stdout).toContain('systemd does not run here, so nothing was started');
  expect(on.read(UNIT)).toContain(`ExecStart=${COPY} daemon --quiet\n`);
  expect((await on.inRoot([DOWNLOAD, 'service', 'install', '--no-start'])).code).toBe(0);
  expect((await on.inRoot(['systemctl', 'is-enabled', 'resolagent'])).stdout).toBe('enabled\n');
  expect((await on.inRoot([COPY, 'uninstall'])).code).toBe(0);
  expect([...on.files()]).toEqual(files);
  expect((await on.inRoot([DOWNLOAD, 'service', 'uninstall'])).code).toBe(1);
});

test('what cannot be a service says why, and changes nothing', async ({ world }) => {
  const on = await machineOf(world);
  const files = [...on.files()];
  const asUser = await on.inRoot([
    'setpriv',
    '--reuid=1000',
    '--clear-groups',
    DOWNLOAD,
    'service',
    'install',
  ]);
  expect([asUser.code, asUser.stderr]).toEqual([
    3,
    expect.stringContaining('sudo resolagent service install'),
  ]);
  expect((await on.inRoot([DOWNLOAD, 'service', 'install', '--state', '/srv/x'])).code).toBe(2);
  await on.inRoot(['chmod', 'g+w', '/usr/local/bin']);
  const unsafe = await on.inRoot([DOWNLOAD, 'service', 'install']);
  expect([unsafe.code, unsafe.stderr]).toEqual([3, expect.stringContaining('/usr/local/bin')]);
  await on.inRoot(['chmod', 'g-w', '/usr/local/bin']);
  await on.inRoot(['sh', '-c', 'mv /usr/bin/systemctl /usr/bin/systemctl.away && mkdir /run/openrc']);
  const openrc = await on.inRoot([DOWNLOAD, 'service', 'install']);
  expect([openrc.code, openrc.stderr]).toEqual([3, expect.stringContaining('resolagent daemon --quiet')]);
  await on.inRoot(['mv', '/usr/bin/systemctl.away', '/usr/bin/systemctl']);
  expect([...on.files()]).toEqual(files);
});
