import { expect } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { CLIENTS, fetchWith } from './clients/fetch.ts';
import { hello, talk } from './clients/talk.ts';
import { endToEnd, report } from './world/end-to-end.ts';
import { expectUntouched } from './world/untouched.ts';
import type { Host, World } from './world/world.ts';

/** Far above what is aimed at (50 ms): a busy machine must not fail the test. */
const FAST_MS = 2_000;
const ROUNDS = 20;
const FAMILIES = [4, 6] as const;

function listedName(label: string): string {
  return `${label}.listed.e2e.test`;
}

/** A list in hosts format, so that the reason can name its line. */
function config(world: World): { config: string } {
  const list = `${world.folder}/own-list.txt`;
  writeFileSync(list, '# a list of our own\n0.0.0.0 listed.e2e.test\n', { mode: 0o644 });
  return { config: `[[lists.files]]\npath = "${list}"\nname = "own list"\n` };
}

function ipOf(host: Host, family: 4 | 6): string {
  return family === 4 ? host.ip4 : host.ip6;
}

/** What curl shows of a refused plain request: status and body. */
async function httpAnswer(world: World, host: Host, family: 4 | 6): Promise<string> {
  const args = ['curl', '-sS', `-${family}`, '-w', '\n%{http_code}', `http://${host.name}/secret`];
  return (await world.program(args)).stdout;
}

const test = endToEnd('blocked', config);

for (const family of FAMILIES) {
  test(`a name blocked by rule is refused over IPv${family}, and nothing reaches its server`, async ({
    world,
    firewall,
  }) => {
    const host = await world.host(`ruled-${family}`);
    await firewall.rule('block', host.name);
    const refused = await hello(world, { ip: ipOf(host, family), name: host.name });
    expect(refused.outcome).toBe('reset');
    expect(refused.ms).toBeLessThan(FAST_MS);
    // The client was given the address: whoever looked the name up would have been the firewall.
    expect(await world.internet.queries(host.name)).toBe(0);
    const answer = await httpAnswer(world, host, family);
    expect(answer).toContain(`resolagent blocked ${host.name}`);
    expect(answer).toEndWith('\n403');
    const flows = await firewall.flows(`host:=${host.name}`);
    expect(flows.map(({ effect }) => effect)).toEqual(['reset', 'forbidden']);
    for (const flow of flows) {
      expect(flow).toMatchObject({
        verdict: { kind: 'block', stage: 'rules', reason: 'rule' },
        state: 'refused',
        upstreamIp: null,
        connectUs: null,
        bytesOut: 0,
      });
    }
    await expectUntouched(world, host);
  });

  test(`a name under a listed one is refused over IPv${family} with the entry as the reason`, async ({
    world,
    firewall,
  }) => {
    const host = await world.host(listedName(`deep-${family}`).replace('.e2e.test', ''));
    const refused = await hello(world, { ip: ipOf(host, family), name: host.name });
    expect(refused.outcome).toBe('reset');
    expect(await httpAnswer(world, host, family)).toMatch(/own list[\s\S]*\n403$/);
    const flows = await firewall.flows(`host:=${host.name}`);
    expect(flows).toHaveLength(2);
    for (const { verdict } of flows) {
      expect(verdict).toMatchObject({ kind: 'block', stage: 'blocklist', reason: 'blocklisted' });
      expect(verdict.evidence[0]).toMatchObject({
        kind: 'list',
        list: 'own list',
        entry: 'listed.e2e.test',
        line: 2,
      });
    }
    await expectUntouched(world, host);
  });

  test(`an IPv${family} address blocked by rule is refused, named or bare, speaking or silent`, async ({
    world,
    firewall,
  }) => {
    const host = await world.host(`address-${family}`);
    const ip = ipOf(host, family);
    await firewall.rule('block', ip);
    expect((await hello(world, { ip, name: host.name })).outcome).toBe('reset');
    expect((await hello(world, { ip, name: null })).outcome).toBe('reset');
    expect((await talk(world, { ip, port: 25 })).outcome).toBe('reset');
    expect((await talk(world, { ip, port: 7003, text: 'neither TLS nor HTTP\n' })).outcome).toBe('reset');
    const other = ipOf(host, family === 4 ? 6 : 4);
    expect((await hello(world, { ip: other, name: host.name })).outcome).toBe('answered');
    expect(await world.internet.accepted(ip)).toEqual([]);
    expect(await world.arrived(ip)).toMatchObject({ syn: 0, payload: 0 });
  });
}

test('every client is refused a blocked name', async ({ world, firewall }) => {
  for (const client of CLIENTS) {
    const host = await world.host(`all-${client}`);
    await firewall.rule('block', host.name);
    const fetched = fetchWith(client, world, { url: `https://${host.name}/bytes/1`, family: 4 });
    expect(
      await fetched.then(
        () => 'got it',
        () => 'refused',
      ),
    ).toBe('refused');
    const flow = await firewall.flow(`host:=${host.name}`);
    expect(flow.verdict).toMatchObject({ kind: 'block', stage: 'rules' });
    await expectUntouched(world, host);
  }
});

test('an allowed name goes on working beside the blocked ones', async ({ world, firewall }) => {
  const blocked = await world.host('half-blocked');
  const allowed = await world.host('half-allowed');
  await firewall.rule('block', blocked.name);
  await firewall.rule('allow', allowed.name);
  const answered = await hello(world, { ip: allowed.ip4, name: allowed.name });
  expect(answered).toMatchObject({ outcome: 'answered', fingerprint: world.certificates.fingerprint });
  expect((await firewall.flow(`host:=${allowed.name}`)).verdict).toMatchObject({
    kind: 'allow',
    stage: 'rules',
  });
  // The counters that prove silence elsewhere do count.
  const arrived = await world.arrived(allowed.ip4, 443);
  expect(arrived.syn).toBe(1);
  expect(arrived.payload).toBeGreaterThan(0);
  expect(await world.internet.accepted(allowed.ip4)).toHaveLength(1);
  expect((await hello(world, { ip: blocked.ip4, name: blocked.name })).outcome).toBe('reset');
});

test('an upload to a blocked name gets its 403 and sends nothing on', async ({ world, firewall }) => {
  const host = await world.host('upload-blocked');
  await firewall.rule('block', host.name);
  const file = `${world.folder}/large`;
  writeFileSync(file, new Uint8Array(4_194_304), { mode: 0o644 });
  const args = [
    '-sS',
    '-H',
    'Expect:',
    '--data-binary',
    `@${file}`,
    '-w',
    '\n%{http_code}',
    `http://${host.name}/upload`,
  ];
  const ran = await world.program(['curl', ...args]);
  expect(ran.stdout).toEndWith('\n403');
  await expectUntouched(world, host);
});

test('a refusal is quick', async ({ world, firewall }) => {
  const host = await world.host('quick');
  await firewall.rule('block', host.name);
  const took: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const refused = await hello(world, { ip: host.ip4, name: host.name });
    expect(refused.outcome).toBe('reset');
    took.push(refused.ms + (refused.connectMs ?? 0));
  }
  took.sort((a, b) => a - b);
  const [fastest = 0, median = 0, slowest = 0] = [took[0], took[ROUNDS / 2], took[ROUNDS - 1]];
  report(
    `refused after ${fastest.toFixed(1)} ms at best, ${median.toFixed(1)} median, ${slowest.toFixed(1)} at worst (${ROUNDS})`,
  );
  expect(median).toBeLessThan(FAST_MS);
  await expectUntouched(world, host);
});
