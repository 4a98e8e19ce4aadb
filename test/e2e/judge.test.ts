import { expect } from 'bun:test';
import { copyFileSync } from 'node:fs';
import {
  type InquirySummary,
  inquirySchema,
  inquirySummarySchema,
  keptVerdictSchema,
} from '../../src/schema/judge.ts';
import { until } from '../until.ts';
import { whereOf } from './clients/talk.ts';
import { endToEnd } from './world/end-to-end.ts';
import { Firewall } from './world/firewall.ts';
import { fetchPage, JUDGED, Model, printed, type Stranger, stranger } from './world/model.ts';
import { expectUntouched } from './world/untouched.ts';
import type { World } from './world/world.ts';

const SOON_MS = 20_000;

const test = endToEnd('the judge', null);

/** The inquiries, newest first, checked against the documented shape. */
async function inquiries(firewall: Firewall): Promise<InquirySummary[]> {
  return (await printed(firewall, 'judge', 'list')).map((line) => inquirySummarySchema.parse(line));
}

/** What the last flow to a name came to. */
async function verdictOn(firewall: Firewall, { name }: Pick<Stranger, 'name'>) {
  const flow = (await firewall.flows(`host:=${name}`)).at(-1);
  if (flow === undefined) throw new Error(`no flow to ${name}`);
  const { kind, stage, reason, evidence } = flow.verdict;
  return { effect: flow.effect, defaulted: flow.defaulted, kind, stage, reason, evidence };
}

/** Another name of the same domain, at the same server. */
async function sibling(world: World, host: Stranger, label: string): Promise<Stranger> {
  const name = `${label}.${host.domain}`;
  await world.internet.setName(name, [host.ip4], []);
  return { ...host, name };
}

test('an unknown name is held, looked into and let through; not one packet leaves before', async ({
  world,
}) => {
  await using model = await Model.start(world, { isHolding: true });
  await using firewall = await Firewall.start(world, { config: JUDGED });
  const host = await stranger(world, 'harbour-notes');
  const fetching = [`https://${host.name}/`, `http://${host.name}/`].map((url) => fetchPage(world, url));
  await until('both wait', SOON_MS, async () => (await firewall.status()).counts.held === 2);
  await until('the model was asked', SOON_MS, () => model.begun(host.domain) === 1);
  expect((await firewall.status()).judge).toMatchObject({ state: 'ready', running: 1, waiting: 0 });
  expect(await firewall.flows(`host:=${host.name}`)).toMatchObject([{ effect: 'held' }, { effect: 'held' }]);
  await expectUntouched(world, host);
  await model.play({ isHolding: false });
  const [tls, http] = await Promise.all(fetching);
  expect(whereOf(tls?.body ?? null)).toMatchObject({ sni: host.name });
  expect(whereOf(http?.body ?? null)).toMatchObject({ host: host.name });
  expect(model.begun(host.domain)).toBe(1);
  for (const flow of await firewall.flows(`host:=${host.name}`)) {
    expect(flow).toMatchObject({ effect: 'forward', defaulted: false });
    expect(flow.verdict).toMatchObject({ kind: 'allow', stage: 'judge', reason: 'judged' });
    expect(flow.verdict.evidence).toContainEqual(expect.objectContaining({ kind: 'judge', inquiry: 1 }));
  }
});

test('what it allowed a program counts for the whole domain until it is forgotten; list, show and learned tell of it', async ({
  world,
}) => {
  await using model = await Model.start(world);
  await using firewall = await Firewall.start(world, { config: JUDGED });
  const host = await stranger(world, 'quiet-garden');
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 200 });
  const [first] = await inquiries(firewall);
  expect(first).toMatchObject({ id: 1, host: host.name, domain: host.domain, app: 'curl', kind: 'allow' });
  const [shown] = await printed(firewall, 'judge', 'show', '1');
  expect(inquirySchema.parse(shown)).toMatchObject({
    input: { host: host.name, port: 80, pastBlock: false, app: { name: 'curl', user: 'root' } },
    model: 'scripted',
    outcome: { kind: 'allow', why: 'judged' },
    marks: [],
    failure: null,
  });
  const [learned] = (await printed(firewall, 'judge', 'learned')).map((one) => keptVerdictSchema.parse(one));
  expect(learned).toMatchObject({ domain: host.domain, kind: 'allow', inquiry: 1, model: 'scripted' });
  expect((await firewall.cli(['judge', 'show', '1'])).stdout).toContain('HISTORY');

  const other = await sibling(world, host, 'static');
  expect(await fetchPage(world, `http://${other.name}/`)).toMatchObject({ status: 200 });
  expect(await verdictOn(firewall, other)).toMatchObject({ kind: 'allow', stage: 'cache', reason: 'cached' });
  expect(model.begun(host.domain)).toBe(1);

  expect(await firewall.cli(['judge', 'forget', host.domain])).toMatchObject({ code: 0 });
  expect(await printed(firewall, 'judge', 'learned')).toEqual([]);
  expect(await firewall.cli(['judge', 'forget', host.domain])).toMatchObject({ code: 1 });
  await model.play({ verdict: 'block' });
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 403 });
  expect(model.begun(host.domain)).toBe(2);
});

test('what it says for one program serves no other', async ({ world }) => {
  await using model = await Model.start(world);
  await using firewall = await Firewall.start(world, { config: JUDGED });
  const host = await stranger(world, 'shared-garden');
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 200 });
  await model.play({ verdict: 'block' });
  const other = `${world.folder}/other-curl`;
  copyFileSync(Bun.which('curl') ?? '', other);
  const ran = await world.program([other, '-s', '-w', '%{http_code}', `http://${host.name}/`], {
    limitMs: 40_000,
  });
  expect(ran.stdout).toEndWith('403');
  expect(model.begun(host.domain)).toBe(2);
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 200 });
  const learned = (await printed(firewall, 'judge', 'learned')).map((one) => keptVerdictSchema.parse(one));
  expect(learned.map(({ domain, app, kind }) => [domain, app, kind])).toEqual([
    [host.domain, other, 'block'],
    [host.domain, expect.stringMatching(/curl$/), 'allow'],
  ]);
  await until('all is written', SOON_MS, async () => (await firewall.status()).ledger.queued === 0);
  await firewall.end('SIGKILL');
  await firewall.start();
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 200 });
  expect(model.begun(host.domain)).toBe(2);
  expect(await firewall.cli(['judge', 'forget', host.domain])).toMatchObject({ code: 0 });
  expect(await printed(firewall, 'judge', 'learned')).toEqual([]);
});

test('what it blocked is refused with a reset, plain HTTP with a 403, and never reached', async ({
  world,
}) => {
  await using model = await Model.start(world, { verdict: 'block' });
  await using firewall = await Firewall.start(world, { config: JUDGED });
  const host = await stranger(world, 'paper-lantern');
  const first = await fetchPage(world, `https://${host.name}/`);
  expect(first).toMatchObject({ code: 35, status: null });
  expect(await verdictOn(firewall, host)).toMatchObject({
    effect: 'reset',
    kind: 'block',
    stage: 'judge',
    reason: 'judged',
  });
  const again = await fetchPage(world, `http://${host.name}/`);
  expect(again).toMatchObject({ code: 0, status: 403 });
  expect(again.body).toContain(`the script says block of ${host.domain}`);
  expect(await verdictOn(firewall, host)).toMatchObject({ effect: 'forbidden', stage: 'cache' });
  const other = await stranger(world, 'paper-kite');
  expect(await fetchPage(world, `http://${other.name}/`)).toMatchObject({ status: 403 });
  expect(model.begun(host.domain) + model.begun(other.domain)).toBe(2);
  for (const refused of [host, other]) await expectUntouched(world, refused);
});

test('its verdicts outlive the engine, ended or killed; another model is asked anew', async ({ world }) => {
  await using model = await Model.start(world, { verdicts: { 'iron-kettle.ee': 'block' } });
  await using firewall = await Firewall.start(world, { config: JUDGED });
  const good = await stranger(world, 'copper-kettle');
  const bad = await stranger(world, 'iron-kettle');
  const statuses = async (): Promise<(number | null)[]> => [
    (await fetchPage(world, `http://${good.name}/`)).status,
    (await fetchPage(world, `http://${bad.name}/`)).status,
  ];
  expect(await statuses()).toEqual([200, 403]);
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await until('all is written', SOON_MS, async () => (await firewall.status()).ledger.queued === 0);
    await firewall.end(signal);
    await firewall.start();
    expect(await statuses()).toEqual([200, 403]);
    expect(await verdictOn(firewall, good)).toMatchObject({ stage: 'cache', reason: 'cached' });
  }
  expect([model.begun(good.domain), model.begun(bad.domain)]).toEqual([1, 1]);
  firewall.writeConfig(JUDGED.replace('"scripted"', '"another"'));
  await until(
    'the model is another',
    SOON_MS,
    async () => (await firewall.status()).judge.model === 'another',
  );
  await until('it is ready', SOON_MS, async () => (await firewall.status()).judge.state === 'ready');
  expect(await statuses()).toEqual([200, 403]);
  expect([model.begun(good.domain), model.begun(bad.domain)]).toEqual([2, 2]);
  const all = await inquiries(firewall);
  expect(all.map((one) => one.model)).toEqual(['another', 'another', 'scripted', 'scripted']);
  expect(new Set(all.map(({ id }) => id)).size).toBe(4);
  await expectUntouched(world, bad);
});

test('what it is unsure of is left to policy.unattended, and not asked about again', async ({ world }) => {
  await using model = await Model.start(world, { verdict: 'unsure' });
  await using firewall = await Firewall.start(world, { config: `[policy]\nunattended = "block"\n${JUDGED}` });
  const host = await stranger(world, 'green-door');
  for (const stage of ['person', 'person']) {
    expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 403 });
    expect(await verdictOn(firewall, host)).toMatchObject({
      effect: 'forbidden',
      defaulted: true,
      stage,
      reason: 'nobody_to_ask',
    });
  }
  expect(model.begun(host.domain)).toBe(1);
  expect(await inquiries(firewall)).toMatchObject([{ kind: 'unsure', why: 'judged' }]);
  await expectUntouched(world, host);
});

test('a rule is no business of the judge, and one that is made meanwhile settles what waits', async ({
  world,
}) => {
  await using model = await Model.start(world, { isHolding: true });
  await using firewall = await Firewall.start(world, { config: JUDGED });
  const [ruled, freed, cut] = [
    await stranger(world, 'old-mill'),
    await stranger(world, 'new-mill'),
    await stranger(world, 'far-mill'),
  ];
  await firewall.rule('block', ruled.domain);
  expect(await fetchPage(world, `http://${ruled.name}/`)).toMatchObject({ status: 403 });
  expect(model.begun(ruled.domain)).toBe(0);
  const fetching = [freed, cut].map(({ name }) => fetchPage(world, `http://${name}/`));
  await until('both wait', SOON_MS, async () => (await firewall.status()).counts.held === 2);
  await firewall.rule('allow', freed.domain);
  await firewall.rule('block', cut.domain);
  expect((await Promise.all(fetching)).map(({ status }) => status)).toEqual([200, 403]);
  await model.play({ isHolding: false });
  await until('nothing runs', SOON_MS, async () => (await firewall.status()).judge.running === 0);
  expect(await fetchPage(world, `http://${cut.name}/`)).toMatchObject({ status: 403 });
  expect(await verdictOn(firewall, cut)).toMatchObject({ stage: 'rules' });
  for (const refused of [ruled, cut]) await expectUntouched(world, refused);
});

for (const [whileJudging, status] of [
  ['allow', 200],
  ['block', 403],
] as const) {
  test(`with whileJudging = "${whileJudging}" nobody waits, and its verdict counts from then on`, async ({
    world,
  }) => {
    await using model = await Model.start(world, { isHolding: true });
    await using firewall = await Firewall.start(world, {
      config: `${JUDGED}whileJudging = "${whileJudging}"\n`,
    });
    const host = await stranger(world, `meanwhile-${whileJudging}`);
    expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status });
    expect(await verdictOn(firewall, host)).toMatchObject({
      kind: whileJudging,
      stage: 'judge',
      reason: 'while_judging',
      defaulted: false,
    });
    await until('the model was asked', SOON_MS, () => model.begun(host.domain) === 1);
    await model.play({ isHolding: false, verdict: whileJudging === 'allow' ? 'block' : 'allow' });
    await until('it was judged', SOON_MS, async () => (await inquiries(firewall)).length === 1);
    expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({
      status: status === 200 ? 403 : 200,
    });
    expect(await verdictOn(firewall, host)).toMatchObject({ stage: 'cache', reason: 'cached' });
  });
}
