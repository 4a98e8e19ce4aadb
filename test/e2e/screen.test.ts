import { expect } from 'bun:test';
import { until } from '../until.ts';
import { hello } from './clients/talk.ts';
import { endToEnd } from './world/end-to-end.ts';
import { Firewall, isWatchdog } from './world/firewall.ts';
import { must } from './world/run.ts';
import { Terminal } from './world/terminal.ts';
import type { Host, World } from './world/world.ts';

const DONE_MS = 20_000;
const COLUMNS = 130;
const ROWS = 40;

const test = endToEnd('screen', null);
/** Nobody is asked: the names of these tests are decided by default. How a person is asked stands in a file of its own. */
const ASK_NOBODY = { config: '[policy]\nask = "never"\n' };

async function outcome(world: World, { ip4, name }: Host): Promise<string> {
  return (await hello(world, { ip: ip4, name })).outcome;
}

function tables(world: World): Promise<string> {
  return must(['ip', 'netns', 'exec', world.names.client, 'nft', 'list', 'tables']);
}

test('the feed shows a connection with its program; b blocks and cuts it, u undoes, and q leaves the firewall running', async ({
  world,
}) => {
  await using firewall = await Firewall.start(world, ASK_NOBODY);
  const host = await world.host('on-screen');
  await using terminal = await Terminal.open(world, firewall.places, COLUMNS, ROWS);
  await terminal.shows('ENFORCED');
  const held = world.program(['curl', '-sSN', `http://${host.name}/hold`]);
  const row = (await terminal.shows(host.name)).split('\n').find((line) => line.includes(host.name)) ?? '';
  expect(row).toContain('curl');
  expect(row).toContain('80');

  // The row must be chosen: a block of what came this very moment is asked twice.
  await terminal.press('Down');
  await terminal.press('b');
  expect(await held).toMatchObject({ code: 56, stdout: 'held\n' });
  await terminal.shows(/BLOCK .*curl/);
  expect((await firewall.status()).rules).toBe(1);
  expect(await outcome(world, host)).toBe('reset');
  await terminal.press('u');
  await until('the rule is gone', DONE_MS, async () => (await firewall.status()).rules === 0);
  expect(await outcome(world, host)).toBe('answered');

  await terminal.press('q');
  await terminal.shows('leave it running');
  await terminal.press('d');
  expect(await terminal.shows('ended with 0')).toContain('goes on without the screen');
  expect((await firewall.status()).enforcement.state).toBe('enforced');
});

test('Enter shows every step, ? the keys, / filters', async ({ world }) => {
  await using firewall = await Firewall.start(world, ASK_NOBODY);
  const shown = await world.host('kept-in-view');
  const hidden = await world.host('filtered-away');
  await using terminal = await Terminal.open(world, firewall.places, COLUMNS, ROWS);
  await terminal.shows('ENFORCED');
  for (const host of [hidden, shown]) expect(await outcome(world, host)).toBe('answered');
  await terminal.shows(hidden.name);
  await terminal.shows(shown.name);
  await terminal.press('?');
  await terminal.shows('undo the last change of rules');
  await terminal.press('Escape');
  await terminal.hides('undo the last change');
  await terminal.press('/', 'k', 'e', 'p', 't', 'Enter');
  const filtered = await terminal.hides(hidden.name);
  expect(filtered).toContain(shown.name);
  expect(filtered).toContain('filter kept');
  await terminal.press('Down', 'Enter');
  const why = await terminal.shows('blocklists');
  for (const step of ['scope', 'rules', 'allowlist', 'integrity']) expect(why).toContain(step);
  await until('the last step is scrolled into view', DONE_MS, async () => {
    await terminal.press('NPage');
    return (await terminal.text()).includes(' person ');
  });
});

test('without an engine the screen starts one, and q and s stop it again', async ({ world }) => {
  await using firewall = new Firewall(world);
  await using terminal = await Terminal.open(world, firewall.places, COLUMNS, ROWS);
  await terminal.shows('ENFORCED');
  const host = await world.host('own-engine');
  await firewall.rule('block', host.name);
  expect(await outcome(world, host)).toBe('reset');
  await terminal.press('q');
  await terminal.shows('stop it');
  await terminal.press('s');
  await terminal.shows('ended with 0');
  await until(
    'engine and watchdog have ended',
    DONE_MS,
    async () => (await firewall.processes()).length === 0,
  );
  expect(await tables(world)).toBe('');
  expect(await outcome(world, host)).toBe('answered');
});

test('a screen whose engine is killed says so, and q gives the terminal back', async ({ world }) => {
  await using firewall = await Firewall.start(world);
  await using terminal = await Terminal.open(world, firewall.places, COLUMNS, ROWS);
  await terminal.shows('ENFORCED');
  await firewall.end('SIGKILL');
  await terminal.shows('ENGINE GONE');
  await terminal.press('q');
  expect(await terminal.shows('ended with 3')).toContain('resolagent reset');
});

test('a screen that is killed costs no connection', async ({ world }) => {
  await using firewall = await Firewall.start(world);
  await using terminal = await Terminal.open(world, firewall.places, COLUMNS, ROWS);
  await terminal.shows('ENFORCED');
  const host = await world.host('screen-killed');
  const screen = (await firewall.processes()).find((pid) => pid !== firewall.pid && !isWatchdog(pid));
  if (screen === undefined) throw new Error('there is no screen');
  process.kill(screen, 'SIGKILL');
  await terminal.shows('ended with 137');
  expect(await outcome(world, host)).toBe('answered');
  expect(await firewall.status()).toMatchObject({ enforcement: { state: 'enforced' }, guardRunning: true });
});
