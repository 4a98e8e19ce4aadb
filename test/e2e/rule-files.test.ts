import { expect } from 'bun:test';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { until } from '../until.ts';
import { hello } from './clients/talk.ts';
import { endToEnd } from './world/end-to-end.ts';
import { Firewall } from './world/firewall.ts';
import { expectUntouched } from './world/untouched.ts';

const MANY = 1_000;
/** The engine looks at its files every two seconds. */
const READ_AGAIN_MS = 20_000;

const test = endToEnd('rule files', null);

/** The rules of an export or a list, without what differs from one engine to the next. */
async function listed(firewall: Firewall): Promise<unknown[]> {
  const ran = await firewall.cli(['rules', 'list', '--json']);
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  return ran.stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const {
        id: _id,
        createdAt: _createdAt,
        origin: _origin,
        ...rest
      } = JSON.parse(line) as Record<string, unknown>;
      return rest;
    });
}

test('what is exported can be imported, into the same words, and a bad file changes nothing', async ({
  world,
}) => {
  await using firewall = await Firewall.start(world);
  for (const args of [
    ['block', 'one.example.org', '--note', 'with "quotes" and \\ signs'],
    ['allow', '*.two.example.org', '--port', '8443', '--user', 'nobody'],
    ['block', '=three.example.org', '--app', '/usr/bin/curl'],
    ['block', '203.0.113.8/29'],
    ['block', '2001:db8:113::8/125', '--for', '7d'],
    ['allow', 'bücher.example.org:443'],
  ]) {
    expect((await firewall.cli(args)).code).toBe(0);
  }
  const exported = await firewall.cli(['rules', 'export']);
  expect(exported.code).toBe(0);
  const file = `${firewall.folder}/rules.toml`;
  writeFileSync(file, exported.stdout, { mode: 0o600 });
  const before = await listed(firewall);
  await firewall.end('SIGTERM');

  await using other = await Firewall.start(world);
  const imported = await other.cli(['rules', 'import', file]);
  expect([imported.code, imported.stderr]).toEqual([0, '']);
  const after = await listed(other);
  expect(after).toHaveLength(before.length);
  expect(after).toEqual(expect.arrayContaining(before));
  expect((await other.cli(['rules', 'export'])).stdout).toBe(exported.stdout);

  const bad = `${firewall.folder}/bad.toml`;
  writeFileSync(bad, exported.stdout.replace('three.example.org', 'three example org'), { mode: 0o600 });
  const refused = await other.cli(['rules', 'import', bad]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(new RegExp(`${bad}:\\d+: .*host.*three example org`));
  expect(await listed(other)).toEqual(after);
});

test('rules are in force again after a restart', async ({ world }) => {
  await using firewall = await Firewall.start(world);
  const host = await world.host('kept');
  await firewall.rule('block', host.name);
  await firewall.end('SIGTERM');
  await firewall.start();
  expect((await hello(world, { ip: host.ip4, name: host.name })).outcome).toBe('reset');
  await expectUntouched(world, host);
});

test('a thousand rules are imported in one go and are in force', async ({ world }) => {
  await using firewall = await Firewall.start(world);
  const host = await world.host('among-many');
  const names = [...Array.from({ length: MANY - 1 }, (_, index) => `many-${index}.example.org`), host.name];
  const file = `${firewall.folder}/many.toml`;
  writeFileSync(file, names.map((name) => `[[rules]]\naction = "block"\nhost = "${name}"\n`).join('\n'), {
    mode: 0o600,
  });
  const imported = await firewall.cli(['rules', 'import', file]);
  expect([imported.code, imported.stderr, imported.stdout]).toEqual([0, '', `${MANY} rules imported\n`]);
  expect((await hello(world, { ip: host.ip4, name: host.name })).outcome).toBe('reset');
  expect((await firewall.status()).rules).toBe(MANY);
});

test('rules of the folder beside the configuration are in force, and are read again when a file changes', async ({
  world,
}) => {
  await using firewall = await Firewall.start(world);
  const host = await world.host('in-folder');
  const folder = `${firewall.folder}/rules.d`;
  mkdirSync(folder, { mode: 0o755 });
  writeFileSync(`${folder}/fleet.toml`, `[[rules]]\naction = "block"\nhost = "${host.name}"\n`, {
    mode: 0o644,
  });
  const outcome = async (): Promise<string> =>
    (await hello(world, { ip: host.ip4, name: host.name })).outcome;
  await until('the rule of the file is in force', READ_AGAIN_MS, async () => (await outcome()) === 'reset');
  const [rule] = await firewall.flows(`host:=${host.name} verdict:block`);
  expect(rule?.verdict).toMatchObject({ stage: 'rules', reason: 'rule' });
  rmSync(`${folder}/fleet.toml`);
  await until('the rule is gone with its file', READ_AGAIN_MS, async () => (await outcome()) === 'answered');
});

test('a mistake in a rule file drops none of its rules, after a restart neither, and is told', async ({
  world,
}) => {
  await using firewall = new Firewall(world);
  const host = await world.host('in-broken-file');
  const file = `${firewall.folder}/rules.d/fleet.toml`;
  mkdirSync(`${firewall.folder}/rules.d`, { mode: 0o755 });
  const rule = `[[rules]]\naction = "block"\nhost = "${host.name}"\n`;
  writeFileSync(file, rule, { mode: 0o644 });
  const outcome = async (): Promise<string> =>
    (await hello(world, { ip: host.ip4, name: host.name })).outcome;
  await firewall.start();
  expect(await outcome()).toBe('reset');

  writeFileSync(file, `${rule}[[rules]\n`, { mode: 0o644 });
  const told = /fleet\.toml:4: [\s\S]*fleet\.toml: what it said before stays in force \(1 rule\)/;
  const error = () =>
    until('the mistake is told', READ_AGAIN_MS, async () => (await firewall.status()).config.error);
  expect(await error()).toMatch(told);
  expect(await outcome()).toBe('reset');

  await firewall.end('SIGKILL');
  await firewall.start();
  expect(await error()).toMatch(told);
  expect(await outcome()).toBe('reset');
  await expectUntouched(world, host);
});
