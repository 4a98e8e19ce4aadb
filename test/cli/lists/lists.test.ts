import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../../src/model/brand.ts';
import { listSchema, listUpdateSchema } from '../../../src/schema/list.ts';
import { HostileServer } from '../../lists/hostile-server.ts';
import { ListWorld } from '../../lists/list-world.ts';

const MAIN = join(import.meta.dir, '../../../src/main.ts');
const CONFIG = `[lists]
update = false
privateSources = true
malware = false
phishing = false
ads = false
analytics = false
`;

let source: HostileServer;
const worlds: ListWorld[] = [];
beforeAll(async () => {
  source = await new HostileServer().start();
});
afterAll(() => source.stop());
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

/** Runs `resolagent lists …` on files of its own; with `online` they are those of an engine. */
async function open(online: boolean) {
  const world = await ListWorld.open();
  worlds.push(world);
  const config = join(world.folder, 'config.toml');
  writeFileSync(config, CONFIG, { mode: 0o600 });
  const state = online ? world.state : join(world.folder, 'offline');
  mkdirSync(state, { recursive: true });
  const places = ['--config', config, '--state', state];
  const socket = online ? world.socket : join(world.folder, 'nobody.sock');
  const run = async (...args: string[]) => {
    const command = [process.execPath, MAIN, 'lists', ...args, ...places, '--socket', socket];
    const child = Bun.spawn(command, { stdout: 'pipe', stderr: 'pipe', cwd: world.folder });
    const [stdout, stderr] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { code: await child.exited, stdout, stderr };
  };
  return { world, run };
}

for (const online of [true, false]) {
  describe(online ? 'lists, with an engine' : 'lists, without an engine', () => {
    test('adds, updates, searches, switches and removes a source, in plain lines', async () => {
      const { world, run } = await open(online);
      const at = source.serve('/cli.txt', '# feed\nbad.example\nworse.example\n');
      expect(await run('add', at)).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(await run('update')).toEqual({
        code: 0,
        stdout: 'cli: 2 entries, 2 new, 0 gone\n',
        stderr: '',
      });
      expect((await run('search', 'a.bad.example')).stdout).toBe('bad.example  cli, line 2 (custom, on)\n');
      expect(world.lists.block('a.bad.example' as Host)?.list).toBe(online ? 'cli' : undefined);
      expect(await run('disable', 'cli')).toMatchObject({ code: 0 });
      expect((await run('search', 'bad.example')).stdout).toContain('(custom, off)');
      const rows = (await run('status', '--json')).stdout.trimEnd().split('\n');
      const row = rows.map((line) => listSchema.parse(JSON.parse(line))).find(({ name }) => name === 'cli');
      expect(row).toMatchObject({ on: false, entries: 2, url: at, hits: online ? 1 : 0 });
      expect((await run('diff', 'cli')).stdout).toBe('+ bad.example\n+ worse.example\n');
      expect(await run('remove', 'cli')).toMatchObject({ code: 0 });
      expect(await run('search', 'bad.example')).toMatchObject({ code: 1, stdout: 'no list holds it\n' });
    });

    test('a failed source is exit code 1, and --json tells it in the documented shape', async () => {
      const { run } = await open(online);
      await run('add', source.serve('/bad', 'oops', {}, 503), '--name', 'bad');
      const ran = await run('update', 'bad', '--json');
      expect(ran.code).toBe(1);
      expect(listUpdateSchema.strict().parse(JSON.parse(ran.stdout))).toMatchObject({
        outcome: 'failed',
        error: 'the server answered with status 503',
      });
    });

    test('a file is added by its path from where one stands', async () => {
      const { world, run } = await open(online);
      writeFileSync(join(world.folder, 'own.txt'), 'own.example\n', { mode: 0o644 });
      expect(await run('add', 'own.txt')).toMatchObject({ code: 0, stderr: '' });
      expect((await run('search', 'own.example')).stdout).toBe('own.example  own, line 1 (custom, on)\n');
    });

    test('says why not, with exit code 1 or 2', async () => {
      const { run } = await open(online);
      expect(await run('disable', 'nonesuch')).toMatchObject({
        code: 1,
        stderr: 'resolagent: there is no list called nonesuch\n',
      });
      expect(await run('search', 'not a host')).toMatchObject({ code: 2 });
      expect(await run('diff', 'urlhaus')).toMatchObject({ code: 1 });
      expect(await run('remove', 'urlhaus')).toMatchObject({ code: 1 });
    });
  });
}
