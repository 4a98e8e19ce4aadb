import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WatchdogProcess } from '../../src/intercept/watchdog-process.ts';
import { always, until } from '../until.ts';

/** Longer than the watchdog's patience in these tests, and than it takes to act on SIGTERM. */
const SILENT_MS = 1_600;
const UNHEARD_MS = 400;

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

  test.each(['stopped', 'stuck in a loop', 'without one of its threads'])(
    'an engine that is %s is killed before its rules are removed',
    async (how) => {
      const engine = await startEngine(folder);
      if (how === 'stopped') engine.child.kill('SIGSTOP');
      else engine.child.stdin.write(how.includes('loop') ? 'loop\n' : 'thread\n');
      await engine.watchdogGone();
      expect([await engine.child.exited, engine.child.signalCode]).toEqual([137, 'SIGKILL']);
      expect(readdirSync(folder).sort()).toEqual(['removed-7', 'report']);
      expect(readFileSync(join(folder, 'report'), 'utf8')).toBe(
        `the engine (pid ${engine.child.pid}) hung for about 1 s; it was killed, and its rules were removed\n`,
      );
    },
  );

  test('an engine that hangs is killed and its rules stay where the watchdog was given none to remove', async () => {
    const engine = await startEngine(folder, 0, 'closed');
    engine.child.kill('SIGSTOP');
    await engine.watchdogGone();
    expect([await engine.child.exited, engine.child.signalCode]).toEqual([137, 'SIGKILL']);
    expect(readFileSync(join(folder, 'report'), 'utf8')).toEndWith('it was killed, and its rules stay\n');
    expect(readdirSync(folder)).toEqual(['report']);
  });

  test('the watchdog of an engine without rules to remove leaves with it and changes nothing', async () => {
    const engine = await startEngine(folder, 0, 'closed');
    process.kill(engine.watchdogPid, 'SIGTERM');
    await always('both run', UNHEARD_MS, async () => isRunning(engine.watchdogPid));
    engine.child.kill('SIGKILL');
    await engine.watchdogGone();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('an engine that is still starting is not judged', async () => {
    const engine = await startEngine(folder, 0, 'starting');
    engine.child.kill('SIGSTOP');
    await always('it lives', SILENT_MS, async () => isRunning(engine.child.pid));
    engine.child.kill('SIGKILL');
    await engine.watchdogGone();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a watchdog that was stopped itself reads what was said meanwhile and kills no healthy engine', async () => {
    const engine = await startEngine(folder);
    for (let time = 0; time < 2; time++) {
      process.kill(engine.watchdogPid, 'SIGSTOP');
      await always('it lives', SILENT_MS, async () => isRunning(engine.child.pid));
      process.kill(engine.watchdogPid, 'SIGCONT');
      await always('it lives', SILENT_MS, async () => isRunning(engine.child.pid));
    }
    engine.child.stdin.write('stop\n');
    expect(await engine.child.exited).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
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
    await expect(WatchdogProcess.start(['/bin/true'], () => true)).rejects.toThrow(
      'the watchdog did not start: /bin/true',
    );
    await expect(WatchdogProcess.start(['/bin/echo', 'hello'], () => true)).rejects.toThrow('did not start');
  });
});

async function startEngine(folder: string, failures = 0, rules = 'armed') {
  const program = join(import.meta.dir, 'programs/engine.ts');
  const child = Bun.spawn([process.execPath, program, folder, String(failures), rules], {
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
