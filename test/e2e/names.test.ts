import { expect } from 'bun:test';
import { hello, talk, whereOf } from './clients/talk.ts';
import { endToEnd } from './world/end-to-end.ts';
import { must } from './world/run.ts';
import { expectUntouched } from './world/untouched.ts';
import type { Host, World } from './world/world.ts';

const MOVES = 10;
/** Less than the engine waits for a server that does not answer. */
const DEAD_MS = 4_000;
const FAMILIES = [4, 6] as const;

function hexOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex');
}

/** Sends a ClientHello whose server name is exactly these bytes; the name it was built with never leaves. */
function helloSpelt(world: World, ip: string, spelling: string): ReturnType<typeof hello> {
  const sni = hexOf(spelling);
  return hello(world, { ip, name: 'p'.repeat(sni.length / 2), sni });
}

/** What `openssl s_client -servername` gets: the exit code. */
async function sClient(world: World, ip: string, servername: string): Promise<number | null> {
  const args = ['-connect', `${ip}:443`, '-servername', servername, '-CAfile', world.certificates.ca];
  return (await world.program(['openssl', 's_client', ...args])).code;
}

const test = endToEnd('names', () => ({}));

for (const family of FAMILIES) {
  test(`a forged server name over IPv${family} leads to the named host, never to the dialled one`, async ({
    world,
    firewall,
  }) => {
    const allowed = await world.host(`true-${family}`);
    const forbidden = await world.host(`dialled-${family}`);
    await firewall.rule('allow', allowed.name);
    await firewall.rule('block', forbidden.name);
    const dialled = family === 4 ? forbidden.ip4 : forbidden.ip6;
    const reached = family === 4 ? allowed.ip4 : allowed.ip6;
    const forged = await hello(world, { ip: dialled, name: allowed.name });
    expect(whereOf(forged.body)).toMatchObject({ ip: reached, sni: allowed.name });
    const host = ['-H', `Host: ${allowed.name}`, `http://${family === 4 ? dialled : `[${dialled}]`}/`];
    const plain = await world.program(['curl', '-sS', ...host]);
    expect(whereOf(plain.stdout)).toMatchObject({ ip: reached, host: allowed.name });
    for (const flow of await firewall.flows(`host:=${allowed.name}`)) {
      expect(flow).toMatchObject({ nameMismatch: true, upstreamIp: reached, target: { ip: dialled } });
    }
    await expectUntouched(world, forbidden);
  });
}

test('a forged name without an address leads nowhere', async ({ world, firewall }) => {
  const dialled = await world.host('dialled-nowhere');
  const refused = await hello(world, { ip: dialled.ip4, name: 'there-is-no-such-host.e2e.test' });
  expect(refused.outcome).toBe('reset');
  const flow = await firewall.flow('host:=there-is-no-such-host.e2e.test');
  expect(flow.verdict).toMatchObject({ kind: 'block', stage: 'name', reason: 'name_unresolved' });
  await expectUntouched(world, dialled);
});

test('a name that leads to the machine itself or its network is not followed there', async ({
  world,
  firewall,
}) => {
  const dialled = await world.host('dialled-inward');
  await world.internet.setName(
    'inward.e2e.test',
    ['127.0.0.1', '10.0.0.1', '169.254.169.254'],
    ['::1', 'fe80::1'],
  );
  for (const ip of [dialled.ip4, dialled.ip6]) {
    expect((await hello(world, { ip, name: 'inward.e2e.test' })).outcome).toBe('reset');
  }
  for (const { verdict } of await firewall.flows('host:=inward.e2e.test')) {
    expect(verdict).toMatchObject({ kind: 'block', stage: 'name', reason: 'name_private' });
  }
  await expectUntouched(world, dialled);
});

test('a name does not lead to an address that a rule blocks, unless a rule allows the name', async ({
  world,
  firewall,
}) => {
  const host = await world.host('blocked-address');
  const other = await world.host('innocent');
  await firewall.rule('block', host.ip4);
  // Dialled elsewhere, the name would lead to the blocked address.
  expect((await hello(world, { ip: other.ip4, name: host.name })).outcome).toBe('reset');
  const flow = await firewall.flow(`host:=${host.name}`);
  expect(flow.verdict).toMatchObject({ kind: 'block', reason: 'upstream_blocked' });
  await expectUntouched(world, host);
  await expectUntouched(world, other);
  await firewall.rule('allow', host.name);
  expect(whereOf((await hello(world, { ip: host.ip4, name: host.name })).body).ip).toBe(host.ip4);
});

test('a name that moves again and again is followed each time, whatever time its answers were given', async ({
  world,
  firewall,
}) => {
  const name = 'moving.e2e.test';
  const stranger = await world.host('stranger');
  const homes = [await world.host('first-home'), await world.host('second-home')];
  for (let move = 0; move < MOVES; move++) {
    const home = homes[move % homes.length] as Host;
    await world.internet.setName(name, [home.ip4], []);
    for (const ip of [home.ip4, stranger.ip4]) {
      const { body } = await hello(world, { ip, name });
      expect([move, ip, body === null ? null : whereOf(body).ip]).toEqual([move, ip, home.ip4]);
    }
  }
  const flows = await firewall.flows(`host:=${name}`);
  expect(flows.map((flow) => flow.nameMismatch)).toEqual(Array(MOVES).fill([false, true]).flat());
});

test('a name that moved away from a server that is dead is reached without waiting for it', async ({
  world,
}) => {
  const dead = await world.host('dead-home');
  const home = await world.host('new-home');
  const stranger = await world.host('never-its-home');
  await must(['ip', '-n', world.names.internet, 'route', 'add', 'blackhole', dead.ip4, 'table', 'local']);
  const name = 'moved-away.e2e.test';
  await world.internet.setName(name, [dead.ip4], []);
  expect((await hello(world, { ip: dead.ip4, name, giveUpMs: DEAD_MS })).outcome).toBe('timeout');
  await world.internet.setName(name, [home.ip4], []);
  // By what DNS says now, by what the program heard before, and by an address that was never the name's.
  for (const ip of [home.ip4, dead.ip4, stranger.ip4]) {
    const answered = await hello(world, { ip, name, giveUpMs: DEAD_MS });
    expect([ip, answered.body === null ? answered.outcome : whereOf(answered.body).ip]).toEqual([
      ip,
      home.ip4,
    ]);
  }
});

test('no spelling of a blocked name passes', async ({ world, firewall }) => {
  const host = await world.host('spelt');
  await firewall.rule('block', host.name);
  for (const spelling of [
    'spelt.e2e.test',
    'SPELT.e2e.test',
    'Spelt.E2E.Test',
    'spelt.e2e.test.',
    'SPELT.E2E.TEST.',
    'deep.under.spelt.e2e.test',
  ]) {
    expect([spelling, (await helloSpelt(world, host.ip4, spelling)).outcome]).toEqual([spelling, 'reset']);
    expect([spelling, await sClient(world, host.ip4, spelling)]).toEqual([spelling, 1]);
    const plain = ['-H', `Host: ${spelling}:80`, `http://${host.ip4}/`];
    const { stdout } = await world.program(['curl', '-sS', '-w', '%{http_code}', ...plain]);
    expect([spelling, stdout.slice(-3)]).toEqual([spelling, '403']);
  }
  await expectUntouched(world, host);
});

test('no spelling of a blocked international name passes', async ({ world, firewall }) => {
  const host = await world.host('xn--bcher-kva');
  await firewall.rule('block', 'bücher.e2e.test');
  for (const spelling of [
    'xn--bcher-kva.e2e.test',
    'XN--BCHER-KVA.e2e.test',
    'Xn--Bcher-Kva.e2e.test.',
    'bücher.e2e.test',
    'BÜCHER.e2e.test',
    'bu\u0308cher.e2e.test',
    'bücher\u3002e2e\u3002test',
  ]) {
    expect([spelling, (await helloSpelt(world, host.ip4, spelling)).outcome]).toEqual([spelling, 'reset']);
    expect([spelling, await sClient(world, host.ip4, spelling)]).toEqual([spelling, 1]);
  }
  for (const url of ['http://bücher.e2e.test/', 'http://xn--bcher-kva.e2e.test/']) {
    const { stdout } = await world.program(['curl', '-sS', '-w', '%{http_code}', url]);
    expect([url, stdout.slice(-3)]).toEqual([url, '403']);
  }
  await expectUntouched(world, host);
});

test('a bare address is decided by address', async ({ world, firewall }) => {
  const open = await world.host('bare-open');
  const shut = await world.host('bare-shut');
  await firewall.rule('block', `${shut.ip4}/32`);
  await firewall.rule('block', shut.ip6);
  for (const [passes, refused] of [
    [open.ip4, shut.ip4],
    [open.ip6, shut.ip6],
  ] as const) {
    expect(whereOf((await hello(world, { ip: passes, name: null })).body).ip).toBe(passes);
    expect((await hello(world, { ip: refused, name: null })).outcome).toBe('reset');
    const text = 'hello there\n';
    expect(await talk(world, { ip: passes, port: 7003, text, end: true })).toMatchObject({
      outcome: 'ended',
      text,
    });
    const named = await firewall.flows(`ip:${passes}`);
    expect(named.map(({ target }) => target.host)).toEqual([null, null]);
  }
  await expectUntouched(world, shut);
});

test('only the port that a rule names is blocked', async ({ world, firewall }) => {
  const host = await world.host('one-port');
  await firewall.rule('block', `${host.name}:443`);
  expect((await hello(world, { ip: host.ip4, name: host.name })).outcome).toBe('reset');
  const plain = await world.program(['curl', '-sS', `http://${host.name}/`]);
  expect(whereOf(plain.stdout).host).toBe(host.name);
});

test('only the program or user that a rule names is blocked', async ({ world, firewall }) => {
  const host = await world.host('one-program');
  await firewall.rule('block', host.name, '--app', 'curl');
  await firewall.rule('block', host.name, '--user', 'nobody');
  const url = `https://${host.name}/`;
  const curl = await world.program(['curl', '-sS', '--cacert', world.certificates.ca, url]);
  expect(curl.code).not.toBe(0);
  const wget = ['wget', '-q', '--tries=1', `--ca-certificate=${world.certificates.ca}`, '-O', '-', url];
  expect((await world.program(wget)).stdout).toContain(host.name);
  expect((await world.program(wget, { uid: 65_534 })).code).not.toBe(0);
});
