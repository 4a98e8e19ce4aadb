import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectControl } from '../../src/control/client.ts';
import type { Event } from '../../src/control/protocol.ts';
import { ListControl } from '../../src/lists/list-control.ts';
import { loadLists } from '../../src/lists/loaded-lists.ts';
import type { Host } from '../../src/model/brand.ts';
import { until } from '../until.ts';
import { HostileServer } from './hostile-server.ts';
import { ListWorld, quietConfig } from './list-world.ts';

const SOON_MS = 10_000;

const worlds: ListWorld[] = [];
let source: HostileServer;
beforeAll(async () => {
  source = await new HostileServer().start();
});
afterAll(() => source.stop());
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

async function open(...args: Parameters<typeof ListWorld.open>): Promise<ListWorld> {
  const world = await ListWorld.open(...args);
  worlds.push(world);
  return world;
}

const host = (text: string) => text as Host;

test('every method of the lists answers over the socket', async () => {
  const world = await open();
  const client = await connectControl(world.socket);
  const at = source.serve('/feed.txt', '# feed\nbad.example\n');
  expect(await client.request('lists.add', { at, category: 'custom' })).toEqual({ resetFlows: 7 });
  expect(await client.request('lists.update', { names: ['feed'] })).toEqual({
    results: [{ name: 'feed', outcome: 'updated', entries: 1, added: 1, removed: 0, error: null }],
    resetFlows: 7,
  });
  expect(world.lists.block(host('www.bad.example'))?.line).toBe(2);
  const { lists } = await client.request('lists.status', {});
  expect(lists.find(({ name }) => name === 'feed')).toMatchObject({ hits: 1, on: true, url: at });
  expect(await client.request('lists.search', { host: 'www.bad.example' })).toMatchObject({
    hits: [{ list: 'feed', entry: 'bad.example', on: true }],
  });
  expect(await client.request('lists.diff', { name: 'feed' })).toMatchObject({ added: { count: 1 } });
  expect(await client.request('lists.switch', { name: 'feed', on: false })).toEqual({ resetFlows: 7 });
  expect(world.lists.block(host('www.bad.example'))).toBeNull();
  expect(await client.request('lists.remove', { name: 'feed' })).toEqual({ resetFlows: 7 });
  client.close();
});

test('what cannot be done is refused with the reason, and asks no flow again', async () => {
  const world = await open();
  const client = await connectControl(world.socket);
  const said = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'done',
      (error: Error) => error.message,
    );
  expect(await said(client.request('lists.switch', { name: 'nonesuch', on: true }))).toBe(
    'there is no list called nonesuch',
  );
  expect(await said(client.request('lists.update', { names: ['nonesuch'] }))).toContain('nonesuch');
  expect(await said(client.request('lists.search', { host: 'not a host' }))).toContain('is not a host name');
  expect(await said(client.request('lists.diff', { name: 'urlhaus' }))).toContain('no record of an update');
  expect(await said(client.request('lists.add', { at: 'relative/path' }))).toContain('absolute path');
  expect(await said(client.request('lists.add', { at: 'ftp://x.example/' }))).toContain('cannot be a source');
  expect(world.changes).toBe(0);
  client.close();
});

test('only who asked for an update is told of its progress', async () => {
  const world = await open();
  const [asker, other] = [await connectControl(world.socket), await connectControl(world.socket)];
  const events: Event[] = [];
  const others: Event[] = [];
  asker.onEvent((event) => events.push(event));
  other.onEvent((event) => others.push(event));
  const at = source.serve('/two', 'two.example\n');
  await asker.request('lists.add', { at, name: 'two' });
  await asker.request('lists.update', {});
  await other.request('lists.status', {});
  expect(events).toContainEqual({
    event: 'list_progress',
    progress: { name: 'two', bytes: 12, totalBytes: 12 },
  });
  expect(events.at(-1)).toMatchObject({ event: 'list_updated', result: { name: 'two', outcome: 'updated' } });
  expect(others).toEqual([]);
  asker.close();
  other.close();
});

test('flows are asked again only when an update brought something new', async () => {
  const world = await open();
  const at = source.serve('/same', 'same.example\n', { etag: '"1"' });
  await world.keeper.change((control) => control.add({ at, category: 'custom', name: 'same' }));
  const options = { names: ['same'], force: false };
  expect((await world.keeper.update(options)).cut).toBe(7);
  source.serve('/same', '', {}, 304);
  const before = world.changes;
  expect(await world.keeper.update(options)).toMatchObject({ cut: 0, results: [{ outcome: 'unchanged' }] });
  expect(world.changes).toBe(before);
});

test('takes in what another program changed, and asks flows again', async () => {
  const world = await open();
  world.keeper.start();
  const other = new ListControl(await loadLists(quietConfig(), { stateDir: world.state }));
  const path = join(world.folder, 'own.txt');
  writeFileSync(path, 'own.example\n');
  await other.add({ at: path, category: 'custom', name: 'own' });
  await until('the file is in force', SOON_MS, () => world.lists.block(host('own.example'))?.list === 'own');
  await until('flows were asked again', SOON_MS, () => world.changes > 0);
});

test('takes another configuration', async () => {
  const world = await open();
  expect(world.lists.block(host('doubleclick.net'))).toBeNull();
  await world.keeper.configure(quietConfig({ ads: true }));
  expect(world.lists.block(host('doubleclick.net'))?.category).toBe('ads');
});

test('a source that was added is downloaded by itself, and its failures are one line', async () => {
  const world = await open(quietConfig({ update: true }));
  world.keeper.start();
  const good = source.serve('/good', 'good.example\n');
  await world.keeper.change((control) => control.add({ at: good, category: 'custom', name: 'good' }));
  await until('it was downloaded', SOON_MS, () => world.lists.block(host('good.example')) !== null);
  expect(world.notices).toEqual([]);
  for (const name of ['bad-one', 'bad-two']) {
    const at = source.serve(`/${name}`, 'oops', {}, 503);
    await world.keeper.control.add({ at, category: 'custom', name });
  }
  await world.keeper.change((control) => control.switchList('bad-one', true));
  await until('something is said', SOON_MS, () => world.notices.length > 0);
  expect(world.notices).toEqual([
    'list bad-one was not updated: the server answered with status 503, and 1 more; what is in force stays',
  ]);
  // Both failed just now, so that neither is due: whatever is switched, nothing is said again.
  await world.keeper.change((control) => control.switchList('bad-two', true));
  expect(world.keeper.status().find(({ name }) => name === 'bad-two')?.error).toContain('503');
  expect(world.notices).toHaveLength(1);
});

test('a compiled file that was damaged is told of and made again', async () => {
  const first = await open();
  await first.lists.reload();
  const path = join(first.state, 'lists/compiled');
  const bytes = new Uint8Array(await Bun.file(path).arrayBuffer());
  bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 0xff;
  writeFileSync(path, bytes);
  first.keeper.start();
  await until('something is said', SOON_MS, () => first.notices.length > 0);
  expect(first.notices[0]).toStartWith('the compiled lists were damaged and made again: section');
});
