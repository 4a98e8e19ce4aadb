import { expect } from 'bun:test';
import { until } from '../until.ts';
import { endToEnd } from './world/end-to-end.ts';
import { Firewall } from './world/firewall.ts';
import { fetchPage, JUDGED, Model, printed, stranger } from './world/model.ts';
import { Terminal } from './world/terminal.ts';
import { expectUntouched } from './world/untouched.ts';
import type { World } from './world/world.ts';

const SOON_MS = 20_000;
const COLUMNS = 130;
const ROWS = 40;
/** A person has longer than any test. */
const LONG = `[policy]\nunattended = "block"\nholdMs = 120000\n${JUDGED}`;
const SHORT = `[policy]\nunattended = "block"\nholdMs = 1000\n${JUDGED}`;

const test = endToEnd('the person', null);

async function openScreen(world: World, firewall: Firewall): Promise<Terminal> {
  const terminal = await Terminal.open(world, firewall.places, COLUMNS, ROWS);
  await terminal.shows('ENFORCED');
  return terminal;
}

/** Presses a key as long as the strip asks about the name and `isDone` is not so: a key that comes too early is not taken. */
async function press(
  terminal: Terminal,
  name: string,
  key: string,
  isDone: (text: string) => boolean,
): Promise<void> {
  await terminal.shows(`wants ${name}`);
  await until(`${key} is taken`, SOON_MS, async () => {
    const text = await terminal.text();
    const isOver = isDone(text) || !text.includes(`wants ${name}`);
    if (!isOver) await terminal.press(key);
    return isOver;
  });
}

const whenOver = (): boolean => false;

async function lastVerdict(firewall: Firewall, name: string) {
  const flow = (await firewall.flows(`host:=${name}`)).at(-1);
  return { ...flow?.verdict, defaulted: flow?.defaulted };
}

test('what the judge is unsure of is asked on the strip, with its findings; a lets through, b refuses', async ({
  world,
}) => {
  await using model = await Model.start(world, { verdict: 'unsure', isHolding: true });
  await using firewall = await Firewall.start(world, { config: LONG });
  await using terminal = await openScreen(world, firewall);
  const [good, bad] = [await stranger(world, 'evening-post'), await stranger(world, 'morning-post')];
  const fetching = [1, 2, 3].map(() => fetchPage(world, `http://${good.name}/`));
  await until('all wait', SOON_MS, async () => (await firewall.status()).counts.held === 3);
  await model.play({ isHolding: false });
  const strip = await terminal.shows(`wants ${good.name}`);
  expect(strip).toContain('3 connections');
  expect(await terminal.shows('judge: ')).toContain(`the script says unsure of ${good.domain}`);
  await expectUntouched(world, good);
  await press(terminal, good.name, 'a', whenOver);
  for (const { status } of await Promise.all(fetching)) expect(status).toBe(200);
  expect(await lastVerdict(firewall, good.name)).toMatchObject({ stage: 'person', reason: 'answered' });

  const refused = fetchPage(world, `http://${bad.name}/`);
  await press(terminal, bad.name, 'b', whenOver);
  expect(await refused).toMatchObject({ status: 403 });
  expect(await fetchPage(world, `http://${bad.name}/`)).toMatchObject({ status: 403 });
  expect(await lastVerdict(firewall, bad.name)).toMatchObject({ stage: 'person', reason: 'answered' });
  await expectUntouched(world, bad);
  expect((await firewall.status()).rules).toBe(0);
  expect([model.begun(good.domain), model.begun(bad.domain)]).toEqual([1, 1]);
});

test('A and Enter make a rule of the answer, which decides from then on', async ({ world }) => {
  await using firewall = await Firewall.start(world, { config: LONG });
  await using terminal = await openScreen(world, firewall);
  const host = await stranger(world, 'river-bank');
  const fetching = fetchPage(world, `http://${host.name}/`);
  await press(terminal, host.name, 'A', (text) => text.includes('allow curl to reach'));
  await terminal.press('Enter');
  expect(await fetching).toMatchObject({ status: 200 });
  const listed = await firewall.cli(['rules', 'list']);
  expect(listed.stdout).toMatch(new RegExp(`allow.*${host.name}`));
  expect(listed.stdout).toContain('curl');
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 200 });
  expect(await lastVerdict(firewall, host.name)).toMatchObject({ stage: 'rules', reason: 'rule' });
});

test('an empty chair costs one wait: nobody is asked again until a key is pressed', async ({ world }) => {
  await using firewall = await Firewall.start(world, { config: SHORT });
  await using terminal = await openScreen(world, firewall);
  const [first, second, third] = [
    await stranger(world, 'asked-once'),
    await stranger(world, 'not-asked'),
    await stranger(world, 'asked-again'),
  ];
  expect(await fetchPage(world, `http://${first.name}/`)).toMatchObject({ status: 403 });
  expect(await lastVerdict(firewall, first.name)).toMatchObject({ reason: 'time_over', defaulted: true });
  expect(await fetchPage(world, `http://${second.name}/`)).toMatchObject({ status: 403 });
  expect(await lastVerdict(firewall, second.name)).toMatchObject({
    reason: 'nobody_to_ask',
    defaulted: true,
  });
  await terminal.press('Down');
  await until('the person is noticed', SOON_MS, async () => {
    await fetchPage(world, `http://${third.name}/`);
    return (await lastVerdict(firewall, third.name)).reason === 'time_over';
  });
  for (const host of [first, second, third]) await expectUntouched(world, host);
});

for (const [how, leave] of [
  [
    'left',
    async (terminal: Terminal) => {
      await terminal.press('q');
      await terminal.shows('leave it running');
      await terminal.press('d');
      await terminal.shows('ended with 0');
    },
  ],
  ['killed', (terminal: Terminal) => terminal[Symbol.asyncDispose]()],
] as const) {
  test(`what waits for a screen that is ${how} is decided at once`, async ({ world }) => {
    await using firewall = await Firewall.start(world, { config: LONG });
    await using terminal = await openScreen(world, firewall);
    const host = await stranger(world, `screen-${how}`);
    const fetching = fetchPage(world, `http://${host.name}/`);
    await terminal.shows(`wants ${host.name}`);
    await leave(terminal);
    expect(await fetching).toMatchObject({ status: 403 });
    expect(await lastVerdict(firewall, host.name)).toMatchObject({
      reason: 'nobody_to_ask',
      defaulted: true,
    });
    expect((await firewall.status()).counts.held).toBe(0);
    await expectUntouched(world, host);
  });
}

test('j reads the inquiry behind a connection, 4 lists them all, x takes a verdict back', async ({
  world,
}) => {
  await using model = await Model.start(world);
  await using firewall = await Firewall.start(world, { config: LONG });
  await using terminal = await openScreen(world, firewall);
  const host = await stranger(world, 'lake-house');
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 200 });
  await terminal.shows(host.name);
  await terminal.press('j');
  await terminal.shows(`inquiry 1: ${host.domain}: allow`);
  // Both at once, as a busy machine reads what a person typed one by one.
  await terminal.press('Escape', '4');
  await terminal.hides('inquiry 1:');
  await terminal.shows(`✓ allow  ${host.name}`);
  await terminal.press('x');
  await until(
    'its verdict is taken back',
    SOON_MS,
    async () => (await printed(firewall, 'judge', 'learned')).length === 0,
  );
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 200 });
  expect(model.begun(host.domain)).toBe(2);
});
