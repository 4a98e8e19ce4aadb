import { expect } from 'bun:test';
import { explanationSchema } from '../../src/schema/explanation.ts';
import { statusSchema } from '../../src/schema/status.ts';
import { until } from '../until.ts';
import { hello } from './clients/talk.ts';
import { endToEnd } from './world/end-to-end.ts';
import { Firewall } from './world/firewall.ts';
import { BINARY } from './world/requirement.ts';
import { ENV, must } from './world/run.ts';

const SAID_MS = 20_000;

const test = endToEnd('commands', () => ({}));

test('explain says what happens then, and its exit code is the answer', async ({ world, firewall }) => {
  const blocked = await world.host('explained');
  await firewall.rule('block', blocked.name);
  const no = await firewall.cli(['explain', blocked.name, '--json']);
  expect(no.code).toBe(1);
  const { verdict, steps } = explanationSchema.parse(JSON.parse(no.stdout));
  expect(verdict).toMatchObject({ kind: 'block', stage: 'rules' });
  expect(steps.find(({ stage }) => stage === 'rules')?.outcome).toBe('won');
  expect((await hello(world, { ip: blocked.ip4, name: blocked.name })).outcome).toBe('reset');
  const yes = await firewall.cli(['explain', 'free.e2e.test']);
  expect([yes.code, yes.stderr]).toEqual([0, '']);
  expect(yes.stdout).toContain('blocklist');
});

test('the log filters, follows and prints lines for people', async ({ world, firewall }) => {
  const one = await world.host('followed-one');
  const two = await world.host('followed-two');
  const follow = Bun.spawn(
    [
      'ip',
      'netns',
      'exec',
      world.names.client,
      BINARY,
      'log',
      '-f',
      '--json',
      '--filter',
      `host:=${two.name}`,
      ...firewall.places,
    ],
    { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit', env: ENV },
  );
  const reader = follow.stdout.getReader();
  let followed = '';
  await until('the second one is followed', SAID_MS, async () => {
    for (const host of [one, two]) await hello(world, { ip: host.ip4, name: host.name });
    const { value } = await reader.read();
    followed += new TextDecoder().decode(value);
    return followed.includes(two.name);
  });
  follow.kill('SIGINT');
  await follow.exited;
  expect(followed).not.toContain(one.name);
  const lines = await firewall.cli(['log', '--filter', `host:=${one.name}`]);
  expect(lines.stdout).toMatch(/python3.*followed-one\.e2e\.test:443/);
  const wrong = await firewall.cli(['log', '--filter', 'colour:blue']);
  expect([wrong.code, wrong.stdout]).toEqual([2, '']);
  expect(wrong.stderr).toContain('colour');
});

test('anchor check, print and probe agree with the kernel', async ({ world, firewall }) => {
  expect((await firewall.cli(['anchor', 'check'])).code).toBe(0);
  expect((await firewall.cli(['anchor', 'probe'])).stdout).toBe('enforced\n');
  const printed = await firewall.cli(['anchor', 'print', '--platform', 'linux']);
  expect(printed.code).toBe(0);
  await must(['ip', 'netns', 'exec', world.names.internet, 'nft', '-c', '-f', '-'], {
    stdin: printed.stdout,
  });
  const darwin = await firewall.cli(['anchor', 'print', '--platform', 'darwin']);
  expect(darwin.stdout).toMatch(/^rdr on lo0 /m);
  const unchecked = await firewall.cli(['anchor', 'check', '--platform', 'darwin']);
  expect([unchecked.code, unchecked.stdout]).toEqual([3, '']);
  expect(unchecked.stderr).toContain('pfctl is on a Mac only');
});

test('doctor finds this machine well and names each thing that it looked at', async ({ firewall }) => {
  const ran = await firewall.cli(['doctor', '--json']);
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  const items = ran.stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { name: string; state: string });
  expect(items.length).toBeGreaterThan(3);
  expect(items.filter(({ state }) => state === 'fail')).toEqual([]);
});

test('status is the same for people and for programs', async ({ firewall }) => {
  const { pid } = await firewall.status();
  expect(pid).toBe(firewall.pid);
  const people = await firewall.cli(['status']);
  expect(people.code).toBe(0);
  expect(people.stdout).toContain(`pid ${pid}`);
  const { running, ...report } = JSON.parse((await firewall.cli(['status', '--json'])).stdout);
  expect(running).toBe(true);
  expect(statusSchema.strict().parse(report).pid).toBe(pid);
});

test('wrong usage is exit code 2 with the reason, and no engine is exit code 1 or 3', async ({
  world,
  firewall,
}) => {
  for (const args of [
    ['bogus'],
    ['block'],
    ['block', 'com'],
    ['block', 'https://example.org/path'],
    ['allow', 'example.org', '--for', 'soon'],
    ['allow', 'example.org:99999'],
    ['log', '--since', 'yesterday'],
    ['explain', '*.example.org'],
  ]) {
    const ran = await firewall.cli(args);
    expect([...args, ran.code, ran.stdout]).toEqual([...args, 2, '']);
    expect(ran.stderr.length).toBeGreaterThan(10);
  }
  const nobody = new Firewall(world);
  expect((await nobody.cli(['status'])).code).toBe(1);
  expect(await nobody.cli(['block', 'example.org'])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(nobody.socket),
  });
  expect((await nobody.cli(['version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
