import { expect } from 'bun:test';
import { DEFAULTS } from '../../src/config/defaults.ts';
import { proxyPorts } from '../../src/model/intercept-plan.ts';
import { until } from '../until.ts';
import { hello } from './clients/talk.ts';
import { Background } from './world/background.ts';
import { endToEnd } from './world/end-to-end.ts';
import { Firewall, isWatchdog } from './world/firewall.ts';
import { must } from './world/run.ts';
import { freePortsFrom, Squatters } from './world/squatters.ts';
import type { Host, World } from './world/world.ts';

const PORTS = proxyPorts(DEFAULTS.proxy.port);
const NODE = Bun.which('node') ?? 'node';
const KNOCK = `${import.meta.dir}/clients/knock.mjs`;
const FORGET = `${import.meta.dir}/clients/forget.py`;
const HOLD_MS = 40;
/** So long that they keep what they got. */
const FOR_GOOD_MS = 600_000;
const SQUATTED_MS = 10_000;
/** The watchdog has acted by then, and each client has tried dozens of times. */
const ATTACK_MS = 1_500;

const test = endToEnd('squatter', null);

const configOf = (failMode: string): string => `[intercept]\nfailMode = "${failMode}"\n`;

function knock(world: World, host: Host): Promise<Background> {
  const targets = [host.ip4, host.ip6].map((ip) => ({ ip, name: host.name }));
  return Background.start(world, [NODE, KNOCK, JSON.stringify({ targets, together: 4, pauseMs: 2 })]);
}

async function killWatchdog(firewall: Firewall): Promise<void> {
  for (const pid of (await firewall.processes()).filter(isWatchdog)) process.kill(pid, 'SIGKILL');
}

/** Which of the proxy's ports are listened on, by whomever. */
async function listenedPorts(world: World): Promise<number[]> {
  const rows = await must(['ip', 'netns', 'exec', world.names.client, 'ss', '-Hltn']);
  const ports = [...rows.matchAll(/:(\d+)\s/g)].map(([, port]) => Number(port));
  return PORTS.filter((port) => ports.includes(port));
}

for (const [failMode, both] of [
  ['open', false],
  ['open', true],
  ['closed', false],
  ['closed', true],
] as const) {
  const what = both ? 'engine and watchdog' : 'the engine';
  test(`with failMode ${failMode}, ${what} killed and every port free for all, nothing of root reaches who listens there`, async ({
    world,
  }) => {
    await freePortsFrom(world, 0);
    await using firewall = await Firewall.start(world, { config: configOf(failMode) });
    const label = `${failMode}-${both ? 'both' : 'one'}`;
    const [allowed, blocked] = [await world.host(`squat-${label}`), await world.host(`squat-not-${label}`)];
    await firewall.rule('block', blocked.name);
    const client = await knock(world, allowed);
    const squatters = await Squatters.start(world, PORTS, HOLD_MS);
    if (both) await killWatchdog(firewall);
    await firewall.end('SIGKILL');
    await Bun.sleep(ATTACK_MS);
    await firewall.start();
    expect((await hello(world, { ip: allowed.ip4, name: allowed.name })).outcome).toBe('answered');
    expect((await hello(world, { ip: blocked.ip4, name: blocked.name })).outcome).toBe('reset');
    const got = await squatters.end();
    expect(got).toMatchObject({ accepted: 0, bytes: 0 });
    expect(got.listened).toBeGreaterThan(0);
    expect(Object.keys((await client.end()) as object)).toContain('200');
    await freePortsFrom(world, 1_024);
  });
}

test('a program of another user cannot listen on the port at all, nor as root of a user namespace of its own', async ({
  world,
}) => {
  await using firewall = await Firewall.start(world, { config: configOf('closed') });
  const squatters = await Squatters.start(world, PORTS, HOLD_MS);
  await killWatchdog(firewall);
  await firewall.end('SIGKILL');
  await Bun.sleep(ATTACK_MS);
  const { listened, refused } = await squatters.end();
  expect([listened, Object.keys(refused)]).toEqual([0, ['EACCES']]);
});

test('who holds every port that the engine would take does not keep it from starting, and is told of', async ({
  world,
}) => {
  await freePortsFrom(world, 0);
  const squatters = await Squatters.start(world, PORTS, FOR_GOOD_MS);
  await until(
    'every port is taken',
    SQUATTED_MS,
    async () => (await listenedPorts(world)).length === PORTS.length,
  );
  await using firewall = await Firewall.start(world);
  const { proxy } = await firewall.status();
  expect(proxy.configured).toBe(DEFAULTS.proxy.port);
  expect(PORTS).not.toContain(proxy.port);
  expect((await firewall.cli(['status'])).stdout).toContain(
    `${proxy.port}: another program held 297 (proxy.port)`,
  );
  const [allowed, blocked] = [await world.host('squat-taken'), await world.host('squat-not-taken')];
  await firewall.rule('block', blocked.name);
  for (const ip of [allowed.ip4, allowed.ip6])
    expect((await hello(world, { ip, name: allowed.name })).outcome).toBe('answered');
  expect((await hello(world, { ip: blocked.ip6, name: blocked.name })).outcome).toBe('reset');
  // Attribution asks the kernel by the port that is really used.
  expect((await firewall.flow(`host:=${blocked.name}`)).origin.pid).not.toBeNull();
  expect(await squatters.end()).toMatchObject({ accepted: 0, bytes: 0 });
  await freePortsFrom(world, 1_024);
});

/** Loses first packets to the proxy, and keeps the kernel translating when our rules are gone, as Docker's table does. */
const LOSING = `table inet other {
  chain o { type nat hook output priority -100; ip daddr 192.0.2.99 dnat ip to 192.0.2.98; }
  chain i { type filter hook input priority -10; tcp dport 297 tcp flags syn counter drop; }
}`;

test('a first packet that is sent again when the rules are gone reaches its server, not who listens on the port by then', async ({
  world,
}) => {
  const nft = (...args: string[]) => must(['ip', 'netns', 'exec', world.names.client, 'nft', ...args]);
  await freePortsFrom(world, 0);
  await using firewall = await Firewall.start(world, { config: configOf('open') });
  const host = await world.host('sent-again');
  const squatters = await Squatters.start(world, PORTS, FOR_GOOD_MS);
  await nft(LOSING);
  const clients = [host.ip4, host.ip6].map((ip) => hello(world, { ip, name: host.name }));
  await until('both first packets are lost', SQUATTED_MS, async () =>
    /dport 297 .*packets ([2-9]|\d\d)/.test(await nft('list', 'chain', 'inet', 'other', 'i')),
  );
  await firewall.end('SIGKILL');
  await until(
    'the rules are gone',
    SQUATTED_MS,
    async () => !(await nft('list', 'tables')).includes('resolagent'),
  );
  await until('297 is taken', SQUATTED_MS, async () => (await listenedPorts(world)).includes(297));
  await nft('flush', 'chain', 'inet', 'other', 'i');
  for (const { outcome } of await Promise.all(clients)) expect(outcome).toBe('answered');
  expect(await squatters.end()).toMatchObject({ accepted: 0, bytes: 0 });
  await nft('delete', 'table', 'inet', 'other');
  await freePortsFrom(world, 1_024);
});

test('a connection that the kernel has forgotten is recorded as one whose destination is not known', async ({
  world,
}) => {
  await using firewall = await Firewall.start(world);
  const host = await world.host('forgotten');
  // The kernel answers for the engine while that stands still, for less time than the watchdog allows.
  process.kill(firewall.pid, 'SIGSTOP');
  const forgot = await world.program(['python3', FORGET, host.ip4]);
  process.kill(firewall.pid, 'SIGCONT');
  expect(forgot).toMatchObject({ code: 0, stderr: '' });
  const flow = await firewall.flow('reason:destination_unknown');
  expect(flow.verdict.evidence[0]?.text).toContain(
    'connection tracking does not know it, or has forgotten it',
  );
  expect((await firewall.status()).counts.notRedirected).toBe(0);
});
