import { expect } from 'bun:test';
import { copyFileSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { hello } from './clients/talk.ts';
import { endToEnd } from './world/end-to-end.ts';
import { Firewall } from './world/firewall.ts';
import { ENV, must } from './world/run.ts';
import type { World } from './world/world.ts';

/** Addresses of the local network, which `intercept.skip` leaves alone; the servers of the internet answer there too. */
const LAN = ['192.168.77.2', '192.168.77.3', '192.168.78.5', '192.168.78.6', 'fd77::2', 'fd77::3', 'fd78::2'];
// What is not decided is refused, and lockdown passes least: a neighbour of a blocked address still passes.
const STRICT = '[policy]\nmode = "lockdown"\nunattended = "block"\n';

const test = endToEnd('skipped', null);

async function start(world: World, config = STRICT): Promise<Firewall> {
  for (const ip of LAN) {
    const at = ip.includes(':') ? [`${ip}/128`, 'dev', 'lo', 'nodad'] : [`${ip}/32`, 'dev', 'lo'];
    await must(['ip', '-n', world.names.internet, 'addr', 'replace', ...at]);
  }
  return Firewall.start(world, { config });
}

async function reaches(world: World, ip: string, python?: string): Promise<boolean> {
  if (python === undefined) return (await hello(world, { ip, name: null })).outcome === 'answered';
  const dial = 'import socket,sys; socket.create_connection((sys.argv[1], 443), 5).close()';
  const before = await world.arrived(ip);
  await world.program([python, '-c', dial, ip]);
  return (await world.arrived(ip)).syn > before.syn;
}

const explained = async (firewall: Firewall, ...args: string[]) =>
  JSON.parse((await firewall.cli(['explain', ...args, '--json'])).stdout);

test('a block in a skipped range blocks from the moment it is made until it is removed, both families, address and range', async ({
  world,
}) => {
  await using firewall = await start(world);
  for (const [target, inside, outside] of [
    ['192.168.77.2', '192.168.77.2', '192.168.77.3'],
    ['192.168.78.0/24', '192.168.78.6', '192.168.77.3'],
    ['fd77::2', 'fd77::2', 'fd77::3'],
    ['fd77::/64', 'fd77::3', 'fd78::2'],
  ] as const) {
    expect(await reaches(world, inside)).toBe(true);
    expect((await explained(firewall, inside)).verdict).toMatchObject({ kind: 'allow', stage: 'skip' });
    const before = await world.arrived(inside);
    const [id] = (await firewall.rule('block', target)).split(' ');
    expect(await reaches(world, inside)).toBe(false);
    expect(await world.arrived(inside)).toEqual(before);
    expect((await explained(firewall, inside)).verdict).toMatchObject({ kind: 'block', stage: 'rules' });
    expect(await reaches(world, outside)).toBe(true);
    expect((await explained(firewall, outside)).verdict).toMatchObject({ kind: 'allow', stage: 'skip' });
    expect((await firewall.cli(['rules', 'remove', id ?? ''])).code).toBe(0);
    expect(await reaches(world, inside)).toBe(true);
    // What passes unseen leaves no row: the only one is that of the refused connection.
    expect((await firewall.flow(`ip:${inside}`)).verdict).toMatchObject({ kind: 'block', reason: 'rule' });
  }
  expect((await firewall.status()).interference).toBeNull();
});

test('a block for one program leaves others alone, an allow rule inside a blocked range passes, whatever the mode', async ({
  world,
}) => {
  const villain = `${world.folder}/lan-villain`;
  copyFileSync(realpathSync(Bun.which('python3', { PATH: ENV.PATH }) ?? ''), villain);
  await must(['chmod', '755', villain]);
  for (const config of [STRICT, '[policy]\nunattended = "block"\n']) {
    await using firewall = await start(world, config);
    await firewall.rule('block', '192.168.77.3', '--app', villain);
    expect(await reaches(world, '192.168.77.3', villain)).toBe(false);
    expect(await reaches(world, '192.168.77.3')).toBe(true);
    const passed = await firewall.flow('ip:192.168.77.3 verdict:allow');
    expect(passed.verdict).toMatchObject({ stage: 'skip', reason: 'skipped' });
    await firewall.rule('block', '192.168.78.0/24');
    await firewall.rule('allow', '192.168.78.5');
    expect(await reaches(world, '192.168.78.5')).toBe(true);
    expect(await reaches(world, '192.168.78.6')).toBe(false);
  }
});

test('a block from a file of rules.d holds from the start on', async ({ world }) => {
  await using firewall = await start(world);
  mkdirSync(`${firewall.folder}/rules.d`, { mode: 0o755 });
  const file = `${firewall.folder}/rules.d/lan.toml`;
  writeFileSync(file, '[[rules]]\naction = "block"\nhost = "fd78::/16"\n', { mode: 0o644 });
  await firewall.end('SIGTERM');
  await firewall.start();
  expect(await reaches(world, 'fd78::2')).toBe(false);
  expect(await reaches(world, '192.168.77.2')).toBe(true);
});

test('a rule for this machine itself is said to have no effect, when it is made, in the list and by explain', async ({
  world,
}) => {
  await using firewall = await start(world);
  const made = await firewall.cli(['block', '127.0.0.1']);
  const why = 'connections of this machine to itself never come to the firewall, and no rule counts';
  expect([made.code, made.stderr]).toEqual([0, expect.stringContaining(`this rule has no effect: ${why}`)]);
  expect((await firewall.cli(['rules', 'list'])).stdout).toContain(`(no effect: ${why})`);
  const explanation = await firewall.cli(['explain', '127.0.0.1']);
  expect(explanation.code).toBe(0);
  expect(explanation.stdout).toContain(why);
  expect((await firewall.cli(['explain', '127.0.0.1', '--offline'])).stdout).toContain(why);
});
