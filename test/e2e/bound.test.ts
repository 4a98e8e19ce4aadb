import { expect } from 'bun:test';
import { endToEnd } from './world/end-to-end.ts';
import type { World } from './world/world.ts';

const test = endToEnd('bound', () => ({ config: '[policy]\nunattended = "allow"\n' }));

const PROXY_PORT = 297;
const DEVICE = 'up0';

async function dial(world: World, args: object): Promise<string> {
  const client = ['python3', `${import.meta.dir}/clients/bound.py`, JSON.stringify(args)];
  const { stdout, stderr } = await world.program(client);
  expect(stderr).toBe('');
  return JSON.parse(stdout).outcome;
}

/** Packets that the last rule of ours stopped. */
async function stopped(world: World): Promise<number> {
  const { stdout } = await world.program(['nft', 'list', 'chain', 'inet', 'resolagent', 'refuse_astray']);
  return [...stdout.matchAll(/counter packets (\d+) /g)].reduce(
    (sum, [, packets]) => sum + Number(packets),
    0,
  );
}

test('a socket bound to a device sends no byte to the next hop, with and without fast open, and is counted', async ({
  world,
}) => {
  // Data goes with the first packet without a cookie of that server.
  expect((await world.program(['sysctl', '-qw', 'net.ipv4.tcp_fastopen=5'])).code).toBe(0);
  const host = await world.host('bound-to-device');
  for (const fast of [true, false]) {
    for (const ip of [host.ip4, host.ip6]) {
      const before = await stopped(world);
      expect(await dial(world, { ip, port: 443, device: DEVICE, fast })).toBe('ETIMEDOUT');
      expect(await stopped(world)).toBeGreaterThan(before);
    }
  }
  const nowhere = { syn: 0, payload: 0, udp: 0 };
  for (const ip of ['127.0.0.1', '::1']) expect(await world.arrived(ip, PROXY_PORT)).toEqual(nowhere);
  for (const ip of [host.ip4, host.ip6]) expect(await world.arrived(ip)).toEqual(nowhere);
});

test('fast open alone is redirected like any connection', async ({ world, firewall }) => {
  const host = await world.host('fast-open');
  await firewall.rule('block', host.ip4);
  const outcome = await dial(world, { ip: host.ip4, port: 443, device: '', fast: true });
  expect(['closed', 'ECONNRESET']).toContain(outcome);
  expect((await firewall.flow(`ip:${host.ip4}`)).verdict.stage).toBe('rules');
  expect(await world.arrived(host.ip4)).toEqual({ syn: 0, payload: 0, udp: 0 });
});
