import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const isRoot = process.platform === 'linux' && process.geteuid?.() === 0;

/** Runs the story in a mount namespace of its own, where a small tmpfs is the disk. */
function run(): ReturnType<typeof JSON.parse> {
  const folder = mkdtempSync('/var/tmp/resolagent-rules-full-');
  const script = join(import.meta.dir, 'full-disk-run.ts');
  const done = Bun.spawnSync(['/usr/bin/unshare', '--mount', process.execPath, script, folder]);
  rmSync(folder, { recursive: true });
  if (done.exitCode !== 0) throw new Error(done.stderr.toString());
  return JSON.parse(done.stdout.toString());
}

test.skipIf(!isRoot)('a full and then a read-only disk cost no rule: it is told, and made up for', () => {
  const told = run();
  expect(told.full).toEqual({ saved: false, error: expect.stringContaining('no space'), onDisk: ['a'] });
  expect(told.stillFull).toEqual({ error: expect.stringContaining('no space'), onDisk: ['a'] });
  expect(told.afterFull).toEqual({ error: null, onDisk: ['a', 'b'] });
  expect(told.readOnly).toEqual({
    rules: ['a', 'b'],
    saved: false,
    error: expect.stringContaining('read-only'),
  });
  expect(told.afterReadOnly).toEqual({ error: null, onDisk: ['a', 'b', 'c'] });
});
