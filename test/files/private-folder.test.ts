import { afterEach, expect, test } from 'bun:test';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ensurePrivateDir } from '../../src/files/private-folder.ts';

const isRoot = process.geteuid?.() === 0;
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function scratch(): string {
  const folder = mkdtempSync('/tmp/resolagent-dir-');
  folders.push(folder);
  return folder;
}

test('a missing folder is made for its owner alone, with the parents it needs', () => {
  const path = join(scratch(), 'a', 'b', 'private');
  ensurePrivateDir(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  ensurePrivateDir(path);
});

test.each<[string, (path: string) => void, string]>([
  ['a symbolic link', (path) => symlinkSync('/tmp', path), 'symbolic link'],
  ['a file', (path) => writeFileSync(path, ''), 'not a folder'],
  ['a folder its group can write', (path) => makeWith(path, 0o770), 'chmod go-w'],
  ['a folder all can write, sticky or not', (path) => makeWith(path, 0o1777), 'chmod go-w'],
])('%s is refused', (_what, make, said) => {
  const path = join(scratch(), 'private');
  make(path);
  expect(() => ensurePrivateDir(path)).toThrow(said);
});

test('a folder below one that anybody can rename is refused', () => {
  const parent = join(scratch(), 'parent');
  makeWith(parent, 0o777);
  expect(() => ensurePrivateDir(join(parent, 'private'))).toThrow('a parent of the folder');
});

test.skipIf(!isRoot)('a folder of another user, or below one, is refused', () => {
  const folder = scratch();
  const parent = join(folder, 'parent');
  makeWith(parent, 0o755);
  mkdirSync(join(parent, 'private'), { mode: 0o700 });
  chownSync(join(parent, 'private'), 65_534, 65_534);
  expect(() => ensurePrivateDir(join(parent, 'private'))).toThrow('user id 65534');
  chownSync(join(parent, 'private'), 0, 0);
  chownSync(parent, 65_534, 65_534);
  expect(() => ensurePrivateDir(join(parent, 'private'))).toThrow('a parent of the folder');
});

function makeWith(path: string, mode: number): void {
  mkdirSync(path);
  chmodSync(path, mode);
}
