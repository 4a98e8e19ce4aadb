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
/** A program that is killed lives as long as so many updates at most, and the lanes share the processors. */
const LONGEST_LIFE_UPDATES = 1.5 * LANES;
const NAMES = 6_000; // enough that a segment is cached

let server: HostileServer;
let root: string;
let version = 0;
let longestLifeMs = 0;
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

async function startUpdating(stateDir: string) {
  const main = join(import.meta.dir, 'update-child.ts');
  const command = [process.execPath, main, stateDir, server.url('/feed')];
  const child = Bun.spawn(command, { stdout: 'pipe', stderr: 'inherit' });
  const said = child.stdout.getReader();
  expect(new TextDecoder().decode((await said.read()).value)).toBe('ready\n');
  return { child, said };
}

async function drain(said: { read(): Promise<{ readonly done: boolean }> }): Promise<void> {
  while (!(await said.read()).done);
}

/** How long one update takes here and now. */
async function updateMs(stateDir: string): Promise<number> {
  const { child, said } = await startUpdating(stateDir);
  const from = performance.now();
  await said.read();
  const ms = performance.now() - from;
  child.kill('SIGKILL');
  await child.exited;
  return ms;
}

/** Runs the updater, kills it after a random while, and looks what can be loaded. True when the list was there. */
async function killOnce(stateDir: string): Promise<boolean> {
  const { child, said } = await startUpdating(stateDir);
  const isReading = drain(said);
  await Bun.sleep(Math.random() * longestLifeMs); // the moment of death is what the test varies
  child.kill('SIGKILL');
  await child.exited;
  await isReading;
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
  longestLifeMs = LONGEST_LIFE_UPDATES * (await updateMs(join(root, 'first')));
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    let loaded = 0;
    for (let i = 0; i < KILLS / LANES; i++) if (await killOnce(join(root, `lane${lane}`))) loaded++;
    return loaded;
  });
  const loaded = await Promise.all(lanes);
  expect(loaded.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(KILLS / 4);
}, 180_000);
