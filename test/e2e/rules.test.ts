import { expect } from 'bun:test';
import { until } from '../until.ts';
import { hello, talk } from './clients/talk.ts';
import { PORTS } from './internet/protocol.ts';
import { ControlLine } from './world/control-line.ts';
import { endToEnd } from './world/end-to-end.ts';
import type { Firewall, LoggedFlow } from './world/firewall.ts';
import { expectUntouched } from './world/untouched.ts';
import type { Host, World } from './world/world.ts';

const SAID_MS = 20_000;
const LARGE_BYTES = 104_857_600;

const test = endToEnd('rules', () => ({}));

async function passes(world: World, host: Host): Promise<boolean> {
  const { outcome } = await hello(world, { ip: host.ip4, name: host.name });
  expect(['answered', 'reset']).toContain(outcome);
  return outcome === 'answered';
}

function openFlow(firewall: Firewall, filter: string): Promise<LoggedFlow> {
  return until(`an open flow that matches ${filter}`, SAID_MS, async () => {
    const flows = await firewall.flows(`${filter} state:open`);
    return flows.length === 1 && (flows[0] ?? false);
  });
}

test('a block resets the open connection of the name, and undo lets the next one through', async ({
  world,
  firewall,
}) => {
  const host = await world.host('cut');
  await using control = await ControlLine.open(firewall.socket);
  const held = world.program(['curl', '-sSN', `http://${host.name}/hold`]);
  await openFlow(firewall, `host:=${host.name}`);
  const added = await control.ask({
    method: 'rules.add',
    origin: 'command',
    rules: [{ action: 'block', host: host.name }],
  });
  expect(added).toMatchObject({ ok: true, result: { saved: true, resetFlows: 1 } });
  expect(await held).toMatchObject({ code: 56, stdout: 'held\n' });
  expect(await firewall.flow(`host:=${host.name}`)).toMatchObject({
    state: 'refused',
    verdict: { kind: 'block', reason: 'rule' },
  });
  expect(await passes(world, host)).toBe(false);
  const undone = await control.ask({ method: 'rules.undo' });
  expect(undone).toMatchObject({
    ok: true,
    result: { removed: [{ host: host.name, action: 'block' }], saved: true },
  });
  expect(await passes(world, host)).toBe(true);
  expect(await control.ask({ method: 'rules.undo' })).toMatchObject({
    ok: false,
    error: { code: 'not_found' },
  });
});

test('a block cuts a connection that is in the middle of a large transfer', async ({ world, firewall }) => {
  const host = await world.host('cut-large');
  const slow = [
    'curl',
    '-sS',
    '--limit-rate',
    '2M',
    '-o',
    '/dev/null',
    `http://${host.name}/bytes/${LARGE_BYTES}`,
  ];
  const transfer = world.program(slow);
  const flow = await openFlow(firewall, `host:=${host.name}`);
  await until('bytes flow', SAID_MS, async () => {
    const [now] = await firewall.flows(`host:=${host.name}`);
    return now !== undefined && now.bytesIn > flow.bytesIn && now.bytesIn > 1_000_000;
  });
  expect(await firewall.rule('block', host.name)).toContain('1 open connection reset');
  const ran = await transfer;
  expect(ran.code).not.toBe(0);
  const cut = await firewall.flow(`host:=${host.name}`);
  expect(cut.state).toBe('refused');
  expect(cut.bytesIn).toBeLessThan(LARGE_BYTES);
});

test('a block leaves the open connections of other names alone', async ({ world, firewall }) => {
  const host = await world.host('not-cut');
  const other = await world.host('cut-beside');
  const echo = talk(world, {
    ip: host.ip4,
    port: PORTS.echo,
    text: 'still here\n',
    silenceMs: 1_500,
    end: true,
  });
  await openFlow(firewall, `ip:${host.ip4}`);
  await firewall.rule('block', other.name);
  expect(await echo).toMatchObject({ outcome: 'ended', text: 'still here\n' });
});

test('allow and block, the more specific and then the newer word counts', async ({ world, firewall }) => {
  const host = await world.host('back-and-forth');
  const deep = { ...host, name: `deep.${host.name}` };
  await firewall.rule('block', host.name);
  expect(await passes(world, host)).toBe(false);
  await world.internet.setName(deep.name, [host.ip4], [host.ip6]);
  expect((await hello(world, { ip: host.ip4, name: deep.name })).outcome).toBe('reset');
  await expectUntouched(world, host);
  await firewall.rule('allow', deep.name);
  // The certificate does not cover a name so deep: that the server's answer is refused shows that it came.
  expect((await hello(world, { ip: host.ip4, name: deep.name })).outcome).toBe('alert');
  expect(await passes(world, host)).toBe(false);
  await firewall.rule('allow', host.name);
  expect(await passes(world, host)).toBe(true);
  await firewall.rule('block', host.name);
  expect(await passes(world, host)).toBe(false);
});

test('a rule with a time ends by itself', async ({ world, firewall }) => {
  const host = await world.host('for-a-while');
  await firewall.rule('block', host.name, '--for', '2s');
  expect(await passes(world, host)).toBe(false);
  await until('the rule is over', SAID_MS, () => passes(world, host));
});

test('a rule that ends cuts the open connections that it let through', async ({ world, firewall }) => {
  const host = await world.host('let-through-for-a-while');
  await firewall.rule('block', host.name);
  await firewall.rule('allow', `=${host.name}`, '--for', '2s');
  const held = world.program(['curl', '-sSN', `http://${host.name}/hold`]);
  await openFlow(firewall, `host:=${host.name}`);
  expect(await held).toMatchObject({ code: 56, stdout: 'held\n' });
  const flow = await firewall.flow(`host:=${host.name}`);
  expect(flow).toMatchObject({ state: 'refused', verdict: { kind: 'block', reason: 'rule' } });
  // The engine looks once a second.
  expect(flow.durationMs).toBeLessThan(4_500);
});

test('a rule that is removed by its id is gone; an unknown id is said to be unknown', async ({
  world,
  firewall,
}) => {
  const host = await world.host('removed');
  const made = await firewall.rule('block', host.name, '--json', '--note', 'a note');
  const { id, note } = JSON.parse(made) as { id: string; note: string };
  expect(note).toBe('a note');
  expect(await passes(world, host)).toBe(false);
  expect((await firewall.cli(['rules', 'remove', id])).code).toBe(0);
  expect(await passes(world, host)).toBe(true);
  const again = await firewall.cli(['rules', 'remove', id]);
  expect([again.code, again.signal]).toEqual([1, null]);
  expect(again.stderr).toContain(id);
});
