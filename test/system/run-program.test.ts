import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programError, runProgram, systemProgram } from '../../src/system/run-program.ts';

const UNIX = process.platform !== 'win32';

describe.if(UNIX)('running a program', () => {
  const sh = (script: string, timeoutMs = 5_000, stdin?: string) =>
    runProgram({
      path: '/bin/sh',
      args: ['-c', script],
      timeoutMs,
      ...(stdin === undefined ? {} : { stdin }),
    });

  test('gives its output, its error and its exit code', async () => {
    const result = await sh('cat; echo bad >&2; echo worse >&2; exit 3', 5_000, 'in');
    expect(result).toEqual({ code: 3, timedOut: false, stdout: 'in', stderr: 'bad\nworse\n' });
    expect(programError(result)).toBe('bad; worse');
  });

  test('passes on nothing of our environment', async () => {
    process.env.BUN_OPTIONS = '--smol';
    const result = await sh('env | sort');
    delete process.env.BUN_OPTIONS;
    expect(result.stdout).not.toContain('BUN_OPTIONS');
    expect(result.stdout).toContain('LC_ALL=C');
  });

  test('ends one that takes too long, and says so', async () => {
    const result = await sh('sleep 20 & wait', 100);
    expect(result.timedOut).toBe(true);
    expect(programError(result)).toBe('did not end in time');
  });

  test('a program that is not there is an error', () => {
    expect(runProgram({ path: '/nonexistent/x', args: [], timeoutMs: 100 })).rejects.toThrow();
  });

  test('an error without words is told by its exit code', async () => {
    expect(programError(await sh('exit 7'))).toBe('exit code 7');
    expect(programError(await sh('kill -9 $$'))).toBe('was killed');
  });
});

describe.if(UNIX && process.geteuid?.() === 0)('finding a program', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync('/root/ran-bin-');
    copyFileSync('/bin/true', join(dir, 'tool'));
    chmodSync(join(dir, 'tool'), 0o755);
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  test('takes one that only root can replace, and resolves links to it', () => {
    expect(systemProgram('tool', ['/nonexistent', dir])).toBe(join(dir, 'tool'));
    symlinkSync(join(dir, 'tool'), join(dir, 'link'));
    expect(systemProgram('link', [dir])).toBe(join(dir, 'tool'));
    expect(systemProgram('other', [dir])).toBeNull();
  });

  test('refuses one that others may write', () => {
    chmodSync(join(dir, 'tool'), 0o775);
    expect(systemProgram('tool', [dir])).toBeNull();
  });

  test("refuses one that is not root's", () => {
    chownSync(join(dir, 'tool'), 1_000, 0);
    expect(systemProgram('tool', [dir])).toBeNull();
  });

  test('refuses one in a folder that others may write, also behind a link', () => {
    writeFileSync('/tmp/ran-tool', '', { mode: 0o755 });
    symlinkSync('/tmp/ran-tool', join(dir, 'indirect'));
    expect(systemProgram('indirect', [dir])).toBeNull();
    rmSync('/tmp/ran-tool');
    chmodSync(dir, 0o777);
    expect(systemProgram('tool', [dir])).toBeNull();
  });
});
