import { expect } from 'bun:test';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { until } from '../until.ts';
import { hello } from './clients/talk.ts';
import { endToEnd, report } from './world/end-to-end.ts';
import { Firewall } from './world/firewall.ts';
import { ENV } from './world/run.ts';
import type { Host, World } from './world/world.ts';

const BURST = 1_000;
const TOGETHER = 100;
const BURST_LIMIT_MS = 60_000;
const SHOWN_MS = 20_000;
const SMALL_DISK = '6m';
/** A program that makes a hundred connections at once may be slow to speak; one that is silent for long is decided by its address. */
const PATIENT = '[proxy]\nsniffWaitMs = 5000\n';

/** Holds the database as a backup or a careless tool would, until standard input ends. */
const LOCK = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
`;

const burstSchema = z.object({ answered: z.int(), failed: z.record(z.string(), z.int()), ms: z.int() });

const test = endToEnd('ledger', null);

async function answered(world: World, host: Host): Promise<boolean> {
  return (await hello(world, { ip: host.ip4, name: host.name })).outcome === 'answered';
}

/** Writes until there is no room left. */
function fill(path: string): void {
  const fd = openSync(path, 'w');
  const block = new Uint8Array(4_096);
  try {
    for (;;) writeSync(fd, block);
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
  } finally {
    closeSync(fd);
  }
}

test('a thousand quick connections are all in the ledger, each with its verdict and its end', async ({
  world,
}) => {
  await using firewall = await Firewall.start(world, { config: PATIENT });
  const allowed = await world.host('burst-allowed');
  const blocked = await world.host('burst-blocked');
  await firewall.rule('allow', allowed.name);
  await firewall.rule('block', blocked.name);
  const bursts = [allowed, blocked].map(async ({ ip4, ip6, name }, index) => {
    const args = { ip: index === 0 ? ip4 : ip6, name, count: BURST, together: TOGETHER };
    const program = [
      Bun.which('node') ?? 'node',
      `${import.meta.dir}/clients/burst.mjs`,
      JSON.stringify(args),
    ];
    const ran = await world.program(program, { limitMs: BURST_LIMIT_MS });
    expect(ran.stderr).toBe('');
    return burstSchema.parse(JSON.parse(ran.stdout));
  });
  const [through, refused] = await Promise.all(bursts);
  expect(through).toMatchObject({ answered: BURST, failed: {} });
  expect(refused).toMatchObject({ answered: 0, failed: { 403: BURST } });
  report(
    `${BURST} connections passed in ${through?.ms} ms beside ${BURST} that were refused in ${refused?.ms} ms`,
  );
  for (const [host, verdict, effect] of [
    [allowed, 'allow', 'forward'],
    [blocked, 'block', 'forbidden'],
  ] as const) {
    const flows = await until('all have ended in the ledger', SHOWN_MS, async () => {
      const found = await firewall.flows(`host:=${host.name}`);
      return found.length === BURST && found.every(({ state }) => state !== 'open') && found;
    });
    expect(new Set(flows.map(({ id }) => id)).size).toBe(BURST);
    for (const flow of flows) {
      expect(flow).toMatchObject({
        verdict: { kind: verdict, stage: 'rules' },
        effect,
        origin: { name: 'node', unknown: null },
      });
      expect(flow.durationMs).not.toBeNull();
    }
  }
  const { ledger, counts } = await firewall.status();
  expect(ledger).toMatchObject({ state: 'ok', error: null, lost: 0 });
  expect(counts).toMatchObject({
    total: 2 * BURST,
    allowed: BURST,
    blocked: BURST,
    refusedAtLimit: 0,
    open: 0,
  });
  expect(await world.arrived(blocked.ip6)).toMatchObject({ syn: 0, payload: 0 });
});

test('a locked ledger stops no connection, is shown, and catches up', async ({ world }) => {
  await using firewall = await Firewall.start(world);
  const host = await world.host('locked');
  const lock = Bun.spawn(['python3', '-c', LOCK, `${firewall.state}/ledger.db`], {
    stdin: 'pipe',
    stdout: 'pipe',
    env: ENV,
  });
  await lock.stdout.getReader().read();
  expect(await answered(world, host)).toBe(true);
  await until('status shows it', SHOWN_MS, async () => (await firewall.status()).ledger.state === 'failing');
  expect((await firewall.status()).ledger.error).toMatch(/lock|busy/i);
  // Rules do not stand in the ledger: they are saved whatever holds it.
  expect(await firewall.cli(['block', 'while-locked.e2e.test'])).toMatchObject({ code: 0, stderr: '' });
  expect(readFileSync(`${firewall.state}/rules.json`, 'utf8')).toContain('while-locked.e2e.test');
  expect(await answered(world, host)).toBe(true);
  await lock.stdin.end();
  await lock.exited;
  await until(
    'the ledger is well again',
    SHOWN_MS,
    async () => (await firewall.status()).ledger.state === 'ok',
  );
  expect(await firewall.flows(`host:=${host.name}`)).toHaveLength(2);
  expect((await firewall.status()).ledger.lost).toBe(0);
});

test('a full disk stops no connection, is shown, and history goes on when there is room', async ({
  world,
}) => {
  // The mount is the engine's own: it goes with its namespace.
  const before = (state: string): string => `mount -t tmpfs -o size=${SMALL_DISK},mode=0700 none ${state}`;
  await using firewall = await Firewall.start(world, { before });
  const host = await world.host('full');
  const filler = `/proc/${firewall.pid}/root${firewall.state}/filler`;
  fill(filler);
  await until('status shows it', SHOWN_MS, async () => {
    expect(await answered(world, host)).toBe(true);
    return (await firewall.status()).ledger.state === 'failing';
  });
  expect((await firewall.status()).ledger.error).toMatch(/full|space/i);
  expect((await firewall.status()).enforcement.state).toBe('enforced');
  expect(await firewall.cli(['block', 'while-full.e2e.test'])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('could not write'),
  });
  rmSync(filler);
  await until(
    'the ledger is well again',
    SHOWN_MS,
    async () => (await firewall.status()).ledger.state === 'ok',
  );
  const later = await world.host('after-full');
  expect(await answered(world, later)).toBe(true);
  expect(await firewall.flow(`host:=${later.name}`)).toMatchObject({ effect: 'forward' });
  const rules = `/proc/${firewall.pid}/root${firewall.state}/rules.json`;
  await until('the rule is written', SHOWN_MS, () =>
    readFileSync(rules, 'utf8').includes('while-full.e2e.test'),
  );
});

test('rules outlive a ledger that is damaged, and are told without an engine', async ({ world }) => {
  await using firewall = await Firewall.start(world);
  await firewall.rule('block', 'kept.e2e.test');
  await firewall.end('SIGKILL');
  for (const suffix of ['-wal', '-shm']) rmSync(`${firewall.state}/ledger.db${suffix}`, { force: true });
  writeFileSync(`${firewall.state}/ledger.db`, 'this is no database'.repeat(1_000));
  const list = ['rules', 'list', '--json'];
  const { code, stdout } = await firewall.cli(list);
  expect([code, JSON.parse(stdout).host]).toEqual([0, 'kept.e2e.test']);
  await firewall.start();
  expect((await firewall.status()).ledger.error).toContain('was damaged');
  expect((await firewall.cli(list)).stdout).toBe(stdout);
});
