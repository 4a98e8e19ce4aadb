import { expect } from 'bun:test';
import { chmodSync, copyFileSync, existsSync, realpathSync } from 'node:fs';
import { until } from '../until.ts';
import { hello, talk } from './clients/talk.ts';
import { PORTS } from './internet/protocol.ts';
import { endToEnd, report } from './world/end-to-end.ts';
import type { Firewall, LoggedFlow } from './world/firewall.ts';
import { ENV } from './world/run.ts';
import { expectUntouched } from './world/untouched.ts';
import type { World } from './world/world.ts';

const TIMES = 40;
const FEW = 5;
const LOG_MS = 20_000;
const LARGE_BYTES = 524_288;

const test = endToEnd('unknown origin', () => ({}));

/** A program of its own path, to be named by rules. */
function villain(world: World): string {
  const path = `${world.folder}/villain`;
  if (existsSync(path)) return path;
  copyFileSync(realpathSync(Bun.which('python3', { PATH: ENV.PATH }) ?? ''), path);
  chmodSync(path, 0o755);
  return path;
}

/** Runs the villain many times, which sends and dies. */
async function vanish(world: World, times: number, args: object): Promise<void> {
  const script = `for i in $(seq ${times}); do "$@" || exit 1; done`;
  const client = [villain(world), `${import.meta.dir}/clients/vanish.py`, JSON.stringify(args)];
  expect(await world.program(['/bin/sh', '-c', script, 'rae-loop', ...client])).toMatchObject({ code: 0 });
}

/** Waits until the log tells of every connection. */
async function logged(firewall: Firewall, times: number, filter: string): Promise<LoggedFlow[]> {
  const flows = await until('every connection is in the log', LOG_MS, async () => {
    const found = await firewall.flows(filter);
    return found.length === times && found.every(({ state }) => state !== 'open') && found;
  });
  const unknown = flows.filter(({ origin }) => origin.path === null).length;
  report(`${unknown} of ${times} connections of a program that dies at once are of an unknown program`);
  return flows;
}

function expectBlocked(flows: readonly LoggedFlow[]): void {
  for (const { origin, verdict } of flows) {
    expect(verdict).toMatchObject({ kind: 'block', stage: 'rules' });
    if (origin.path !== null) continue;
    expect(verdict.reason).toBe('unknown_origin');
    expect(verdict.evidence[0]?.text).toStartWith('the program is not known, so it counts as any: block ');
  }
}

test('a program that says a blocked name and dies reaches nobody, others do', async ({ world, firewall }) => {
  const host = await world.host('hello-and-die');
  await firewall.rule('allow', host.name);
  await firewall.rule('block', host.name, '--app', villain(world));
  await vanish(world, TIMES, { ip: host.ip4, port: 443, name: host.name });
  const flows = await logged(firewall, TIMES, `host:=${host.name}`);
  expectBlocked(flows);
  await expectUntouched(world, host);

  expect((await hello(world, { ip: host.ip4, name: host.name })).outcome).toBe('answered');
  const why = await firewall.cli(['why', String(flows.at(-1)?.id), '--json']);
  expect(JSON.parse(why.stdout)).toMatchObject({ repeat: 'same' });
  expect((await firewall.cli(['explain', host.name])).code).toBe(0);
  expect((await firewall.cli(['explain', host.name, '--app', villain(world)])).code).toBe(1);
});

test('a program that sends half a megabyte and dies reaches nobody, others do', async ({
  world,
  firewall,
}) => {
  const host = await world.host('send-and-die');
  await firewall.rule('block', host.ip4, '--app', villain(world));
  const target = { ip: host.ip4, port: PORTS.digest };
  await vanish(world, TIMES, { ...target, bytes: LARGE_BYTES });
  expectBlocked(await logged(firewall, TIMES, `ip:${host.ip4}`));
  await expectUntouched(world, host);
  expect(await talk(world, { ...target, text: 'hello', end: true })).toMatchObject({ outcome: 'ended' });
  expect(await world.internet.accepted(host.ip4)).toMatchObject([{ bytesIn: 5 }]);
});

test('a program that is dead before the engine looks at all is blocked as any, and the log says why', async ({
  world,
  firewall,
}) => {
  const host = await world.host('dead-before');
  await firewall.rule('block', host.name, '--app', villain(world));
  process.kill(firewall.pid, 'SIGSTOP');
  try {
    await vanish(world, FEW, { ip: host.ip4, port: 443, name: host.name });
  } finally {
    process.kill(firewall.pid, 'SIGCONT');
  }
  const flows = await logged(firewall, FEW, `host:=${host.name} reason:unknown_origin`);
  expectBlocked(flows);
  for (const { origin } of flows) expect(origin).toMatchObject({ path: null, unknown: 'socket_gone' });
  await expectUntouched(world, host);
});
