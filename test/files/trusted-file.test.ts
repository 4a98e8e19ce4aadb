import { afterAll, expect, test } from 'bun:test';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTrustedFile } from '../../src/files/trusted-file.ts';

const isRoot = process.geteuid?.() === 0;
const folder = mkdtempSync('/tmp/resolagent-trusted-');
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(mode: number, uid: number | null = null): string {
  const path = join(folder, `${mode}-${uid}`);
  writeFileSync(path, 'text');
  if (uid !== null) chownSync(path, uid, uid);
  chmodSync(path, mode);
  return path;
}

test.each([
  [0o600, 'ok', 'ok'],
  [0o644, 'ok', 'chmod 600'],
  [0o620, 'chmod go-w', 'chmod 600'],
  [0o602, 'chmod go-w', 'chmod 600'],
])('a file of mode %o: steers %s, holds a secret %s', (mode, steers, secret) => {
  const path = fileOf(mode);
  for (const [isSecret, said] of [
    [false, steers],
    [true, secret],
  ] as const) {
    const read = readTrustedFile(path, { isSecret });
    expect(read.kind === 'refused' ? read.error : read.kind).toContain(said);
  }
});

test.skipIf(!isRoot)('a file of another user is refused, whatever its mode', () => {
  expect(readTrustedFile(fileOf(0o600, 12_345))).toEqual({
    kind: 'refused',
    error: expect.stringContaining('belongs to user 12345'),
  });
});

test('a file past its bound is refused, a missing one is told apart', () => {
  expect(readTrustedFile(fileOf(0o600), { maxBytes: 3 })).toEqual({
    kind: 'refused',
    error: expect.stringContaining('is larger than 3 bytes'),
  });
  expect(readTrustedFile(join(folder, 'none'))).toEqual({ kind: 'missing' });
  expect(readTrustedFile(folder)).toMatchObject({ kind: 'refused' });
});
