import { expect } from 'bun:test';
import { inquirySummarySchema } from '../../src/schema/judge.ts';
import { until } from '../until.ts';
import { endToEnd, report } from './world/end-to-end.ts';
import { Firewall } from './world/firewall.ts';
import { JUDGED, Model, printed, type Stranger, stranger } from './world/model.ts';
import { expectUntouched } from './world/untouched.ts';
import type { Host, World } from './world/world.ts';

const NAMES = 50;
const FLOWS_EACH = 10;
const FLOWS = NAMES * FLOWS_EACH;
/** Three replies make an inquiry: HISTORY, the verdict, and an allow once more. */
const REPLY_MS = 1_700;
/**
 * A program that makes 500 connections at once may be slow to speak on the first of them; one that is silent for long is taken to wait
 * for its server to speak, and is decided by its address.
 */
const CROWDED = `[proxy]\nsniffWaitMs = 10000\nsniffTimeoutMs = 30000\n${JUDGED}holdMs = 60000\n`;
const SETTLED_MS = 50_000;
const QUICK_FLOWS = 1_000;
const QUICK_TOGETHER = 4;

const test = endToEnd('a crowd', null);

/** Many connections to a name that a rule allows: how long each was thought about, sorted. */
async function quickFlows(world: World, firewall: Firewall, host: Host): Promise<number[]> {
  const args = { ip: host.ip4, name: host.name, count: QUICK_FLOWS, together: QUICK_TOGETHER };
  const program = ['node', `${import.meta.dir}/clients/burst.mjs`, JSON.stringify(args)];
  const ran = await world.program(program, { limitMs: SETTLED_MS, env: { PATH: process.env.PATH ?? '' } });
  expect(JSON.parse(ran.stdout)).toMatchObject({ answered: QUICK_FLOWS, failed: {} });
  const flows = await firewall.flows(`host:=${host.name}`);
  return flows.map(({ decisionUs }) => decisionUs).sort((a, b) => a - b);
}

function percentiles(sorted: readonly number[]): string {
  const at = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
  return `p50 ${at(0.5)} µs, p99 ${at(0.99)} µs`;
}

/** Names whose server was reached although no inquiry had ended by then; asked again and again while the judge works. */
async function reachedTooEarly(
  world: World,
  firewall: Firewall,
  hosts: readonly Stranger[],
): Promise<string[]> {
  const reached: Stranger[] = [];
  for (const host of hosts) if ((await world.internet.accepted(host.ip4)).length > 0) reached.push(host);
  const judged = new Set((await inquiries(firewall)).map(({ domain }) => domain));
  return reached.flatMap(({ domain }) => (judged.has(domain) ? [] : [domain]));
}

async function inquiries(firewall: Firewall) {
  const lines = await printed(firewall, 'judge', 'list', '--limit', '1000');
  return lines.map((line) => inquirySummarySchema.parse(line));
}

test('500 connections to 50 unknown names wait for 50 inquiries of 5 s, and the others do not notice', async ({
  world,
}) => {
  const hosts: Stranger[] = [];
  for (let i = 0; i < NAMES; i++) hosts.push(await stranger(world, `name-${i + 1}`, 'edu'));
  const [warm, calm, busy] = [await world.host('warm'), await world.host('calm'), await world.host('busy')];
  const blocked = hosts.filter((_, i) => i % 5 === 0);
  const verdicts = Object.fromEntries(blocked.map(({ domain }) => [domain, 'block' as const]));
  await using model = await Model.start(world, { tools: ['HISTORY'], verdicts, isHolding: true });
  await using firewall = await Firewall.start(world, { config: CROWDED });
  for (const { name } of [warm, calm, busy]) await firewall.rule('allow', name);
  await quickFlows(world, firewall, warm);
  const before = await quickFlows(world, firewall, calm);

  const args = { targets: hosts.map(({ ip4, name }) => ({ ip: ip4, name })), each: FLOWS_EACH };
  const crowd = world.program(['node', `${import.meta.dir}/clients/crowd.mjs`, JSON.stringify(args)], {
    limitMs: SETTLED_MS,
    env: { PATH: process.env.PATH ?? '' },
  });
  await until('all wait', SETTLED_MS, async () => (await firewall.status()).counts.held === FLOWS);
  for (const host of hosts) await expectUntouched(world, host);
  await model.play({ isHolding: false, delayMs: REPLY_MS });
  // Nothing else is done meanwhile that could slow them down.
  const meanwhile = await quickFlows(world, firewall, busy);
  expect((await firewall.status()).judge.running).toBeGreaterThan(0);
  await until('all are settled', SETTLED_MS, async () => {
    expect(await reachedTooEarly(world, firewall, hosts)).toEqual([]);
    return (await firewall.status()).counts.held === 0;
  });
  report(
    `decisions on other connections: ${percentiles(before)}; with the judge at work ${percentiles(meanwhile)}`,
  );

  const told: unknown = JSON.parse((await crowd).stdout);
  expect(told).toEqual(
    Object.fromEntries(
      hosts.map((host) => [host.name, { [host.domain in verdicts ? '403' : '200']: FLOWS_EACH }]),
    ),
  );
  expect((await inquiries(firewall)).map(({ domain }) => domain).sort()).toEqual(
    hosts.map(({ domain }) => domain).sort(),
  );
  expect(hosts.map(({ domain }) => model.begun(domain))).toEqual(hosts.map(() => 1));
  report(
    `most requests to the model at once: ${Math.max(...model.requests().map(({ running }) => running))}`,
  );
  for (const host of blocked) await expectUntouched(world, host);
  await until('nothing is open', SETTLED_MS, async () => {
    const { counts, judge } = await firewall.status();
    return counts.open === 0 && counts.held === 0 && judge.running === 0 && judge.waiting === 0;
  });
  await until('all is written', SETTLED_MS, async () => (await firewall.status()).ledger.queued === 0);
  const flows = await firewall.flows('host:edu');
  expect(flows).toHaveLength(FLOWS);
  for (const { state, verdict } of flows) {
    expect(['closed', 'refused']).toContain(state);
    expect(verdict).toMatchObject({ stage: 'judge', reason: 'judged' });
  }
});

test('connections that their programs gave up while they waited end with the verdict, and leave nothing behind', async ({
  world,
}) => {
  await using model = await Model.start(world, { isHolding: true, verdict: 'block' });
  await using firewall = await Firewall.start(world, { config: JUDGED });
  const host = await stranger(world, 'impatient');
  const clients = Array.from({ length: 20 }, (_, i) =>
    world.program(['curl', '-sk', '--max-time', '1', `${i % 2 === 0 ? 'https' : 'http'}://${host.name}/`]),
  );
  await until('all wait', SETTLED_MS, async () => (await firewall.status()).counts.held === clients.length);
  for (const { code } of await Promise.all(clients)) expect(code).toBe(28);
  await model.play({ isHolding: false });
  await until('none waits', SETTLED_MS, async () => (await firewall.status()).counts.held === 0);
  expect(await inquiries(firewall)).toMatchObject([{ domain: host.domain, kind: 'block' }]);
  await until('all is written', SETTLED_MS, async () => (await firewall.status()).ledger.queued === 0);
  const flows = await firewall.flows(`host:=${host.name}`);
  expect(flows).toHaveLength(clients.length);
  for (const { state } of flows) expect(['refused', 'client_reset']).toContain(state);
  expect((await firewall.status()).counts.open).toBe(0);
  await expectUntouched(world, host);
});
