import { afterAll, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EngineLock, lockHolder, takeEngineLock } from '../../src/control/engine-lock.ts';
import { openLibc } from '../../src/system/libc.ts';

const libc = openLibc();
const folder = mkdtempSync(join(tmpdir(), 'ra-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));

function held(lock: EngineLock): () => void {
  if (lock.kind !== 'held') throw new Error('the lock is taken');
  return lock.release;
}

test('one holds it, the other learns who; released it is gone, and free', () => {
  const path = join(folder, 'one');
  const release = held(takeEngineLock(libc, path));
  expect(takeEngineLock(libc, path)).toEqual({ kind: 'taken', pid: process.pid });
  expect(lockHolder(libc, path)).toEqual({ pid: process.pid });
  release();
  expect(existsSync(path)).toBe(false);
  expect(lockHolder(libc, path)).toBeNull();
  held(takeEngineLock(libc, path))();
});

test('a file that a killed engine left holds nobody up', () => {
  const path = join(folder, 'left');
  writeFileSync(path, `${process.ppid}\n`);
  expect(lockHolder(libc, path)).toBeNull();
  held(takeEngineLock(libc, path))();
});

test('who lost the file to somebody else does not delete the file of the next', () => {
  const path = join(folder, 'lost');
  const first = held(takeEngineLock(libc, path));
  unlinkSync(path);
  const second = held(takeEngineLock(libc, path));
  first();
  expect(takeEngineLock(libc, path).kind).toBe('taken');
  second();
});

test('no link is followed', () => {
  const path = join(folder, 'link');
  symlinkSync(join(folder, 'elsewhere'), path);
  expect(() => takeEngineLock(libc, path)).toThrow('ELOOP');
  expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
});
