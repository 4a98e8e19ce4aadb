import { expect } from 'bun:test';
import { inquirySchema } from '../../src/schema/judge.ts';
import type { Persona } from '../judge/scripted-model/script.ts';
import { until } from '../until.ts';
import { endToEnd } from './world/end-to-end.ts';
import { Firewall } from './world/firewall.ts';
import { fetchPage, JUDGED, Model, printed, stranger } from './world/model.ts';
import { expectUntouched } from './world/untouched.ts';

const SOON_MS = 20_000;

/** Connections wait for the judge much shorter than for the test's patience; what nobody decides is refused. */
const HURRIED = `[policy]\nunattended = "block"\n${JUDGED}holdMs = 1500\ntimeoutMs = 3000\n`;
/** Whoever waits for this judge waits longer than the test does. */
const PATIENT = `${JUDGED}holdMs = 120000\ntimeoutMs = 600000\n`;

const test = endToEnd('models', null);

/** The newest inquiry into a domain, once it is written down. */
async function inquiryInto(firewall: Firewall, domain: string) {
  const id = await until(`an inquiry into ${domain}`, SOON_MS, async () => {
    const all = (await printed(firewall, 'judge', 'list')) as { id: number; domain: string }[];
    return all.find((one) => one.domain === domain)?.id ?? null;
  });
  const [shown] = await printed(firewall, 'judge', 'show', String(id));
  return inquirySchema.parse(shown);
}

async function lastVerdict(firewall: Firewall, name: string) {
  const flow = (await firewall.flows(`host:=${name}`)).at(-1);
  return { ...flow?.verdict, defaulted: flow?.defaulted };
}

interface Ending {
  readonly persona: Persona;
  readonly why: readonly string[];
  readonly marks: readonly string[];
}

/** The time of the inquiry and that of its request end together; either may be noticed first. */
const SILENT = ['time_over', 'model_failed'];

const BAD_ENDINGS: readonly Ending[] = [
  { persona: 'hanging', why: SILENT, marks: [] },
  { persona: 'dies-mid-stream', why: ['model_failed'], marks: [] },
  { persona: 'hangs-mid-stream', why: SILENT, marks: [] },
  { persona: 'loops-on-tools', why: ['rounds_over'], marks: [] },
  { persona: 'garbage', why: ['model_failed', 'no_answer'], marks: [] },
  { persona: 'rate-limited', why: ['model_failed'], marks: [] },
  { persona: 'lying', why: ['allow_refused'], marks: ['unknown_evidence'] },
];

test('no connection waits past its deadline for a model that misbehaves, and none gets through', async ({
  world,
}) => {
  await using model = await Model.start(world, { tools: ['WHOIS'] });
  await using firewall = await Firewall.start(world, { config: HURRIED });
  for (const { persona, why, marks } of BAD_ENDINGS) {
    await model.play({ persona });
    const host = await stranger(world, `met-${persona}`);
    // A connection that broke counts as no server, until it is tried again.
    await until('it is ready', SOON_MS, async () => (await firewall.status()).judge.state === 'ready');
    const fetched = await fetchPage(world, `http://${host.name}/`);
    expect([persona, fetched.status]).toEqual([persona, 403]);
    expect(await lastVerdict(firewall, host.name)).toMatchObject({
      reason: 'nobody_to_ask',
      defaulted: true,
    });
    const inquiry = await inquiryInto(firewall, host.domain);
    expect([persona, inquiry.outcome.kind]).toEqual([persona, 'unsure']);
    expect(why).toContain(inquiry.outcome.why);
    expect<string[]>(inquiry.marks.map(({ kind }) => kind)).toEqual([...marks]);
    await expectUntouched(world, host);
  }
  const { counts, enforcement, judge } = await firewall.status();
  expect<object>({ counts, enforcement, judge }).toMatchObject({
    counts: { held: 0, open: 0 },
    enforcement: { state: 'enforced' },
    judge: { state: 'ready', running: 0, waiting: 0, done: BAD_ENDINGS.length, marked: 1 },
  });
});

test('a connection gets its verdict past what fails in passing, while it waits', async ({ world }) => {
  const busy = { status: 429, headers: { 'retry-after': '1' } };
  await using model = await Model.start(world, {
    tools: ['WHOIS'],
    mishaps: [busy, { status: 503 }, 'reset', 'cut'],
  });
  await using firewall = await Firewall.start(world, { config: PATIENT });
  const host = await stranger(world, 'tried-again');
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 200 });
  expect(await lastVerdict(firewall, host.name)).toMatchObject({ stage: 'judge', reason: 'judged' });
  expect(model.begun(host.domain)).toBe(5);
  const { outcome, rounds } = await inquiryInto(firewall, host.domain);
  expect(outcome).toMatchObject({ kind: 'allow', why: 'judged' });
  expect(rounds[0]?.retried.map(({ why }) => why)).toEqual([
    'rate_limited',
    'server_error',
    'broken',
    'broken',
  ]);
});

test('nothing is kept of a failure: the connection says that the model failed, and the next one is judged', async ({
  world,
}) => {
  const spent = { status: 429, headers: { 'retry-after': '3600' } };
  await using _model = await Model.start(world, { tools: ['WHOIS'], mishaps: [spent] });
  await using firewall = await Firewall.start(world, {
    config: `[policy]\nunattended = "block"\n${PATIENT}`,
  });
  const host = await stranger(world, 'failed-once');
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 403 });
  const first = await lastVerdict(firewall, host.name);
  expect(first).toMatchObject({ reason: 'nobody_to_ask', defaulted: true });
  expect(first.evidence?.map(({ text }) => text)).toContain(
    'scripted failed to give a verdict: HTTP 429: it asks to wait 3600 s; too many requests',
  );
  await expectUntouched(world, host);
  expect(await printed(firewall, 'judge', 'learned')).toEqual([]);
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 200 });
  expect(await lastVerdict(firewall, host.name)).toMatchObject({ stage: 'judge', reason: 'judged' });
});

test('models that think aloud, or have no tools, are understood', async ({ world }) => {
  await using model = await Model.start(world, { tools: ['WHOIS'] });
  await using firewall = await Firewall.start(world, { config: PATIENT });
  for (const persona of ['verbose', 'text-only'] as const) {
    await model.play({ persona });
    const host = await stranger(world, `heard-${persona}`);
    expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 200 });
    const { outcome, rounds } = await inquiryInto(firewall, host.domain);
    expect(outcome).toMatchObject({ kind: 'allow', why: 'judged', evidence: ['E1'] });
    expect(rounds.map(({ dialect }) => dialect)).toEqual(['text', 'text', 'text']);
  }
});

test('a verdict that comes after the wait counts for the next connection', async ({ world }) => {
  await using _model = await Model.start(world, { persona: 'slow', tools: ['WHOIS'] });
  await using firewall = await Firewall.start(world, { config: HURRIED.replace('3000', '9000') });
  const host = await stranger(world, 'came-late');
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 403 });
  const { evidence, ...late } = await lastVerdict(firewall, host.name);
  expect(late).toMatchObject({ reason: 'nobody_to_ask', defaulted: true });
  expect(evidence?.map(({ text }) => text)).toContain('the judge had not answered after 1.5 s');
  expect((await inquiryInto(firewall, host.domain)).outcome).toMatchObject({ kind: 'allow', why: 'judged' });
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 200 });
  expect(await lastVerdict(firewall, host.name)).toMatchObject({ stage: 'cache', reason: 'cached' });
});

test('an allow that rests on nothing but the page is none', async ({ world }) => {
  await using _model = await Model.start(world, { persona: 'page-only' });
  await using firewall = await Firewall.start(world, {
    config: `[policy]\nunattended = "block"\n${PATIENT}`,
  });
  const host = await stranger(world, 'nice-page');
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 403 });
  const { outcome, marks, rounds } = await inquiryInto(firewall, host.domain);
  expect(outcome).toMatchObject({ kind: 'unsure', why: 'allow_refused' });
  expect(marks.map(({ kind }) => kind)).toEqual(['page_only']);
  expect(rounds[0]?.results.map(({ tool, source }) => [tool, source])).toContainEqual(['FETCH', 'page']);
});

test('nothing waits for a server that is not there, and one that comes is found', async ({ world }) => {
  await using firewall = await Firewall.start(world, { config: PATIENT });
  const nobody = await stranger(world, 'nobody-there');
  expect(await fetchPage(world, `http://${nobody.name}/`)).toMatchObject({ status: 200 });
  expect(await lastVerdict(firewall, nobody.name)).toMatchObject({
    reason: 'nobody_to_ask',
    defaulted: true,
  });
  const { judge } = await firewall.status();
  expect(judge).toMatchObject({ state: 'unreachable', running: 0, waiting: 0, done: 0 });
  expect(judge.detail).not.toBeNull();
  await using _model = await Model.start(world);
  await until('it is found', SOON_MS, async () => (await firewall.status()).judge.state === 'ready');
  expect((await firewall.status()).judge.detail).toBeNull();
  const host = await stranger(world, 'now-there');
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 200 });
  expect(await lastVerdict(firewall, host.name)).toMatchObject({ stage: 'judge', reason: 'judged' });
});

test('nothing waits for a server that does not take the key, and status says so', async ({ world }) => {
  await using model = await Model.start(world, { persona: 'refusing' });
  await using firewall = await Firewall.start(world, { config: PATIENT });
  const host = await stranger(world, 'no-key');
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 200 });
  expect(await lastVerdict(firewall, host.name)).toMatchObject({ reason: 'nobody_to_ask', defaulted: true });
  expect(model.begun(host.domain)).toBe(0);
  const { judge } = await firewall.status();
  expect(judge.state).toBe('refused');
  expect(judge.detail).toContain('key');
});

test('a model that is killed in the middle of an inquiry is used again once it is back', async ({
  world,
}) => {
  const model = await Model.start(world, { isHolding: true });
  await using firewall = await Firewall.start(world, { config: PATIENT });
  const host = await stranger(world, 'lost-its-judge');
  const fetching = fetchPage(world, `http://${host.name}/`);
  await until('the model was asked', SOON_MS, () => model.begun(host.domain) === 1);
  await model.end('SIGKILL');
  expect(await fetching).toMatchObject({ status: 200 });
  expect(await lastVerdict(firewall, host.name)).toMatchObject({ reason: 'nobody_to_ask', defaulted: true });
  expect((await inquiryInto(firewall, host.domain)).outcome.why).toBe('model_failed');
  const next = await stranger(world, 'finds-it-gone');
  expect(await fetchPage(world, `http://${next.name}/`)).toMatchObject({ status: 200 });
  expect((await firewall.status()).judge).toMatchObject({ state: 'unreachable', running: 0, waiting: 0 });
  await using _again = await Model.start(world);
  await until('it is ready', SOON_MS, async () => (await firewall.status()).judge.state === 'ready');
  const last = await stranger(world, 'has-its-judge');
  expect(await fetchPage(world, `http://${last.name}/`)).toMatchObject({ status: 200 });
  expect(await lastVerdict(firewall, last.name)).toMatchObject({ stage: 'judge', reason: 'judged' });
});

test('a model that is killed and started again gives its verdict to the connection that waits', async ({
  world,
}) => {
  const model = await Model.start(world, { isHolding: true });
  await using firewall = await Firewall.start(world, { config: PATIENT });
  const host = await stranger(world, 'has-patience');
  const fetching = fetchPage(world, `http://${host.name}/`);
  await until('the model was asked', SOON_MS, () => model.begun(host.domain) === 1);
  await model.end('SIGKILL');
  await using _again = await Model.start(world);
  expect(await fetching).toMatchObject({ status: 200 });
  expect(await lastVerdict(firewall, host.name)).toMatchObject({ stage: 'judge', reason: 'judged' });
  expect((await firewall.status()).judge).toMatchObject({ state: 'ready', done: 1 });
});

test('a server whose model never replies counts as gone after three inquiries', async ({ world }) => {
  await using model = await Model.start(world, { persona: 'hanging' });
  await using firewall = await Firewall.start(world, {
    config: HURRIED.replace('3000', '1000').replace('1500', '60000'),
  });
  for (const label of ['first-silence', 'second-silence', 'third-silence']) {
    const host = await stranger(world, label);
    expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 403 });
    expect(SILENT).toContain((await inquiryInto(firewall, host.domain)).outcome.why);
    await expectUntouched(world, host);
  }
  expect((await firewall.status()).judge.state).toBe('unreachable');
  await model.play({ persona: 'well-behaved' });
  await until('it is tried again', SOON_MS, async () => (await firewall.status()).judge.state === 'ready');
  const host = await stranger(world, 'a-word');
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 200 });
});
