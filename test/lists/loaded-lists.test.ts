import { afterEach, expect, test } from 'bun:test';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema } from '../../src/config/schema.ts';
import { loadLists } from '../../src/lists/loaded-lists.ts';
import type { Host, Ip } from '../../src/model/brand.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function place() {
  const root = mkdtempSync(join(tmpdir(), 'resolagent-lists-'));
  folders.push(root);
  const file = (name: string, content: string) => {
    writeFileSync(join(root, name), content);
    return join(root, name);
  };
  return { root, file, stateDir: join(root, 'state') };
}

const config = (lists: object) => configSchema.parse({ lists }).lists;
const host = (text: string) => text as Host;

test('blocks what a file of the configuration lists, with list, line and entry as evidence', async () => {
  const { file, stateDir } = place();
  const path = file('mine.txt', '# mine\n0.0.0.0 bad.example\n');
  const lists = await loadLists(config({ files: [{ path, category: 'malware', name: 'my feed' }] }), {
    stateDir,
  });
  expect(lists.block(host('www.bad.example'))).toEqual({
    list: 'my feed',
    category: 'malware',
    entry: 'bad.example',
    line: 2,
  });
  expect(lists.block(host('good.example'))).toBeNull();
});

test('reads every file of a folder, hidden ones and folders in it left out', async () => {
  const { root, file, stateDir } = place();
  mkdirSync(join(root, 'all/inner'), { recursive: true });
  file('all/a.txt', 'a.example\n');
  file('all/b.txt', '||b.example^\n');
  file('all/.hidden', 'hidden.example\n');
  file('all/inner/c.txt', 'c.example\n');
  const lists = await loadLists(config({ files: [{ path: join(root, 'all') }] }), { stateDir });
  expect(lists.block(host('a.example'))?.list).toBe('a.txt');
  expect(lists.block(host('b.example'))?.list).toBe('b.txt');
  expect(lists.block(host('hidden.example'))).toBeNull();
  expect(lists.block(host('c.example'))).toBeNull();
});

test('an allow file allows, and its adblock exceptions are what it is for', async () => {
  const { file, stateDir } = place();
  const path = file('allow.txt', 'fine.example\n@@||also.example^\n203.0.113.7\n');
  const lists = await loadLists(config({ allowFiles: [path] }), { stateDir });
  expect(lists.allow(host('www.fine.example'))).toEqual({
    list: 'allow.txt',
    category: 'allow',
    entry: 'fine.example',
    line: 1,
  });
  expect(lists.allow(host('also.example'))?.line).toBe(2);
  expect(lists.allowIp('203.0.113.7' as Ip)?.entry).toBe('203.0.113.7');
  expect(lists.block(host('fine.example'))).toBeNull();
});

test('an exception takes a name out of its own list and of no other', async () => {
  const { file, stateDir } = place();
  const one = file('one.txt', '||x.example^\n@@||ok.x.example^\n');
  const two = file('two.txt', 'x.example\n');
  const alone = await loadLists(config({ files: [{ path: one }] }), { stateDir });
  expect(alone.block(host('x.example'))?.line).toBe(1);
  expect(alone.block(host('a.ok.x.example'))).toBeNull();
  expect(alone.allow(host('ok.x.example'))).toBeNull();
  const both = await loadLists(config({ files: [{ path: one }, { path: two }] }), { stateDir });
  expect(both.block(host('a.ok.x.example'))?.list).toBe('two.txt');
});

test('an exception works for addresses too', async () => {
  const { file, stateDir } = place();
  const path = file('ips.txt', '203.0.113.0/24\n@@||203.0.113.7^\n2001:db8::/32\n');
  const lists = await loadLists(config({ files: [{ path }] }), { stateDir });
  expect(lists.blockIp('203.0.113.8' as Ip)).toEqual({
    list: 'ips.txt',
    category: 'custom',
    entry: '203.0.113.0/24',
    line: 1,
  });
  expect(lists.blockIp('203.0.113.7' as Ip)).toBeNull();
  expect(lists.blockIp('2001:db8::1' as Ip)?.line).toBe(3);
});

test('an important entry beats the exceptions of its list, and an important exception beats both', async () => {
  const { file, stateDir } = place();
  const path = file(
    'one.txt',
    '||x.example^\n@@||x.example^\n||ads.x.example^$important\n@@||ok.ads.x.example^\n@@||fine.ads.x.example^$important\n' +
      '203.0.113.0/24\n@@||203.0.113.7^\n||203.0.113.7^$important\n@@||203.0.113.8^\n',
  );
  const lists = await loadLists(config({ files: [{ path }] }), { stateDir });
  const said = (name: string) => {
    const hit = lists.block(host(name));
    return hit === null ? null : `${hit.entry} ${hit.line}`;
  };
  expect(said('x.example')).toBeNull();
  expect(said('ads.x.example')).toBe('ads.x.example 3');
  expect(said('ok.ads.x.example')).toBe('ads.x.example 3');
  expect(said('a.fine.ads.x.example')).toBeNull();
  expect(lists.blockIp('203.0.113.7' as Ip)?.line).toBe(8);
  expect(lists.blockIp('203.0.113.8' as Ip)).toBeNull();
  expect(lists.blockIp('203.0.113.9' as Ip)?.line).toBe(6);
  expect(lists.status().find((list) => list.name === 'one.txt')?.entries).toBe(4);
});

test('what is important, excepted or cancelled in a list is so in no other', async () => {
  const { file, stateDir } = place();
  const one = file('one.txt', '||x.example^$important\n@@||y.example^$important\n||z.example^$badfilter\n');
  const two = file(
    'two.txt',
    '@@||x.example^$important\n||y.example^\n||z.example^\n||w.example^\n||w.example^$badfilter\n',
  );
  const lists = await loadLists(config({ files: [{ path: one }, { path: two }] }), { stateDir });
  expect(lists.block(host('x.example'))?.list).toBe('one.txt');
  expect(lists.block(host('y.example'))?.list).toBe('two.txt');
  expect(lists.block(host('z.example'))?.list).toBe('two.txt');
  expect(lists.block(host('w.example'))).toBeNull();
  expect(lists.status().find((list) => list.name === 'two.txt')?.skipped).toBe(1);
});

test('a name on several lists is reported for one whose category is on', async () => {
  const { file, stateDir } = place();
  const files = [
    { path: file('adult.txt', 'both.example\n'), category: 'adult' },
    { path: file('gambling.txt', 'x.example\nboth.example\n'), category: 'gambling' },
  ];
  const off = await loadLists(config({ files }), { stateDir });
  expect(off.block(host('both.example'))).toBeNull();
  await off.reload(config({ files, adult: true }));
  expect(off.block(host('both.example'))).toMatchObject({ category: 'adult', line: 1 });
  await off.reload(config({ files, gambling: true }));
  expect(off.block(host('both.example'))).toMatchObject({ category: 'gambling', line: 2 });
});

test('switching a category does not compile again', async () => {
  const { stateDir } = place();
  const lists = await loadLists(config({}), { stateDir });
  const before = readFileSync(join(stateDir, 'lists/compiled'));
  await lists.reload(config({ social: true }));
  expect(lists.block(host('facebook.com'))?.category).toBe('social');
  expect(readFileSync(join(stateDir, 'lists/compiled')).equals(before)).toBe(true);
});

test('a file that cannot be read is an error in the status, and the others are loaded', async () => {
  const { root, file, stateDir } = place();
  const good = file('good.txt', 'good-list.example\n');
  const missing = join(root, 'missing.txt');
  const lists = await loadLists(config({ files: [{ path: missing }, { path: good }] }), { stateDir });
  expect(lists.status().find((list) => list.name === 'missing.txt')).toMatchObject({
    on: false,
    entries: 0,
    error: `${missing}: there is no such file or folder`,
  });
  expect(lists.block(host('good-list.example'))).not.toBeNull();
  expect(lists.block(host('doubleclick.net'))).not.toBeNull();
});

test.if(process.geteuid?.() === 0)(
  'as root, a list that other users may write is refused with the remedy',
  async () => {
    const { file, stateDir } = place();
    const open = file('open.txt', 'open.example\n');
    chmodSync(open, 0o666);
    const foreign = file('foreign.txt', 'foreign.example\n');
    chownSync(foreign, 65_534, 0);
    const lists = await loadLists(config({ files: [{ path: open }], allowFiles: [foreign] }), { stateDir });
    expect(lists.status().find((list) => list.name === 'open.txt')?.error).toBe(
      `${open}: every user may write it; run chmod o-w on it`,
    );
    expect(lists.status().find((list) => list.name === 'foreign.txt')?.error).toContain(
      'must belong to root',
    );
    expect(lists.block(host('open.example'))).toBeNull();
    expect(lists.allow(host('foreign.example'))).toBeNull();
  },
);

test('a pipe in place of a list does not hang the loader', async () => {
  const { root, stateDir } = place();
  const path = join(root, 'pipe');
  expect(Bun.spawnSync(['mkfifo', path]).exitCode).toBe(0);
  const lists = await loadLists(config({ files: [{ path }] }), { stateDir });
  expect(lists.status().find((list) => list.name === 'pipe')?.error).toContain('not a plain file');
});

test('a reload takes a changed file in and leaves the rest', async () => {
  const { file, stateDir } = place();
  const path = file('mine.txt', 'old.example\n');
  const lists = await loadLists(config({ files: [{ path }] }), { stateDir });
  file('mine.txt', 'new-name.example\nold.example\n');
  await lists.reload(config({ files: [{ path }] }));
  expect(lists.block(host('new-name.example'))?.line).toBe(1);
  expect(lists.block(host('old.example'))?.line).toBe(2);
});

test('a compiled file that is damaged anywhere in its lookup part is made again', async () => {
  const { stateDir } = place();
  await loadLists(config({}), { stateDir });
  const path = join(stateDir, 'lists/compiled');
  for (const damage of [
    (b: Buffer) => b.fill(0, 0, 64),
    (b: Buffer) => b.fill(255, 4_000, 9_000),
    (b: Buffer) => b.subarray(0, b.length - 64),
  ]) {
    writeFileSync(path, damage(readFileSync(path)));
    const lists = await loadLists(config({}), { stateDir });
    expect(lists.block(host('doubleclick.net'))?.list).toBe('third-party-web ads');
  }
});

test('damage in the part that only a match touches is found by verify, and mended', async () => {
  const { stateDir } = place();
  const path = join(stateDir, 'lists/compiled');
  await loadLists(config({}), { stateDir });
  const bytes = readFileSync(path);
  writeFileSync(path, Buffer.concat([bytes.subarray(0, -8_000), Buffer.alloc(8_000, 1)]));
  const lists = await loadLists(config({}), { stateDir });
  expect(await lists.verify()).toContain('does not match its checksum');
  expect(await lists.verify()).toBeNull();
  expect(readFileSync(path).length).toBe(bytes.length);
  expect(lists.provider(host('www.zoom.us'))?.owner).toBe('Zoom');
});

test('lists load without a state folder, and with one that cannot be written', async () => {
  const { file } = place();
  for (const stateDir of [null, join(file('plain', ''), 'below')]) {
    const lists = await loadLists(config({}), { stateDir });
    expect(lists.block(host('doubleclick.net'))).not.toBeNull();
  }
});

test('counts how often a list was the answer', async () => {
  const { stateDir } = place();
  const lists = await loadLists(config({}), { stateDir });
  lists.block(host('doubleclick.net'));
  lists.block(host('x.doubleclick.net'));
  expect(lists.status().find((list) => list.name === 'third-party-web ads')?.hits).toBe(2);
});

test('two lists of one name are told apart', async () => {
  const { root, file, stateDir } = place();
  mkdirSync(join(root, 'sub'));
  const files = [{ path: file('a.txt', 'a.example\n') }, { path: file('sub/a.txt', 'b.example\n') }];
  const lists = await loadLists(config({ files }), { stateDir });
  expect(lists.block(host('a.example'))?.list).toBe('a.txt');
  expect(lists.block(host('b.example'))?.list).toBe('a.txt (2)');
});
