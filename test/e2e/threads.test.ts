import { expect } from 'bun:test';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../until.ts';
import { endToEnd, report } from './world/end-to-end.ts';
import { Firewall } from './world/firewall.ts';
import { must } from './world/run.ts';
import type { World } from './world/world.ts';

/** The promises, and what a machine that has other things to do may take more. */
const NOTICED_MS = 5_000 + 5_000;
const RESTORED_MS = 1_000 + 2_000;
const SAID_MS = 20_000;
const FREEZE = join(import.meta.dir, 'clients/freeze.py');

const test = endToEnd('threads', null);

function linksOf(pid: number, thread: string): string[] {
  const folder = `/proc/${pid}/task/${thread}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(`${folder}/${fd}`)];
    } catch {
      return []; // Closed since.
    }
  });
}

/** The engine's threads by what they have open: that of bytes has a table of its own, without the database. */
async function threadsOf(pid: number): Promise<{ readonly offload: number; readonly ledger: number }> {
  const workers = (): string[] =>
    readdirSync(`/proc/${pid}/task`).filter((task) =>
      readFileSync(`/proc/${pid}/task/${task}/comm`, 'utf8').startsWith('Worker'),
    );
  // The worker that proves the lists after a start has gone.
  await until('two threads are left', SAID_MS, () => workers().length === 2);
  const hasLedger = (task: string): boolean => linksOf(pid, task).some((link) => link.endsWith('ledger.db'));
  const [offload] = workers().filter((task) => !hasLedger(task));
  const [ledger] = workers().filter(hasLedger);
  return { offload: Number(offload), ledger: Number(ledger) };
}

/** A thread that stands still until this is disposed of. */
async function frozen(thread: number): Promise<AsyncDisposable> {
  const freezer = Bun.spawn(['python3', FREEZE, String(thread)], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const { value } = await freezer.stdout.getReader().read();
  expect(new TextDecoder().decode(value).trim()).toBe('frozen');
  return {
    [Symbol.asyncDispose]: async () => {
      await freezer.stdin.end();
      await freezer.exited;
    },
  };
}

async function hasRules(world: World): Promise<boolean> {
  const rules = await must(['ip', 'netns', 'exec', world.names.client, 'nft', 'list', 'ruleset']);
  return rules.includes('redirect to');
}

const config = (failMode: string) => `[intercept]\nfailMode = "${failMode}"\n`;

test('a ledger thread that stands still is noticed, told and replaced; nothing is lost, and nobody waits', async ({
  world,
}) => {
  await using firewall = await Firewall.start(world, { config: config('closed') });
  const host = await world.host('still-ledger');
  const curl = async (): Promise<number | null> =>
    (await world.program(['curl', '-sS', '-m', '10', '-o', '/dev/null', `http://${host.name}/`])).code;
  expect(await curl()).toBe(0);
  const { ledger } = await threadsOf(firewall.pid);
  const started = performance.now();
  await using _ = await frozen(ledger);
  const during = [await curl(), await curl()];
  await until('it is told', NOTICED_MS, async () =>
    (await firewall.said()).includes("the ledger's thread has not answered for 4 s; another is started"),
  );
  report(`a ledger thread that stood still was noticed after ${Math.round(performance.now() - started)} ms`);
  await until('another writes', SAID_MS, async () => (await firewall.status()).ledger.state === 'ok');
  expect([...during, await curl()]).toEqual([0, 0, 0]);
  const { ledger: status } = await firewall.status();
  expect(status).toMatchObject({ error: expect.stringContaining('another took its place'), lost: 0 });
  await until('all four are in the log', SAID_MS, async () => {
    const { stdout } = await firewall.cli(['log', '--json', '--filter', `host:=${host.name}`]);
    return stdout.trim().split('\n').length === 4;
  });
  expect(await firewall.end('SIGTERM')).toBe(0);
  expect(await firewall.said()).not.toContain('lost');
});

for (const failMode of ['open', 'closed']) {
  test(`an offload thread that stands still is told, and the engine ended as one that hangs, with failMode ${failMode}`, async ({
    world,
  }) => {
    await using firewall = await Firewall.start(world, { config: config(failMode) });
    const host = await world.host(`still-offload-${failMode}`);
    const { offload } = await threadsOf(firewall.pid);
    const started = performance.now();
    await using _ = await frozen(offload);
    await until('the status tells it', NOTICED_MS, async () => {
      return (await firewall.status()).offload.state === 'silent';
    });
    report(`an offload thread that stood still was told after ${Math.round(performance.now() - started)} ms`);
    expect((await firewall.cli(['status'])).stdout).toContain('the thread that moves bytes does not answer');
    await until('nothing runs any more', NOTICED_MS, async () => (await firewall.processes()).length === 0);
    report(`and the engine was ended after ${Math.round(performance.now() - started)} ms`);
    expect(await firewall.said()).toMatch(
      /the thread that moves bytes does not answer(.|\n)*hung for about 5 s; it was killed/,
    );
    expect(await hasRules(world)).toBe(failMode === 'closed');
    const curl = await world.program(['curl', '-sS', '-m', '2', '-o', '/dev/null', `http://${host.name}/`]);
    expect(curl.code === 0).toBe(failMode === 'open');
  });
}

for (const which of ['ledger', 'offload'] as const) {
  test(`reset restores the network in a second while the ${which} thread stands still`, async ({ world }) => {
    await using firewall = await Firewall.start(world, { config: config('closed') });
    const threads = await threadsOf(firewall.pid);
    await using _ = await frozen(threads[which]);
    const started = performance.now();
    const reset = firewall.cli(['reset']);
    await until('the rules are gone', RESTORED_MS, async () => !(await hasRules(world)));
    report(`the rules were gone ${Math.round(performance.now() - started)} ms after the start of reset`);
    expect(await reset).toMatchObject({ code: 0, stderr: '' });
    await until('nothing runs any more', SAID_MS, async () => (await firewall.processes()).length === 0);
  });
}
