import { afterEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import { cleanUp, scratch } from './scratch.ts';

afterEach(cleanUp);

const isRoot = process.platform === 'linux' && process.geteuid?.() === 0;

/** Runs the story in a mount namespace of its own, where a small tmpfs is the disk. */
function run(): ReturnType<typeof JSON.parse> {
  const script = join(import.meta.dir, 'full-disk-run.ts');
  const done = Bun.spawnSync(['/usr/bin/unshare', '--mount', process.execPath, script, scratch()]);
  if (done.exitCode !== 0) throw new Error(done.stderr.toString());
  return JSON.parse(done.stdout.toString());
}

test.skipIf(!isRoot)('a full and then a read-only disk cost time, never a record', () => {
  const told = run();
  expect(told.full).toMatchObject({
    state: 'failing',
    error: expect.stringContaining('free some space'),
    lost: 0,
  });
  expect(told.full.queued).toBeGreaterThan(500);
  expect(told.readWhenFull).toBe(5);
  expect(told.afterFull).toMatchObject({ state: 'ok', error: null, queued: 0, lost: 0, flows: 2_100 });
  expect(told.afterFull).toMatchObject({ inquiries: 1, verdicts: 1 });
  expect(told.readOnly).toMatchObject({ state: 'failing', error: expect.stringContaining('read-only') });
  expect(told.firstId).toBeGreaterThan(2_100);
  expect(told.afterReadOnly).toMatchObject({
    state: 'ok',
    queued: 0,
    lost: 0,
    flows: 2_101,
    lastIsNew: true,
    inquiries: 2,
    verdicts: 0,
  });
});
