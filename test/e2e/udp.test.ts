import { expect } from 'bun:test';
import { datagram } from './clients/talk.ts';
import { endToEnd, report } from './world/end-to-end.ts';
import { INTERNET } from './world/network.ts';

const AT_ONCE_MS = 1_000;

const test = endToEnd('UDP', () => ({}));

for (const [family, ip] of [
  [4, INTERNET.dns4],
  [6, INTERNET.dns6],
] as const) {
  test(`QUIC over IPv${family} is refused at once, so that browsers fall back to TCP`, async ({ world }) => {
    const refused = await datagram(world, { ip, port: 443, text: 'would be QUIC' });
    expect(refused.outcome).toBe('refused');
    expect(refused.ms).toBeLessThan(AT_ONCE_MS);
    report(`QUIC refused after ${refused.ms.toFixed(1)} ms`);
    expect((await world.arrived(ip, 443)).udp).toBe(0);
  });

  test(`other UDP over IPv${family} passes`, async ({ world }) => {
    const text = 'a datagram';
    expect(await datagram(world, { ip, port: 7000, text })).toMatchObject({ outcome: 'answered', text });
    expect((await world.arrived(ip, 7000)).udp).toBe(1);
  });
}

test('names are resolved, over UDP by the system and over TCP through the firewall', async ({
  world,
  firewall,
}) => {
  const host = await world.host('resolved');
  const found = await world.program(['getent', 'ahosts', host.name]);
  expect(found.stdout).toContain(host.ip4);
  expect(found.stdout).toContain(host.ip6);
  const overTcp = await world.program(['curl', '-sS', `http://${host.name}/`], {
    env: { RES_OPTIONS: 'use-vc' },
  });
  expect(overTcp.stdout).toContain(host.name);
  const flows = await firewall.flows(`ip:${INTERNET.dns4}`);
  expect(flows.length).toBeGreaterThan(0);
  for (const flow of flows) expect(flow).toMatchObject({ target: { port: 53 }, effect: 'forward' });
});

test('local and private destinations are left alone', async ({ world, firewall }) => {
  for (const ip of ['127.0.0.1', '::1', '10.1.2.3', 'fe80::1%up0']) {
    await world.program([
      'curl',
      '-sS',
      '--max-time',
      '1',
      `http://${ip.includes(':') ? `[${ip}]` : ip}:7003/`,
    ]);
  }
  const flows = await firewall.flows('');
  expect(flows.filter(({ target }) => target.port === 7003)).toEqual([]);
});
