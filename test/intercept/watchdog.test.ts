import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WatchdogOrders } from '../../src/intercept/watchdog.ts';
import { WatchdogProcess } from '../../src/intercept/watchdog-process.ts';
import { until } from '../until.ts';

describe('watchdog orders', () => {
  const after = (...pieces: string[]): string | null => {
    const orders = new WatchdogOrders();
    for (const piece of pieces) orders.push(piece);
    return orders.armed;
  };

  test('the last arming counts, however the lines are cut', () => {
    expect(after('armed 3\narmed 12\n')).toBe('12');
    for (let cut = 0; cut <= 16; cut++) {
      const text = 'armed 3\narmed 12\n';
      expect(after(text.slice(0, cut), text.slice(cut))).toBe('12');
    }
  });

  test('a line without its end is not an order', () => {
    expect(after('armed 3\n', 'armed 4')).toBe('3');
    expect(after('armed 3\n', 'disarm')).toBe('3');
    expect(after('armed 3\ndisarm\n')).toBeNull();
  });

  test('what it cannot read changes nothing, however long', () => {
    expect(after('armed 3\n', 'armed ../4\n', 'armed\n', 'garbage\n', '\n')).toBe('3');
    expect(after('armed 3\n', `armed ${'9'.repeat(5_000)}`, '\n')).toBe('3');
    expect(after('armed 3\n', 'x'.repeat(100_000), '\narmed 4\n')).toBe('4');
  });
});

describe.if(process.platform === 'linux')('watchdog process', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ran-watchdog-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('removes the rules it was last armed with when the engine is killed, though a child of the engine lives on', async () => {
    const engine = await startEngine(folder);
    engine.child.kill('SIGKILL');
    await engine.watchdogGone();
    expect(readdirSync(folder)).toEqual(['removed-7']);
  });

  test('goes on trying while the removal fails, and says so', async () => {
    const engine = await startEngine(folder, 2);
    engine.child.kill('SIGKILL');
    await engine.watchdogGone();
    expect(readdirSync(folder).sort()).toEqual(['removed-7', 'report']);
    expect(readFileSync(join(folder, 'report'), 'utf8')).toMatch(/^(the engine died .* 7 .*busy\n){2}$/);
  });

  test('removes nothing when it was told that the rules are gone', async () => {
    const engine = await startEngine(folder);
    engine.child.stdin.write('stop\n');
    expect(await engine.child.exited).toBe(0);
    await engine.watchdogGone();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('outlives a signal to the process group and SIGTERM while it is armed', async () => {
    const engine = await startEngine(folder);
    for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.kill(engine.watchdogPid, signal);
    expect(existsSync(`/proc/${engine.watchdogPid}`)).toBe(true);
    const stat = readFileSync(`/proc/${engine.watchdogPid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    expect([stat[2], stat[3]]).toEqual([String(engine.watchdogPid), String(engine.watchdogPid)]);
    engine.child.kill('SIGKILL');
    await engine.watchdogGone();
    expect(readdirSync(folder)).toEqual(['removed-7']);
  });

  test('leaves at SIGTERM while it has nothing to remove', async () => {
    const program = join(import.meta.dir, 'programs/watchdog.ts');
    const watchdog = Bun.spawn([process.execPath, program, folder], { stdin: 'pipe', stdout: 'pipe' });
    await watchdog.stdout.getReader().read();
    watchdog.kill('SIGTERM');
    expect(await watchdog.exited).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('the engine is told when the watchdog is killed', async () => {
    const engine = await startEngine(folder);
    process.kill(engine.watchdogPid, 'SIGKILL');
    expect(await engine.nextLine()).toBe('watchdog died');
    engine.child.stdin.write('stop\n');
    expect(await engine.child.exited).toBe(0);
  });

  test('a program that does not report for duty is an error', async () => {
    await expect(WatchdogProcess.start(['/bin/true'])).rejects.toThrow(
      'the watchdog did not start: /bin/true',
    );
    await expect(WatchdogProcess.start(['/bin/echo', 'hello'])).rejects.toThrow('did not start');
  });
});

async function startEngine(folder: string, failures = 0) {
  const program = join(import.meta.dir, 'programs/engine.ts');
  const child = Bun.spawn([process.execPath, program, folder, String(failures)], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const reader = child.stdout.getReader();
  let rest = '';
  const nextLine = async (): Promise<string> => {
    while (!rest.includes('\n')) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`the engine ended: ${rest}`);
      rest += new TextDecoder().decode(value);
    }
    const line = rest.slice(0, rest.indexOf('\n'));
    rest = rest.slice(line.length + 1);
    return line;
  };
  const [watchdogPid = 0, siblingPid = 0] = (await nextLine()).split(' ').map(Number);
  const watchdogGone = async (): Promise<void> => {
    await until('the watchdog is gone', 5_000, () => !isRunning(watchdogPid));
    if (isRunning(siblingPid)) process.kill(siblingPid, 'SIGKILL');
  };
  return { child, nextLine, watchdogPid, watchdogGone };
}

function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
