import { expect } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { renderRelease } from '../../nft/table.ts';
import { always, until } from '../until.ts';
import { hello } from './clients/talk.ts';
import { endToEnd, report } from './world/end-to-end.ts';
import { Firewall } from './world/firewall.ts';
import { must } from './world/run.ts';
import type { Host, World } from './world/world.ts';

/** The promises, and what a machine that has other things to do may take more. */
const NOTICED_MS = 5_000 + 3_000;
const RESTORED_MS = 1_000 + 2_000;
const SAID_MS = 20_000;
/** Longer than an engine may hang. */
const LONGER_MS = 6_000;
/** Less than a reset may take to end an engine, and more than the engine takes to mend. */
const RELEASED_MS = 3_000;
const OPEN = '[intercept]\nfailMode = "open"\n';
const CLOSED = '[intercept]\nfailMode = "closed"\n';

/** A program that accepts on a unix socket and never answers. */
const MUTE = `
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen()
kept = []
while True: kept.append(s.accept())
`;

const test = endToEnd('hung', null);

async function nft(world: World, ...words: string[]): Promise<string> {
  return (await must(['ip', 'netns', 'exec', world.names.client, 'nft', ...words])).trim();
}

async function isFree(world: World): Promise<boolean> {
  return !(await nft(world, 'list', 'ruleset')).includes('redirect to');
}

async function curl(world: World, host: Host): Promise<number | null> {
  return (await world.program(['curl', '-sS', '-m', '0.5', '-o', '/dev/null', `http://${host.name}/`])).code;
}

async function isRefused(world: World, host: Host): Promise<boolean> {
  return (await hello(world, { ip: host.ip4, name: host.name })).outcome === 'refused';
}

// By an end with and without an answer before it, and by a reset.
const ENDED = ['18', '52', '56'];

/** How curl ends whose connection, open through the engine, would else stay open. */
async function held(firewall: Firewall, host: Host): Promise<{ readonly code: Promise<string> }> {
  const { world } = firewall;
  const ran = world.program(['curl', '-sSN', `http://${host.name}/hold`], { limitMs: SAID_MS });
  await until('the connection is open', SAID_MS, async () => (await firewall.status()).counts.open === 1);
  return { code: ran.then(({ code }) => String(code)) };
}

function isStopped(pid: number): boolean {
  return existsSync(`/proc/${pid}/stat`) && readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') T ');
}

test('with failMode open the network works again 5 s after the engine hangs, and the engine does not come back', async ({
  world,
}) => {
  await using firewall = await Firewall.start(world, { config: OPEN });
  const host = await world.host('hung-open');
  const program = await held(firewall, host);
  const { pid } = firewall;
  process.kill(pid, 'SIGSTOP');
  const started = performance.now();
  await until(
    'the network works without the engine',
    NOTICED_MS,
    async () => (await curl(world, host)) === 0,
  );
  report(`the network worked ${Math.round(performance.now() - started)} ms after SIGSTOP`);
  await until('the rules are gone', NOTICED_MS, async () => (await nft(world, 'list', 'tables')) === '');
  expect(ENDED).toContain(await program.code);
  await until('nothing runs any more', SAID_MS, async () => (await firewall.processes()).length === 0);
  expect(await firewall.said()).toContain(
    `the engine (pid ${pid}) hung for about 5 s; it was killed, and its rules were removed`,
  );
  const status = await firewall.cli(['status']);
  expect([status.code, status.stdout]).toEqual([1, expect.stringContaining('no engine runs')]);
  await firewall.start();
  expect((await firewall.status()).ledger.state).toBe('ok');
});

test('with failMode closed an engine that hangs is killed, and the network stays shut', async ({ world }) => {
  await using firewall = await Firewall.start(world, { config: CLOSED });
  const host = await world.host('hung-closed');
  const { pid } = firewall;
  process.kill(pid, 'SIGSTOP');
  await until('connections are refused', NOTICED_MS, () => isRefused(world, host));
  await until('nothing runs any more', SAID_MS, async () => (await firewall.processes()).length === 0);
  expect(await firewall.said()).toContain(
    `the engine (pid ${pid}) hung for about 5 s; it was killed, and its rules stay`,
  );
  expect(await isFree(world)).toBe(false);
  expect(await isRefused(world, host)).toBe(true);
  expect(await world.arrived(host.ip4)).toMatchObject({ syn: 0, payload: 0 });
});

test('an engine and a watchdog that are stopped together go on together', async ({ world }) => {
  await using firewall = await Firewall.start(world, { config: OPEN });
  const host = await world.host('slept');
  const pids = await firewall.processes();
  expect(pids).toHaveLength(2);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  await until('both are stopped', SAID_MS, () => pids.every(isStopped));
  await always('both are stopped', LONGER_MS, async () => pids.every(isStopped));
  for (const pid of pids) process.kill(pid, 'SIGCONT');
  await until('the network works', SAID_MS, async () => (await curl(world, host)) === 0);
  await always('both run', LONGER_MS, async () => (await firewall.processes()).length === 2);
  expect((await firewall.processes()).sort()).toEqual(pids.sort());
  expect((await firewall.status()).enforcement.state).toBe('enforced');
});

test('reset restores the network in a second with a hung engine, which it kills, and every program hears of it', async ({
  world,
}) => {
  for (const config of [OPEN, CLOSED]) {
    await using firewall = await Firewall.start(world, { config });
    const host = await world.host(config === OPEN ? 'reset-open' : 'reset-closed');
    const program = await held(firewall, host);
    const { pid } = firewall;
    process.kill(pid, 'SIGSTOP');
    const started = performance.now();
    const reset = firewall.cli(['reset']);
    await until('the rules are gone', RESTORED_MS, () => isFree(world));
    report(`the rules were gone ${Math.round(performance.now() - started)} ms after the start of reset`);
    expect(await curl(world, host)).toBe(0);
    const { code, stdout, stderr, tookMs } = await reset;
    report(`reset ended after ${Math.round(tookMs)} ms`);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      new RegExp(`\\(pid ${pid}\\) did not stop when asked and was killed.*\\n.*the network works`),
    );
    expect(await nft(world, 'list', 'tables')).toBe('');
    expect(ENDED).toContain(await program.code);
    await until('nothing runs any more', SAID_MS, async () => (await firewall.processes()).length === 0);
  }
});

test('reset stops a healthy engine, and every program hears of it', async ({ world }) => {
  await using firewall = await Firewall.start(world, { config: OPEN });
  const host = await world.host('reset-healthy');
  const program = await held(firewall, host);
  const reset = await firewall.cli(['reset']);
  expect([reset.code, reset.stderr]).toEqual([0, '']);
  expect(reset.stdout).toContain('the running engine was stopped');
  expect(await nft(world, 'list', 'tables')).toBe('');
  expect(ENDED).toContain(await program.code);
  expect((await firewall.flow(`host:=${host.name}`)).state).toBe('engine_stopped');
});

test('rules that reset released stay out of force for as long as it needs to end the engine, and come back when it does not', async ({
  world,
}) => {
  await using firewall = await Firewall.start(world, { config: CLOSED });
  const host = await world.host('released');
  await must(['ip', 'netns', 'exec', world.names.client, 'nft', '-f', '-'], { stdin: renderRelease() });
  await always('they are out of force', RELEASED_MS, () => isFree(world));
  expect(await curl(world, host)).toBe(0);
  expect((await firewall.status()).enforcement).toMatchObject({
    state: 'not_enforced',
    detail: "'resolagent reset' released the kernel rules",
  });
  await until('they are back', SAID_MS, async () => !(await isFree(world)));
});

test('reset ends although something on the socket accepts and never answers', async ({ world }) => {
  await using firewall = await Firewall.start(world, { config: CLOSED });
  const host = await world.host('mute');
  await firewall.end('SIGKILL');
  await must(['rm', '-f', firewall.socket]);
  const mute = Bun.spawn(['python3', '-c', MUTE, firewall.socket], { stdio: ['ignore', 'ignore', 'ignore'] });
  try {
    await until('it listens', SAID_MS, () => existsSync(firewall.socket));
    const started = performance.now();
    const reset = firewall.cli(['reset']);
    await until('the rules are gone', RESTORED_MS, () => isFree(world));
    report(`the rules were gone ${Math.round(performance.now() - started)} ms after the start of reset`);
    const { code, stdout } = await reset;
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining(`(pid ${mute.pid}) does not answer and is no engine`),
    ]);
    expect(await curl(world, host)).toBe(0);
    expect(mute.exitCode).toBeNull();
  } finally {
    mute.kill('SIGKILL');
    await mute.exited;
  }
});
