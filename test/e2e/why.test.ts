import { expect } from 'bun:test';
import { whySchema } from '../../src/schema/why.ts';
import { hello } from './clients/talk.ts';
import { endToEnd } from './world/end-to-end.ts';
import type { Firewall } from './world/firewall.ts';
import type { World } from './world/world.ts';

const test = endToEnd('why', () => ({}));

/** One connection to a name, and the id under which it was written down. */
async function connection(world: World, firewall: Firewall, label: string): Promise<number> {
  const host = await world.host(label);
  await hello(world, { ip: host.ip4, name: host.name });
  const [flow] = await firewall.flows(`host:=${host.name}`);
  if (flow === undefined) throw new Error(`no flow to ${host.name} was written down`);
  return flow.id;
}

test('a stored record gives the same verdict again under the same policy, after a restart too', async ({
  world,
  firewall,
}) => {
  await firewall.rule('block', (await world.host('stays-blocked')).name);
  const ids = [
    await connection(world, firewall, 'stays-blocked'),
    await connection(world, firewall, 'stays-undecided'),
  ];
  const ask = async (id: number) => {
    const { code, stdout, stderr } = await firewall.cli(['why', String(id), '--json']);
    expect([code, stderr]).toEqual([0, '']);
    return whySchema.parse(JSON.parse(stdout));
  };
  for (const id of ids) {
    const why = await ask(id);
    expect(why).toMatchObject({ repeat: 'same', changed: [], flow: { id } });
    expect(why.decidedBy).toEqual(why.today);
    expect(why.again.stage).toBe(why.flow.verdict.stage);
  }
  expect(await firewall.end('SIGTERM')).toBe(0);
  await firewall.start();
  for (const id of ids) expect(await ask(id)).toMatchObject({ repeat: 'same', changed: [] });
});

test('a policy that decides otherwise today says so, and which part of it changed', async ({
  world,
  firewall,
}) => {
  const id = await connection(world, firewall, 'blocked-later');
  await firewall.rule('block', (await world.host('blocked-later')).name);
  const { code, stdout } = await firewall.cli(['why', String(id)]);
  expect(code).toBe(1);
  expect(stdout).toContain('the policy of today gives another verdict: block, by rules');
  expect(stdout).toContain('changed since: rules');
  const unknown = await firewall.cli(['why', '999999999']);
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('no flow 999999999')]);
});
