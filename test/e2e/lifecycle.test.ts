import { expect } from 'bun:test';
import { existsSync } from 'node:fs';
import { always, until } from '../until.ts';
import { hello } from './clients/talk.ts';
import { endToEnd, report } from './world/end-to-end.ts';
import { Firewall, isWatchdog, publicBinary } from './world/firewall.ts';
import { must } from './world/run.ts';
import type { Host, World } from './world/world.ts';

/** The promise of failMode = "open". */
const WORKS_AGAIN_MS = 2_000;
const SAID_MS = 20_000;
/** Far below the time between two probes, which would mend it too. */
const MENDED_MS = 5_000;
const OPEN = '[intercept]\nfailMode = "open"\n';
const CLOSED = '[intercept]\nfailMode = "closed"\n';

const LARGE_BYTES = 104_857_600;

/** A client that begins to speak TLS and does not go on. */
const HALF_A_HELLO = `
import socket, sys
s = socket.create_connection((sys.argv[1], 443))
s.sendall(b"\\x16\\x03\\x01\\x02\\x00\\x01\\x00\\x01")
s.recv(1)
`;

const test = endToEnd('lifecycle', null);

/** The tables in the machine's kernel, as nft lists them. */
async function tables(world: World): Promise<string> {
  return (await must(['ip', 'netns', 'exec', world.names.client, 'nft', 'list', 'tables'])).trim();
}

async function reaches(world: World, host: Host): Promise<boolean> {
  const families = await Promise.all([host.ip4, host.ip6].map((ip) => hello(world, { ip, name: host.name })));
  return families.every(({ outcome }) => outcome === 'answered');
}

async function reachesNothing(world: World, host: Host): Promise<boolean> {
  const families = await Promise.all([host.ip4, host.ip6].map((ip) => hello(world, { ip, name: host.name })));
  return families.every(({ outcome }) => outcome === 'refused' || outcome === 'reset');
}

test('SIGTERM leaves no rule, no process and no socket behind, and the network works', async ({ world }) => {
  await using firewall = await Firewall.start(world);
  expect(await tables(world)).toBe('table inet resolagent');
  // The engine and its watchdog.
  expect(await firewall.processes()).toHaveLength(2);
  expect(await firewall.end('SIGTERM')).toBe(0);
  expect(await tables(world)).toBe('');
  expect(await firewall.processes()).toEqual([]);
  expect(existsSync(firewall.socket)).toBe(false);
  expect(await reaches(world, await world.host('after-term'))).toBe(true);
});

test('rules that another program throws away are back at once, and status and the log of the engine say who did it', async ({
  world,
}) => {
  await using firewall = await Firewall.start(world);
  const host = await world.host('flushed');
  await firewall.rule('block', host.name);
  await must(['ip', 'netns', 'exec', world.names.client, 'nft', 'flush', 'ruleset']);
  const { interference } = await until('the rules are back', MENDED_MS, async () => {
    const status = await firewall.status();
    return status.interference !== null && status.enforcement.state === 'enforced' && status;
  });
  expect(interference?.times).toBe(1);
  expect(interference?.by).toMatch(/^nft \(pid \d+\)$/);
  expect(await reachesNothing(world, host)).toBe(true);
  const [said] = /.*installed again after.*/.exec(await firewall.said()) ?? [];
  expect(said).toContain(`${interference?.by} changed or removed the kernel rules`);
  expect((await firewall.cli(['status'])).stdout).toContain(
    `others changed or removed the rules once at ${new Date(interference?.at ?? 0).toISOString()}, ${interference?.by}; they were put back`,
  );
  report(said ?? '');
});

test('SIGTERM ends every connection, so that no program waits for ever, and writes the open ones down', async ({
  world,
}) => {
  await using firewall = await Firewall.start(world);
  const idle = await world.host('idle-at-term');
  const busy = await world.host('busy-at-term');
  const silent = await world.host('silent-at-term');
  const transfer = ['--limit-rate', '20M', '-o', '/dev/null', `http://${busy.name}/bytes/${LARGE_BYTES}`];
  const programs = [
    world.program(['curl', '-sSN', `http://${idle.name}/hold`]),
    world.program(['curl', '-sS', ...transfer]),
    world.program(['python3', '-c', HALF_A_HELLO, silent.ip4]),
  ];
  await until('all are under way', SAID_MS, async () => {
    const [held] = await firewall.flows(`host:=${idle.name} state:open`);
    const [moved] = await firewall.flows(`host:=${busy.name} state:open`);
    const { open } = (await firewall.status()).counts;
    return held !== undefined && moved !== undefined && moved.bytesIn > 1_000_000 && open === 3;
  });
  expect(await firewall.end('SIGTERM')).toBe(0);
  for (const ran of await Promise.all(programs))
    expect([ran.signal, ran.code]).toEqual([null, expect.any(Number)]);
  // No engine runs: the log is read from the ledger itself.
  for (const host of [idle, busy])
    expect((await firewall.flow(`host:=${host.name}`)).state).toBe('engine_stopped');
  expect(await world.arrived(silent.ip4)).toMatchObject({ syn: 0, payload: 0 });
});

test('kill -9 ends open connections: no program waits for ever', async ({ world }) => {
  for (const config of [OPEN, CLOSED]) {
    await using firewall = await Firewall.start(world, { config });
    const host = await world.host(config === OPEN ? 'cut-open' : 'cut-closed');
    const held = world.program(['curl', '-sSN', `http://${host.name}/hold`]);
    await until(
      'the connection is open',
      SAID_MS,
      async () => (await firewall.flows(`host:=${host.name} state:open`)).length === 1,
    );
    await firewall.end('SIGKILL');
    // 18 after an end, 56 after a reset.
    expect(['18', '56']).toContain(String((await held).code));
  }
});

test('with failMode open the network works again within 2 s of kill -9, and a restart is clean', async ({
  world,
}) => {
  await using firewall = await Firewall.start(world, { config: OPEN });
  const host = await world.host('killed-open');
  await firewall.rule('block', 'kept.e2e.test');
  expect(await firewall.status()).toMatchObject({ failMode: 'open', guardRunning: true });
  const started = performance.now();
  await firewall.end('SIGKILL');
  await until('the network works without the engine', WORKS_AGAIN_MS, () => reaches(world, host));
  report(`the network worked ${Math.round(performance.now() - started)} ms after kill -9`);
  await until('the watchdog has gone', WORKS_AGAIN_MS, async () => (await firewall.processes()).length === 0);
  expect(await tables(world)).toBe('');
  expect((await firewall.cli(['reset'])).code).toBe(0);
  await firewall.start();
  expect(await firewall.status()).toMatchObject({
    rules: 1,
    ledger: { state: 'ok', lost: 0 },
    config: { error: null },
  });
  expect(await reaches(world, host)).toBe(true);
  expect((await firewall.flows(`host:=${host.name}`)).length).toBe(2);
});

test('with failMode closed the network stays shut after kill -9 until reset, and a restart is clean', async ({
  world,
}) => {
  await using firewall = await Firewall.start(world, { config: CLOSED });
  const host = await world.host('killed-closed');
  await firewall.end('SIGKILL');
  await until('nothing runs any more', WORKS_AGAIN_MS, async () => (await firewall.processes()).length === 0);
  await until('connections are refused', WORKS_AGAIN_MS, () => reachesNothing(world, host));
  expect(await tables(world)).toBe('table inet resolagent');
  await always('connections are refused', WORKS_AGAIN_MS, () => reachesNothing(world, host));
  expect(await world.arrived(host.ip4)).toMatchObject({ syn: 0, payload: 0 });
  await firewall.start();
  expect(await reaches(world, host)).toBe(true);
  await firewall.end('SIGKILL');
  expect(await reachesNothing(world, host)).toBe(true);
  expect((await firewall.cli(['reset'])).code).toBe(0);
  expect(await tables(world)).toBe('');
  expect(await reaches(world, host)).toBe(true);
});

test('reset restores the network when engine and watchdog were both killed, without configuration or ledger', async ({
  world,
}) => {
  await using firewall = await Firewall.start(world, { config: OPEN });
  const host = await world.host('both-killed');
  const watchdogs = (await firewall.processes()).filter(isWatchdog);
  expect(watchdogs).toHaveLength(1);
  // The watchdog first: the engine would start another, and must not get the time.
  for (const pid of watchdogs) process.kill(pid, 'SIGKILL');
  await firewall.end('SIGKILL');
  expect(await reachesNothing(world, host)).toBe(true);
  firewall.writeConfig('this is no configuration');
  await must(['rm', '-r', firewall.state]);
  const reset = await firewall.cli(['reset']);
  expect([reset.code, reset.stderr]).toEqual([0, '']);
  expect(await tables(world)).toBe('');
  expect(await reaches(world, host)).toBe(true);
});

test('a watchdog that is killed is started again', async ({ world }) => {
  await using firewall = await Firewall.start(world, { config: OPEN });
  const watchdogs = (await firewall.processes()).filter((pid) => pid !== firewall.pid);
  for (const pid of watchdogs) process.kill(pid, 'SIGKILL');
  await until('there is another watchdog', SAID_MS, async () => {
    const now = (await firewall.processes()).filter(
      (pid) => pid !== firewall.pid && !watchdogs.includes(pid),
    );
    return now.length === 1 && (await firewall.status()).guardRunning;
  });
  const host = await world.host('second-watchdog');
  await firewall.end('SIGKILL');
  await until('the network works without the engine', WORKS_AGAIN_MS, () => reaches(world, host));
});

test('an engine started twice says so, and the first one goes on', async ({ world }) => {
  await using firewall = await Firewall.start(world);
  const second = await firewall.cli(['daemon']);
  expect(second.code).toBe(1);
  expect(second.stderr).toContain('already runs');
  expect((await firewall.status()).pid).toBe(firewall.pid);
  expect(await reaches(world, await world.host('started-twice'))).toBe(true);
});

test('a second engine on another socket and port is refused in this network and not in another', async ({
  world,
}) => {
  await using firewall = await Firewall.start(world);
  await using other = new Firewall(world, { config: '[proxy]\nport = 17555\n' });
  const second = await other.cli(['daemon']);
  expect(second.code).not.toBe(0);
  expect(second.stderr).toContain(`another engine (pid ${firewall.pid}) already filters this network`);
  expect(second.stderr).toContain(`stop it first: kill ${firewall.pid}`);
  expect((await firewall.status()).enforcement.state).toBe('enforced');
  expect((await firewall.status()).interference).toBeNull();
  const host = await world.host('second-engine');
  await firewall.rule('block', host.name);
  expect(await reachesNothing(world, host)).toBe(true);
  // A namespace of its own, on the very same files: it starts, and ends by itself for want of nothing but our signal.
  const elsewhere = `unshare -n timeout -s TERM 3 "$@"; test $? = 124`;
  const third = await world.program([
    '/bin/sh',
    '-c',
    elsewhere,
    'rae-third',
    ...other.program,
    'daemon',
    ...other.places,
  ]);
  expect([third.code, third.stderr]).toEqual([0, expect.stringContaining(' runs; ')]);
  expect((await firewall.status()).pid).toBe(firewall.pid);
});

test('what a killed engine left does not stop the next one, and reset ends an engine on any socket', async ({
  world,
}) => {
  await using killed = await Firewall.start(world, { config: OPEN });
  await killed.end('SIGKILL');
  await until('nothing runs any more', SAID_MS, async () => (await killed.processes()).length === 0);
  await using firewall = await Firewall.start(world);
  const reset = await killed.cli(['reset']);
  expect([reset.code, reset.stderr]).toEqual([0, '']);
  expect(reset.stdout).toContain('the running engine was stopped');
  expect(await firewall.processes()).toEqual([]);
  expect(await tables(world)).toBe('');
  expect(await reaches(world, await world.host('reset-elsewhere'))).toBe(true);
});

test('rules that those of another program outrank are shown as not in force', async ({ world }) => {
  await using firewall = await Firewall.start(world);
  const chain = 'type nat hook output priority -150\ndnat to 192.0.2.1\n';
  const client = ['ip', 'netns', 'exec', world.names.client];
  await must([...client, 'nft', `table ip earlier {\nchain out {\n${chain}}\n}`]);
  const probe = await firewall.cli(['anchor', 'probe', '--json']);
  expect([JSON.parse(probe.stdout).state, probe.code]).toEqual(['not_enforced', 1]);
  const status = await firewall.cli(['status']);
  expect(status.code).toBe(1);
  expect(status.stdout).toContain('NOT ENFORCED');
  await must([...client, 'nft', 'delete', 'table', 'ip', 'earlier']);
});

test('a machine without the privilege is told what is missing, and nothing changes', async ({ world }) => {
  await using firewall = new Firewall(world);
  const ran = await world.program([publicBinary(world), 'daemon'], { uid: 65_534, env: { HOME: '/tmp' } });
  expect(ran.code).toBe(3);
  expect(ran.stderr).toMatch(/root|sudo/);
  expect(await tables(world)).toBe('');
  expect(await firewall.processes()).toEqual([]);
});

test('without a terminal the bare command runs the engine and prints the log as lines', async ({ world }) => {
  await using firewall = await Firewall.start(world, { command: [] });
  const host = await world.host('as-lines');
  await firewall.rule('block', host.name);
  expect(await reachesNothing(world, host)).toBe(true);
  const lines = await until('the log is printed', SAID_MS, async () => {
    const printed = (await firewall.printed()).split('\n').filter((line) => line.includes(host.name));
    return printed.length === 2 && printed;
  });
  for (const line of lines) expect(line).toMatch(/BLOCK.*python3.*as-lines\.e2e\.test:443/);
  expect(await firewall.end('SIGTERM')).toBe(0);
});
