import { expect } from 'bun:test';
import { listSchema } from '../../src/schema/list.ts';
import { until } from '../until.ts';
import { hello } from './clients/talk.ts';
import { endToEnd } from './world/end-to-end.ts';
import { Firewall } from './world/firewall.ts';
import { BINARY } from './world/requirement.ts';
import { expectUntouched } from './world/untouched.ts';
import type { Host, World } from './world/world.ts';

const CONFIG = '[lists]\nupdate = false\n';
/** The engine looks at its files every 3 s. */
const TAKEN_IN_MS = 20_000;

const test = endToEnd('lists', () => ({ config: CONFIG }));

async function outcome(world: World, host: Host): Promise<string> {
  return (await hello(world, { ip: host.ip4, name: host.name })).outcome;
}

/** A source of its own for one test: added, downloaded and in force. */
async function addFeed(world: World, firewall: Firewall, name: string, text: string): Promise<Host> {
  const source = await world.host(`source-${name}`);
  await world.internet.setText(`/${name}.txt`, text);
  const url = `http://${source.name}/${name}.txt`;
  expect(await firewall.cli(['lists', 'add', url, '--category', 'malware'])).toMatchObject({ code: 0 });
  expect(await firewall.cli(['lists', 'update', name])).toMatchObject({ code: 0 });
  return source;
}

async function row(firewall: Firewall, name: string) {
  const { stdout } = await firewall.cli(['lists', 'status', '--json']);
  const rows = stdout.split('\n').filter((line) => line !== '');
  return rows.map((line) => listSchema.parse(JSON.parse(line))).find((list) => list.name === name);
}

test('a source that is added and updated blocks, until it is disabled, and again when enabled', async ({
  world,
  firewall,
}) => {
  const host = await world.host('fed');
  expect(await outcome(world, host)).toBe('answered');
  const feed = `# a feed\n0.0.0.0 ${host.name}\n`;
  await world.internet.setText('/feed.txt', feed);
  const source = await world.host('source-feed');
  const url = `http://${source.name}/feed.txt`;
  expect(await firewall.cli(['lists', 'add', url, '--category', 'malware'])).toMatchObject({ code: 0 });
  expect(await outcome(world, host)).toBe('answered');
  const updated = await firewall.cli(['lists', 'update', 'feed']);
  expect(updated).toMatchObject({ code: 0, stdout: 'feed: 1 entries, 1 new, 0 gone\n' });
  expect(await outcome(world, host)).toBe('reset');
  const [flow] = (await firewall.flows(`host:=${host.name} verdict:block`)).slice(-1);
  expect(flow?.verdict).toMatchObject({ stage: 'blocklist', evidence: [{ list: 'feed', line: 2 }] });
  expect(await row(firewall, 'feed')).toMatchObject({ entries: 1, hits: 1, on: true, url, error: null });
  const search = await firewall.cli(['lists', 'search', `deep.${host.name}`]);
  expect(search.stdout).toBe(`${host.name}  feed, line 2 (malware, on)\n`);
  expect(await firewall.cli(['lists', 'disable', 'feed'])).toMatchObject({ code: 0 });
  expect(await outcome(world, host)).toBe('answered');
  expect(await firewall.cli(['lists', 'enable', 'feed'])).toMatchObject({ code: 0 });
  expect(await outcome(world, host)).toBe('reset');
  expect((await firewall.cli(['lists', 'update', 'feed'])).stdout).toBe('feed: unchanged, 1 entries\n');
  expect(await firewall.cli(['lists', 'remove', 'feed'])).toMatchObject({ code: 0 });
  expect(await outcome(world, host)).toBe('answered');
});

test('downloads pass the firewall, and nothing listed is reached', async ({ world, firewall }) => {
  const host = await world.host('exempt');
  await firewall.rule('block', 'source-exempt-feed.e2e.test');
  const source = await addFeed(world, firewall, 'exempt-feed', `${host.name}\n`);
  expect(await outcome(world, source)).toBe('reset');
  expect(await outcome(world, host)).toBe('reset');
  await expectUntouched(world, host);
  // The engine's own connection is no flow: only ours, which was refused, is in the log.
  const flows = await firewall.flows(`host:=${source.name}`);
  expect(flows.map(({ effect }) => effect)).toEqual(['reset']);
});

test('what broke or shrank on the server is not taken, and the old list goes on', async ({
  world,
  firewall,
}) => {
  const host = await world.host('kept');
  await addFeed(world, firewall, 'kept-feed', `${host.name}\none.example\ntwo.example\nthree.example\n`);
  await world.internet.setText('/kept-feed.txt', 'one.example\n');
  const shrunk = await firewall.cli(['lists', 'update', 'kept-feed']);
  expect(shrunk.code).toBe(1);
  expect(shrunk.stdout).toContain('refused, it shrank from 4 to 1 entries');
  await world.internet.setText('/kept-feed.txt', '<html>gone</html>\n');
  expect((await firewall.cli(['lists', 'update', 'kept-feed', '--force'])).code).toBe(1);
  expect(await outcome(world, host)).toBe('reset');
  expect((await row(firewall, 'kept-feed'))?.error).toContain('not one name');
  await world.internet.setText('/kept-feed.txt', `${host.name}\none.example\nfour.example\n`);
  expect((await firewall.cli(['lists', 'update', 'kept-feed'])).code).toBe(0);
  const diff = await firewall.cli(['lists', 'diff', 'kept-feed']);
  expect(diff.stdout).toBe('+ four.example\n- two.example\n- three.example\n');
});

test('a connection that is open is cut when a list that covers it is switched on', async ({
  world,
  firewall,
}) => {
  const host = await world.host('cut');
  await addFeed(world, firewall, 'cut-feed', `${host.name}\n`);
  await firewall.cli(['lists', 'disable', 'cut-feed']);
  const held = world.program(['curl', '-sSN', '--max-time', '25', `http://${host.name}/hold`]);
  await until('the connection is open', TAKEN_IN_MS, async () => {
    const flows = await firewall.flows(`host:=${host.name}`);
    return flows.some(({ state, bytesIn }) => state === 'open' && bytesIn > 0);
  });
  await firewall.cli(['lists', 'enable', 'cut-feed']);
  // curl: 56 is a connection that was reset, 28 would be its own limit.
  expect(await held).toMatchObject({ code: 56, stdout: 'held\n' });
});

test('what a command without the engine changes beside it is taken in', async ({ world, firewall }) => {
  const host = await world.host('beside');
  await addFeed(world, firewall, 'beside-feed', `${host.name}\n`);
  const places = ['--config', firewall.config, '--state', firewall.state, '--socket', '/nonexistent'];
  const ran = await world.program([BINARY, 'lists', 'disable', 'beside-feed', ...places]);
  expect(ran).toMatchObject({ code: 0 });
  await until('the engine sees it', TAKEN_IN_MS, async () => (await outcome(world, host)) === 'answered');
  expect((await row(firewall, 'beside-feed'))?.on).toBe(false);
});

test('an engine that was killed starts with its lists in force', async ({ world, firewall }) => {
  const host = await world.host('killed');
  await addFeed(world, firewall, 'killed-feed', `${host.name}\n`);
  await firewall.end('SIGKILL');
  await firewall.start();
  expect(await outcome(world, host)).toBe('reset');
});

test('a source on an address that is not on the internet is refused by default', async ({
  world,
  firewall,
}) => {
  const source = await world.host('private');
  await world.internet.setName(source.name, ['10.99.0.1'], []);
  await firewall.cli(['lists', 'add', `http://${source.name}/private.txt`]);
  const refused = await firewall.cli(['lists', 'update', 'private']);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain('leads to 10.99.0.1, which is not on the internet');
});

test('with no network the built-in lists serve, and one line says that there is nothing new', async ({
  world,
  firewall: former,
}) => {
  await former.end('SIGTERM');
  // Nothing of this world answers for the shipped sources.
  await using firewall = await Firewall.start(world);
  const ran = await firewall.cli(['lists', 'update']);
  expect(ran.code).toBe(1);
  expect(ran.stdout).toContain('urlhaus: failed');
  const ads = await row(firewall, 'third-party-web ads');
  expect(ads).toMatchObject({ on: true, error: null });
  expect(ads?.at).toBeGreaterThan(0);
  expect(await row(firewall, 'urlhaus')).toMatchObject({ on: true, at: null, entries: 0 });
  const shown = await firewall.cli(['status']);
  expect(shown.stdout).toMatch(/lists {7}\d+ of \d+ on, none of them downloaded, \d+ \w+ old/);
});
