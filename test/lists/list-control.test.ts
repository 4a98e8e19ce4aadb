import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema } from '../../src/config/schema.ts';
import { ListControl, type ListRow } from '../../src/lists/list-control.ts';
import { loadLists } from '../../src/lists/loaded-lists.ts';
import { DOWNLOAD_LIMITS } from '../../src/lists/update/download.ts';
import { dueSources } from '../../src/lists/update/schedule.ts';
import { shippedSources, sourceSchema } from '../../src/lists/update/sources.ts';
import type { Host } from '../../src/model/brand.ts';
import { HostileServer } from './hostile-server.ts';

let server: HostileServer;
const folders: string[] = [];
beforeAll(async () => {
  server = await new HostileServer().start();
});
afterAll(() => server.stop());
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function open(stateDir?: string) {
  const root = mkdtempSync(join(tmpdir(), 'resolagent-control-'));
  folders.push(root);
  const dir = stateDir ?? join(root, 'state');
  const lists = await loadLists(configSchema.parse({}).lists, { stateDir: dir });
  const control = new ListControl(lists, { limits: DOWNLOAD_LIMITS, allowPrivate: true });
  return {
    root,
    dir,
    lists,
    control,
    row: (name: string) => control.status().find((row) => row.name === name),
  };
}

const host = (text: string) => text as Host;
const UPDATE_EVERY_MS = 86_400_000;

test('the shipped sources are well-formed, over https, and cover every category with over 100,000 names', () => {
  const sources = shippedSources();
  const categories = new Set(sources.map((source) => source.category as string));
  for (const category of [
    'malware',
    'phishing',
    'ads',
    'gambling',
    'fakenews',
    'adult',
    'social',
    'popular',
  ]) {
    expect(categories.has(category)).toBe(true);
  }
  expect(new Set(sources.map((source) => source.name)).size).toBe(sources.length);
  expect(sources.filter((source) => !source.url.startsWith('https://'))).toEqual([]);
  expect(sources.filter((source) => source.default && source.licence === 'unknown')).toEqual([]);
  const blocked = sources.filter((source) => source.default && source.category !== 'popular');
  expect(blocked.reduce((sum, source) => sum + source.expected, 0)).toBeGreaterThan(100_000);
});

test('a source that is added, updated and searched blocks, and says from which line', async () => {
  const { control, lists, row } = await open();
  const url = server.serve('/my-feed.txt', '# feed\nbad.example\n');
  expect(await control.add({ at: url, category: 'malware' })).toEqual({ ok: true });
  expect(row('my-feed')).toMatchObject({ entries: 0, on: true, url, checkedAt: null });
  expect(await control.update({ names: ['my-feed'], force: false })).toMatchObject([
    { outcome: 'updated', entries: 1 },
  ]);
  expect(lists.block(host('www.bad.example'))).toEqual({
    list: 'my-feed',
    category: 'malware',
    entry: 'bad.example',
    line: 2,
  });
  expect(control.search('WWW.bad.example.')).toEqual([
    { list: 'my-feed', category: 'malware', entry: 'bad.example', line: 2, on: true },
  ]);
  expect(control.diff('my-feed')).toMatchObject({ added: { count: 1, names: ['bad.example'] } });
  expect(row('my-feed')?.at).toBeGreaterThan(0);
});

test('what was added, switched and downloaded is there after a restart', async () => {
  const first = await open();
  const url = server.serve('/kept', 'kept.example\n');
  await first.control.add({ at: url, category: 'phishing', name: 'kept' });
  await first.control.update({ names: ['kept'], force: false });
  await first.control.switchList('third-party-web ads', false);
  const second = await open(first.dir);
  expect(second.lists.block(host('kept.example'))?.category).toBe('phishing');
  expect(second.lists.block(host('doubleclick.net'))).toBeNull();
  await second.control.switchList('third-party-web ads', true);
  expect(second.lists.block(host('doubleclick.net'))).not.toBeNull();
});

test('switching a list does not compile anything', async () => {
  const { control, lists, dir } = await open();
  const before = readFileSync(join(dir, 'lists/compiled'));
  expect(await control.switchList('built-in malware', false)).toEqual({ ok: true });
  expect(lists.block(host('coinhive.com'))).toBeNull();
  expect(control.search('coinhive.com')?.[0]?.on).toBe(false);
  expect(readFileSync(join(dir, 'lists/compiled')).equals(before)).toBe(true);
});

test('a failed update keeps the old list in force and shows the error', async () => {
  const { control, lists, row } = await open();
  await control.add({ at: server.serve('/fragile', 'old.example\n'), category: 'malware', name: 'fragile' });
  await control.update({ names: ['fragile'], force: false });
  server.serve('/fragile', 'oops', {}, 503);
  expect(await control.update({ names: ['fragile'], force: false })).toMatchObject([{ outcome: 'failed' }]);
  expect(lists.block(host('old.example'))?.list).toBe('fragile');
  expect(row('fragile')).toMatchObject({ entries: 1, error: 'the server answered with status 503' });
});

test('verdicts go on with the old list while a new one is compiled', async () => {
  const { control, lists } = await open();
  const big = Array.from({ length: 150_000 }, (_, i) => `n${i}.example\n`).join('');
  await control.add({ at: server.serve('/big', big), category: 'malware', name: 'big' });
  let done = false;
  const update = control.update({ names: ['big'], force: false }).then(() => {
    done = true;
  });
  let asked = 0;
  while (!done) {
    expect(lists.block(host('doubleclick.net'))).not.toBeNull();
    asked++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await update;
  expect(asked).toBeGreaterThan(10);
  expect(lists.block(host('n149999.example'))?.line).toBe(150_000);
});

test('a list from a file can be added and removed', async () => {
  const { control, lists, root, row } = await open();
  const path = join(root, 'Own List.txt');
  writeFileSync(path, 'own.example\n');
  expect(await control.add({ at: path, category: 'custom' })).toEqual({ ok: true });
  expect(lists.block(host('own.example'))?.list).toBe('own-list');
  expect(await control.remove('own-list')).toEqual({ ok: true });
  expect(lists.block(host('own.example'))).toBeNull();
  expect(row('own-list')).toBeUndefined();
});

test('removing a source deletes what was downloaded of it', async () => {
  const { control, dir } = await open();
  await control.add({ at: server.serve('/gone', 'gone.example\n'), category: 'malware', name: 'gone' });
  await control.update({ names: ['gone'], force: false });
  expect(existsSync(join(dir, 'lists/sources/gone'))).toBe(true);
  await control.remove('gone');
  expect(existsSync(join(dir, 'lists/sources/gone'))).toBe(false);
});

test('says why a change cannot be made', async () => {
  const { control } = await open();
  const said = async (done: Promise<{ ok: boolean; error?: string }>) => (await done).error ?? '';
  expect(await said(control.switchList('nonesuch', true))).toBe('there is no list called nonesuch');
  expect(await said(control.remove('urlhaus'))).toContain('lists disable urlhaus');
  expect(await said(control.add({ at: 'ftp://x.example/list', category: 'ads' }))).toContain(
    'cannot be a source',
  );
  expect(
    await said(control.add({ at: 'https://x.example/list', category: 'ads', name: 'Not A Name' })),
  ).toContain('cannot be a source');
  expect(await said(control.add({ at: 'https://x.example/', category: 'ads', name: 'urlhaus' }))).toContain(
    'already is a list',
  );
  expect(control.update({ names: ['nonesuch'], force: false })).rejects.toThrow(
    'there is no source called nonesuch',
  );
  expect(control.search('not a host')).toBeNull();
});

test('the lists of the program and sources of categories that are off are not updated by default', async () => {
  const { control, row } = await open();
  expect(row('stevenblack-gambling')?.on).toBe(false);
  expect(row('phishing-database')).toMatchObject({ on: true, licence: 'MIT', checkedAt: null });
  const due = dueSources(control.status(), () => 0, Date.now(), UPDATE_EVERY_MS, 0);
  expect(due).toContain('urlhaus');
  expect(due).not.toContain('stevenblack-gambling');
  expect(due).not.toContain('built-in malware');
});

test('a state file that is damaged is put aside and the defaults serve', async () => {
  const first = await open();
  await first.control.switchList('built-in malware', false);
  writeFileSync(join(first.dir, 'lists/state.json'), '{"version":1,');
  const second = await open(first.dir);
  expect(second.lists.block(host('coinhive.com'))).not.toBeNull();
  expect(existsSync(join(first.dir, 'lists/state.json.damaged'))).toBe(true);
});

test('sources are asked again after a day, and after a failure sooner, then later and later', () => {
  const row = (checkedAt: number | null): ListRow => ({
    ...{ name: 'feed', category: 'ads', entries: 1, skipped: 0, quarantined: 0, hits: 0, on: true },
    ...{ at: null, error: null, url: 'https://x.example/', licence: null, checkedAt },
  });
  const due = (ageMs: number, failures: number, spread = 0) =>
    dueSources([row(1_000)], () => failures, 1_000 + ageMs, UPDATE_EVERY_MS, spread).length === 1;
  expect(dueSources([row(null)], () => 0, 0, UPDATE_EVERY_MS, 1)).toEqual(['feed']);
  expect(due(UPDATE_EVERY_MS - 1, 0)).toBe(false);
  expect(due(UPDATE_EVERY_MS, 0)).toBe(true);
  expect(due(UPDATE_EVERY_MS, 0, 1)).toBe(false);
  expect(due(900_000, 1)).toBe(true);
  expect(due(900_000, 2)).toBe(false);
  expect(due(UPDATE_EVERY_MS, 99)).toBe(true);
});

test('a source needs a URL of http or https and a name that is safe as a file name', () => {
  const parses = (source: object) => sourceSchema.safeParse(source).success;
  expect(parses({ name: 'a', category: 'ads', url: 'https://x.example/' })).toBe(true);
  for (const name of ['', '../x', 'a/b', '.hidden', 'A', 'x'.repeat(61)]) {
    expect(parses({ name, category: 'ads', url: 'https://x.example/' })).toBe(false);
  }
  for (const url of ['file:///etc/passwd', 'javascript:1', 'x.example'])
    expect(parses({ name: 'a', category: 'ads', url })).toBe(false);
});

test('a list that was switched on by name is on, whatever its category', async () => {
  const { control, lists, row } = await open();
  expect(row('built-in gambling')?.on).toBe(false);
  await control.switchList('built-in gambling', true);
  expect(row('built-in gambling')?.on).toBe(true);
  expect(lists.block(host('bet365.com'))?.list).toBe('built-in gambling');
  await control.switchList('stevenblack-gambling', true);
  expect(row('stevenblack-gambling')).toMatchObject({ on: true, at: null });
});

test('a switch does not wait for a download, and a source that is removed meanwhile stays away', async () => {
  const { control, lists, dir, row } = await open();
  await control.add({ at: server.serve('/slow', 'slow.example\n'), category: 'malware', name: 'slow' });
  const gate = server.hold('/slow');
  const update = control.update({ names: ['slow'], force: false });
  await gate.asked;
  expect(await control.switchList('third-party-web ads', false)).toEqual({ ok: true });
  expect(lists.block(host('doubleclick.net'))).toBeNull();
  expect(await control.remove('slow')).toEqual({ ok: true });
  gate.open();
  expect(await update).toMatchObject([{ name: 'slow', outcome: 'updated' }]);
  expect(row('slow')).toBeUndefined();
  expect(existsSync(join(dir, 'lists/sources/slow'))).toBe(false);
  expect(row('third-party-web ads')?.on).toBe(false);
});

test('sees what another program changed: the state, a file, a file of a folder', async () => {
  const { control, lists, root, dir } = await open();
  await lists.reload();
  expect(await lists.changedOnDisk()).toBe(false);
  const other = await open(dir);
  const folder = join(root, 'own');
  mkdirSync(folder);
  writeFileSync(join(folder, 'one.txt'), 'one.example\n');
  await other.control.add({ at: folder, category: 'custom', name: 'own' });
  expect(await lists.changedOnDisk()).toBe(true);
  await lists.reload();
  expect(lists.block(host('one.example'))?.list).toBe('own/one.txt');
  expect(await lists.changedOnDisk()).toBe(false);
  writeFileSync(join(folder, 'one.txt'), 'one.example\nanother.example\n');
  expect(await lists.changedOnDisk()).toBe(true);
  await lists.reload();
  expect(lists.block(host('another.example'))?.line).toBe(2);
  expect(await control.switchList('own/one.txt', false)).toEqual({ ok: true });
  expect(await lists.changedOnDisk()).toBe(false);
});

test('what another program switched meanwhile is kept by the next change', async () => {
  const { control, dir, row } = await open();
  const other = await open(dir);
  await other.control.switchList('built-in ads', false);
  await control.switchList('built-in malware', false);
  expect(row('built-in ads')?.on).toBe(false);
  expect(row('built-in malware')?.on).toBe(false);
});

test('the file compiled last serves at once when asked to, and a reload brings the rest', async () => {
  const { control, root, dir } = await open();
  const path = join(root, 'own.txt');
  writeFileSync(path, 'first.example\n');
  await control.add({ at: path, category: 'custom', name: 'own' });
  writeFileSync(path, 'first.example\nsecond.example\n');
  const lists = await loadLists(configSchema.parse({}).lists, { stateDir: dir, lastCompiled: true });
  expect(lists.block(host('first.example'))?.list).toBe('own');
  expect(lists.block(host('second.example'))).toBeNull();
  expect(await lists.changedOnDisk()).toBe(true);
  await lists.reload();
  expect(lists.block(host('second.example'))?.line).toBe(2);
});
