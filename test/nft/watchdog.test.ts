import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { readTableHandle } from '../../nft/table-handle.ts';
import { until } from '../until.ts';
import { type Lines, makeNetns, type Netns, program } from './netns.ts';

describe.if(process.platform === 'linux' && process.geteuid?.() === 0)(
  'the watchdog and a real table',
  () => {
    let net: Netns;
    beforeAll(async () => {
      net = await makeNetns();
    });
    afterAll(() => net.remove());

    test('a killed engine leaves no table behind', async () => {
      const engine = await startEngine(net);
      expect(await handleNow(net)).toBe(engine.handle);
      await engine.lines.kill();
      await gone(engine.watchdog);
      expect(await net.run('client', ['nft', 'list', 'tables'])).toBe('');
    });

    test('a killed engine does not take the table of a newer one with it', async () => {
      const older = await startEngine(net);
      const newer = await startEngine(net);
      expect(newer.handle).not.toBe(older.handle);
      await older.lines.kill();
      await gone(older.watchdog);
      expect(await handleNow(net)).toBe(newer.handle);
      await newer.lines.kill();
      await gone(newer.watchdog);
      expect(await net.run('client', ['nft', 'list', 'tables'])).toBe('');
    });
  },
);

async function startEngine(net: Netns): Promise<{ lines: Lines; handle: string; watchdog: number }> {
  const lines = net.spawn('client', [process.execPath, program('guarded.ts')]);
  return { lines, ...JSON.parse(await lines.next()) };
}

async function handleNow(net: Netns): Promise<string | null> {
  return readTableHandle(await net.run('client', ['nft', '-a', 'list', 'table', 'inet', 'resolagent']));
}

async function gone(pid: number): Promise<void> {
  await until('the watchdog is gone', 5_000, () => !isRunning(pid));
}

function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
