import { expect } from 'bun:test';
import { chmodSync, writeFileSync } from 'node:fs';
import { until } from '../until.ts';
import { fetchWith } from './clients/fetch.ts';
import { hello } from './clients/talk.ts';
import { endToEnd } from './world/end-to-end.ts';
import { Firewall } from './world/firewall.ts';
import { expectUntouched } from './world/untouched.ts';
import type { Host, World } from './world/world.ts';

/** The engine looks at its files every two seconds. */
const READ_AGAIN_MS = 20_000;

const test = endToEnd('configuration', null);

async function outcomeOf(world: World, host: Host): Promise<string> {
  return (await hello(world, { ip: host.ip4, name: host.name })).outcome;
}

test('an error names file, line, key and value, and the engine does not start', async ({ world }) => {
  await using firewall = new Firewall(world);
  for (const [text, error] of [
    ['[policy]\nmode = "enforced"\n', ':2: policy.mode: '],
    ['[proxy]\n\nprot = 297\n', ':3: proxy.prot: is not a known key'],
    ['[proxy]\nport = 0\n', ':2: proxy.port: '],
    ['[intercept]\nskip = ["10.0.0.0/8", "10.0.0.0/33"]\n', 'intercept.skip.1: '],
    ['[policy\n', ':1: '],
  ] as const) {
    firewall.writeConfig(text);
    for (const command of [['config', 'check'], ['daemon']]) {
      const ran = await firewall.cli(command);
      expect([text, ran.code]).toEqual([text, command[0] === 'config' ? 1 : 2]);
      expect(ran.stderr).toContain(firewall.config);
      expect(ran.stderr).toContain(error);
    }
    const json = await firewall.cli(['config', 'check', '--json']);
    expect([json.code, JSON.parse(json.stdout)]).toEqual([
      1,
      { file: firewall.config, errors: [expect.stringContaining(error)], rules: 0 },
    ]);
  }
  expect(await firewall.processes()).toEqual([]);
});

test('a file that others can write is refused', async ({ world }) => {
  await using firewall = new Firewall(world);
  chmodSync(firewall.config, 0o666);
  const ran = await firewall.cli(['daemon']);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain(`chmod go-w ${firewall.config}`);
});

test('a running engine keeps its configuration when the file becomes bad, shows the error, and takes the next good one', async ({
  world,
}) => {
  const host = await world.host('kept-config');
  const blocked = await world.host('blocked-later');
  const list = `${world.folder}/later.txt`;
  writeFileSync(list, `${blocked.name}\n`, { mode: 0o644 });
  await using firewall = await Firewall.start(world, { config: '[policy]\nmode = "permissive"\n' });
  await firewall.rule('block', host.name);
  expect(await outcomeOf(world, host)).toBe('answered');

  firewall.writeConfig('[policy]\nmode = "nonsense"\n');
  const error = await until(
    'the error is shown',
    READ_AGAIN_MS,
    async () => (await firewall.status()).config.error,
  );
  expect(error).toMatch(/config\.toml:2: policy\.mode: .*nonsense/);
  expect(await firewall.status()).toMatchObject({ mode: 'permissive', enforcement: { state: 'enforced' } });
  expect(await outcomeOf(world, host)).toBe('answered');

  firewall.writeConfig(`[policy]\nmode = "enforce"\n[[lists.files]]\npath = "${list}"\n`);
  await until('the good file is read', READ_AGAIN_MS, async () => {
    const { mode, config } = await firewall.status();
    return mode === 'enforce' && config.error === null;
  });
  expect(await outcomeOf(world, host)).toBe('reset');
  await until(
    'its list is in force',
    READ_AGAIN_MS,
    async () => (await outcomeOf(world, blocked)) === 'reset',
  );
});

test('permissive forwards and writes down what would have been blocked', async ({ world }) => {
  await using firewall = await Firewall.start(world, { config: '[policy]\nmode = "permissive"\n' });
  const host = await world.host('permissive');
  await firewall.rule('block', host.name);
  const got = await fetchWith('curl', world, { url: `https://${host.name}/`, family: 4 });
  expect(got.fingerprint).toBe(world.certificates.fingerprint);
  expect(await firewall.flow(`host:=${host.name}`)).toMatchObject({
    mode: 'permissive',
    effect: 'forward',
    verdict: { kind: 'block', stage: 'rules' },
  });
});

test('lockdown passes only what an allow rule names', async ({ world }) => {
  await using firewall = await Firewall.start(world, { config: '[policy]\nmode = "lockdown"\n' });
  const allowed = await world.host('lockdown-allowed');
  const other = await world.host('lockdown-other');
  await firewall.rule('allow', allowed.name);
  expect(await outcomeOf(world, allowed)).toBe('answered');
  expect(await outcomeOf(world, other)).toBe('reset');
  expect((await firewall.flow(`host:=${other.name}`)).verdict.reason).toBe('lockdown');
  await expectUntouched(world, other);
});

test('what nothing decided is refused when policy.unattended says block', async ({ world }) => {
  await using firewall = await Firewall.start(world, { config: '[policy]\nunattended = "block"\n' });
  const bare = await world.host('unattended');
  expect((await hello(world, { ip: bare.ip4, name: null })).outcome).toBe('reset');
  expect(await firewall.flow(`ip:${bare.ip4}`)).toMatchObject({ defaulted: true, effect: 'reset' });
  expect((await firewall.status()).counts.defaulted).toBe(1);
  await expectUntouched(world, bare);
});

test('only the ports of intercept.ports are intercepted, and QUIC passes where it may', async ({ world }) => {
  const config = '[intercept]\nports = [443]\nudp443 = "allow"\n';
  await using firewall = await Firewall.start(world, { config });
  const host = await world.host('ports');
  await firewall.rule('block', host.name);
  expect(await outcomeOf(world, host)).toBe('reset');
  expect((await fetchWith('curl', world, { url: `http://${host.name}/`, family: 4 })).text).toContain(
    host.name,
  );
  expect((await firewall.flows(`host:=${host.name}`)).map(({ target }) => target.port)).toEqual([443]);
});

test('forward = "original" connects to the address that was dialled', async ({ world }) => {
  await using firewall = await Firewall.start(world, { config: '[proxy]\nforward = "original"\n' });
  const named = await world.host('original-named');
  const dialled = await world.host('original-dialled');
  const { outcome, body } = await hello(world, { ip: dialled.ip4, name: named.name });
  expect(outcome).toBe('answered');
  expect(body).toContain(`"ip":"${dialled.ip4}"`);
  expect(await firewall.flow(`host:=${named.name}`)).toMatchObject({ upstreamIp: dialled.ip4 });
  await expectUntouched(world, named);
});

test('blocked connections are also written to the file of logging.blockedFile', async ({ world }) => {
  const file = `${world.folder}/blocked.tsv`;
  await using firewall = await Firewall.start(world, { config: `[logging]\nblockedFile = "${file}"\n` });
  const host = await world.host('in-the-file');
  await firewall.rule('block', host.name);
  expect(await outcomeOf(world, host)).toBe('reset');
  const line = await until('the line is written', READ_AGAIN_MS, async () => {
    const lines = (await Bun.file(file).exists()) ? (await Bun.file(file).text()).split('\n') : [];
    return lines.find((text) => text.includes(host.name)) ?? null;
  });
  expect(line.split('\t').length).toBeGreaterThan(3);
});
