import { afterEach, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { replaceFile, writeAtomically } from '../../src/files/atomic-file.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function scratch(): string {
  const folder = mkdtempSync('/tmp/resolagent-atomic-');
  folders.push(folder);
  return folder;
}

const FORMS: readonly [string, (path: string, content: string) => void | Promise<void>][] = [
  ['at once', writeAtomically],
  [
    'without waiting on this thread',
    (path, content) => replaceFile(path, [content.slice(0, 1), content.slice(1)]),
  ],
];

test.each(FORMS)(
  'a file is written %s, for its owner alone, in a folder that was missing',
  async (_form, write) => {
    const path = join(scratch(), 'state', 'file.json');
    await write(path, 'old');
    const before = statSync(path);
    await write(path, 'nëw');
    expect(readFileSync(path, 'utf8')).toBe('nëw');
    expect([statSync(path).mode & 0o777, statSync(dirname(path)).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(statSync(path).ino).not.toBe(before.ino);
    expect(readdirSync(dirname(path))).toEqual(['file.json']);
  },
);

test.each(FORMS)(
  'a file that cannot be put in place %s is told, and leaves nothing behind',
  async (_form, write) => {
    const path = join(scratch(), 'file.json');
    mkdirSync(path);
    writeFileSync(join(path, 'in-the-way'), '');
    const failed = await (async () => write(path, 'new'))().catch(
      (error: NodeJS.ErrnoException) => error.code,
    );
    expect(failed).toMatch(/^E/);
    expect(readdirSync(dirname(path))).toEqual(['file.json']);
  },
);
