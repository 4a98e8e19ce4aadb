import { afterAll, expect } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../package.json';
import { endToEnd } from './world/end-to-end.ts';
import { Machine, machineLacks } from './world/machine.ts';
import { BINARY } from './world/requirement.ts';
import { must } from './world/run.ts';
import type { World } from './world/world.ts';

const NAME = `resolagent_${version}_${process.arch === 'x64' ? 'amd64' : process.arch}.deb`;
const BUILD_MS = 55_000;
const UNIT = '/usr/lib/systemd/system/resolagent.service';
const ROOT = join(import.meta.dir, '../..');

const lacks = existsSync('/usr/bin/dpkg-deb') ? machineLacks() : ['no dpkg-deb: this is no Debian'];
const test = endToEnd('Debian package', null, lacks);
let machine: Machine | null = null;
let before: [string, string][] = [];
afterAll(() => machine?.close());

function booted(): Machine {
  if (machine === null) throw new Error('the test before this one boots it');
  return machine;
}

const tables = (world: World) => must(['ip', 'netns', 'exec', world.names.client, 'nft', 'list', 'tables']);

test('is built by dpkg-deb from the program', async ({ world }) => {
  const build = [process.execPath, join(ROOT, 'tools/deb.ts'), '--program', BINARY, '--outdir', world.folder];
  await must(build, { limitMs: BUILD_MS });
  const fields = await must(['dpkg-deb', '--field', `${world.folder}/${NAME}`, 'Version', 'Depends']);
  expect(fields).toBe(`Version: ${version}\nDepends: libc6, nftables, passwd\n`);
});

test('starts nothing when it is installed', async ({ world }) => {
  const on = await Machine.create(world);
  machine = on;
  on.copy(`${world.folder}/${NAME}`, `/home/somebody/${NAME}`, 1_000);
  await on.boot();
  before = [...on.files()];
  const installed = await on.run(['dpkg', '--install', `/home/somebody/${NAME}`]);
  expect([installed.code, installed.stdout]).toEqual([0, expect.stringContaining('does not run yet')]);
  expect(await tables(world)).toBe('');
  expect((await on.run(['systemd-analyze', 'verify', UNIT])).stderr).not.toContain('resolagent.service');
  expect((await on.run(['man', '--path', 'resolagent'])).stdout).toContain('man8/resolagent.8');
  const complete = 'source /usr/share/bash-completion/completions/resolagent && complete -p resolagent';
  expect((await on.run(['bash', '-c', complete])).stdout).toContain('_resolagent');
  const status = await on.run(['resolagent', 'service', 'status', '--json']);
  expect(JSON.parse(status.stdout)).toMatchObject({
    file: UNIT,
    packaged: true,
    enabled: false,
    run: 'stopped',
  });
});

test('is a service when asked, and stays one when it is upgraded', async ({ world }) => {
  const on = booted();
  const started = await on.run(['resolagent', 'service', 'install', '--json']);
  expect(JSON.parse(started.stdout)).toMatchObject({
    file: UNIT,
    packaged: true,
    enabled: true,
    run: 'running',
    copied: false,
  });
  expect(await tables(world)).toBe('table inet resolagent\n');

  const upgraded = await on.run(['dpkg', '--install', `/home/somebody/${NAME}`]);
  expect([upgraded.code, upgraded.stdout]).toEqual([0, expect.not.stringContaining('does not run yet')]);
  expect(await tables(world)).toBe('table inet resolagent\n');
});

test('leaves nothing when it is removed', async ({ world }) => {
  const on = booted();
  const removed = await on.run(['dpkg', '--remove', 'resolagent']);
  expect([removed.code, removed.stderr]).toEqual([0, '']);
  expect(await tables(world)).toBe('');
  const withoutState = (files: readonly [string, string][]) =>
    files.filter(([path]) => !path.startsWith('/var/lib/'));
  expect(withoutState([...on.files()])).toEqual(withoutState(before));
  expect((await on.run(['dpkg', '--purge', 'resolagent'])).code).toBe(0);
  expect([...on.files()]).toEqual(before);
});
