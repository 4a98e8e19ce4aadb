import { afterEach, expect, test } from 'bun:test';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { takeEngineLock } from '../../src/control/engine-lock.ts';
import { socketLock } from '../../src/control/socket-path.ts';
import { stopEngine, stopLockHolder } from '../../src/control/stop-engine.ts';
import { openLibc } from '../../src/system/libc.ts';
import { cleanUp, serve, socketPath } from './harness.ts';

/** What waits for no engine that hangs takes so long, on a machine that has other things to do. */
const SOON_MS = 5_000;

/** An engine that is ending needs so long. */
const ENDING_MS = 100;

const children: Bun.Subprocess[] = [];
const releases: (() => void)[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    await child.exited;
  }
  for (const release of releases.splice(0)) release();
  await cleanUp();
});

/** A child process that listens on the path: an engine with its lock, or something that only accepts. */
async function listening(what: 'engine' | 'mute', path: string): Promise<Bun.Subprocess> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, `${what}-run.ts`), path], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  children.push(child);
  await child.stdout.getReader().read();
  return child;
}

test('there is nothing to stop where nobody listens', async () => {
  expect(await stopEngine(socketPath())).toEqual({ kind: 'none' });
});

test('an engine stops when it is asked to', async () => {
  const path = socketPath();
  const child = await listening('engine', path);
  expect(await stopEngine(path)).toEqual({ kind: 'stopped' });
  expect(await child.exited).toBe(0);
});

test('an engine that hangs is killed', async () => {
  const path = socketPath();
  const child = await listening('engine', path);
  child.kill('SIGSTOP');
  const started = performance.now();
  expect(await stopEngine(path)).toEqual({ kind: 'killed', pid: child.pid });
  expect(performance.now() - started).toBeLessThan(SOON_MS);
  await child.exited;
  expect(child.signalCode).toBe('SIGKILL');
});

test('what listens without the lock of an engine is left alone', async () => {
  const path = socketPath();
  mkdirSync(dirname(path));
  // The lock of an engine that is gone, with the number that now is another process's.
  const child = await listening('mute', path);
  writeFileSync(`${path}.lock`, `${child.pid}\n`);
  expect(await stopEngine(path)).toEqual({ kind: 'stranger', pid: child.pid });
  child.kill('SIGSTOP');
  expect(await stopEngine(path)).toEqual({ kind: 'stranger', pid: child.pid });
  expect(child.exitCode).toBeNull();
  expect(readFileSync(`/proc/${child.pid}/stat`, 'utf8')).toContain(') T ');
});

test('nobody is killed when the holder of the lock is not who listens', async () => {
  const path = socketPath();
  mkdirSync(dirname(path));
  const child = await listening('mute', path);
  const lock = takeEngineLock(openLibc(), socketLock(path));
  if (lock.kind !== 'held') throw new Error('the lock is taken');
  releases.push(lock.release);
  expect(await stopEngine(path)).toEqual({ kind: 'lives', pid: process.pid });
  expect(child.exitCode).toBeNull();
});

test('an engine whose socket was deleted is told of', async () => {
  const path = socketPath();
  await serve(path);
  await Bun.file(path).delete();
  expect(await stopEngine(path)).toEqual({ kind: 'lives', pid: process.pid });
});

test('an engine that is ending at that moment is waited for', async () => {
  const path = socketPath();
  const server = await serve(path);
  await Bun.file(path).delete();
  setTimeout(() => void server.close(), ENDING_MS);
  expect(await stopEngine(path)).toEqual({ kind: 'none' });
});

test('the engine that holds a lock file ends by a signal, and is killed when it hangs', async () => {
  for (const [hangs, kind] of [
    [false, 'stopped'],
    [true, 'killed'],
  ] as const) {
    const path = socketPath();
    const child = await listening('engine', path);
    if (hangs) child.kill('SIGSTOP');
    expect(await stopLockHolder(socketLock(path))).toEqual(hangs ? { kind, pid: child.pid } : { kind });
    await child.exited;
  }
  expect(await stopLockHolder(socketLock(socketPath()))).toEqual({ kind: 'none' });
});
