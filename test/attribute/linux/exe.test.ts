import { describe, expect, test } from 'bun:test';
import { realpathSync } from 'node:fs';
import { ExeResolver } from '../../../src/attribute/linux/exe.ts';
import { ProcReader } from '../../../src/attribute/linux/proc-reader.ts';
import { openLinuxLibc } from '../../../src/system/libc.ts';

describe.if(process.platform === 'linux')('the executable of a process', () => {
  test('is believed while the process lives here, and is not known once it has ended', async () => {
    const libc = openLinuxLibc();
    const reader = new ProcReader(libc);
    const exes = new ExeResolver(libc, reader);
    const child = Bun.spawn(['sleep', '60']);
    const path = realpathSync(Bun.which('sleep') ?? '');
    const running = { pid: child.pid, dir: reader.openProcess(child.pid), task: '' };
    expect(exes.resolve(running, path)).toEqual({ path, sure: true });
    expect(await exes.compare(running, path)).toBe(path);
    child.kill('SIGKILL');
    await child.exited;
    expect(exes.resolve(running, path).path).toBe(`/proc/${child.pid}/root${path}`);
    expect(await exes.compare(running, path)).toBeNull();
    reader.closeFd(running.dir);
    reader.close();
  });
});
