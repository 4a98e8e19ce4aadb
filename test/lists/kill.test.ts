import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema } from '../../src/config/schema.ts';
import { loadLists } from '../../src/lists/loaded-lists.ts';
import type { Host } from '../../src/model/brand.ts';
import { HostileServer } from './hostile-server.ts';

const KILLS = 100;
const LANES = 4;
const LONGEST_LIFE_MS = 700;
const NAMES = 6_000; // enough that a segment is cached

let server: HostileServer;
let root: string;
let version = 0;
const bodies = [0, 1].map((v) => Array.from({ length: NAMES }, (_, i) => `v${v}-${i}.example`));

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'resolagent-kill-'));
  server = await new HostileServer().start();
  server.on('/feed', (socket) => {
    const body = (bodies[++version % 2] ?? []).join('\n');
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`);
    socket.end(body);
  });
});
afterAll(() => {
  server.stop();
  rmSync(root, { recursive: true, force: true });
});

/** Runs the updater, kills it after a random while, and looks what can be loaded. True when the list was there. */
async function killOnce(stateDir: string): Promise<boolean> {
  const child = Bun.spawn(
    [process.execPath, join(import.meta.dir, 'update-child.ts'), stateDir, server.url('/feed')],
    {
      stdout: 'pipe',
      stderr: 'inherit',
    },
  );
  const { value } = await child.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toBe('ready\n');
  await Bun.sleep(Math.random() * LONGEST_LIFE_MS); // the moment of death is what the test varies
  child.kill('SIGKILL');
  await child.exited;
  const lists = await loadLists(configSchema.parse({}).lists, { stateDir });
  expect(lists.block('x.doubleclick.net' as Host)?.list).toBe('third-party-web ads');
  const held = bodies.map(
    (names) => names.filter((name) => lists.block(name as Host)?.list === 'feed').length,
  );
  const feed = lists.status().find((list) => list.name === 'feed');
  expect(feed?.error ?? null).toBeNull();
  // One version in full, the other not at all; or no list yet.
  expect(held.toSorted((a, b) => b - a)).toEqual(feed?.entries ? [NAMES, 0] : [0, 0]);
  return held.includes(NAMES);
}

test(`kill -9 at ${KILLS} random moments of an update always leaves a set that loads, old or new, never mixed`, async () => {
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    let loaded = 0;
    for (let i = 0; i < KILLS / LANES; i++) if (await killOnce(join(root, `lane${lane}`))) loaded++;
    return loaded;
  });
  const loaded = await Promise.all(lanes);
  expect(loaded.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(KILLS / 2);
}, 120_000);
