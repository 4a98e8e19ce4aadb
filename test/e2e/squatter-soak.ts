import { existsSync, realpathSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { DEFAULTS } from '../../src/config/defaults.ts';
import { proxyPorts } from '../../src/model/intercept-plan.ts';
import { hello } from './clients/talk.ts';
import { Background } from './world/background.ts';
import { Firewall, isWatchdog } from './world/firewall.ts';
import { BINARY, missing } from './world/requirement.ts';
import { must } from './world/run.ts';
import { freePortsFrom, Squatters } from './world/squatters.ts';
import { type Host, World } from './world/world.ts';

// npm run bench:squatter -- [--binary PATH] [--kills 1000] [--mode open|closed] [--ports-from 0]: kills the engine again and again while a
// client of root asks for pages and another user tries to listen on the proxy's ports, which nothing forbids from `ports-from` on. No byte
// may reach that user, and nothing may keep the engine from starting again. Not part of `bun test`; exit code 1 when something is wrong.

const NODE = Bun.which('node') ?? 'node';
const KNOCK = `${import.meta.dir}/clients/knock.mjs`;
const HOLD_MS = 40;
/** The longest time from one step to the next: the watchdog acts after 150 ms. */
const PAUSE_MS = 300;
const BOTH_EVERY = 4;
const EARLY_EVERY = 3;
const EARLY_MS = 1_000;
const BLOCKED_EVERY = 10;
const SAY_EVERY = 50;
const START_TRIES = 5;

// Somebody else's translation, as Docker brings it: with it the kernel goes on translating what our rules began when they are gone.
const OTHER_NAT =
  'table ip other { chain o { type nat hook output priority -100; ip daddr 192.0.2.99 dnat to 192.0.2.98; }; }';

interface Options {
  readonly binary: string;
  readonly kills: number;
  readonly modes: readonly ('open' | 'closed')[];
  readonly portsFrom: number;
}

/** What came of one mode. */
class Tally {
  kills = 0;
  bothKilled = 0;
  killedEarly = 0;
  restarts = 0;
  stopped = 0;
  unfiltered = 0;
  readonly ports = new Map<string, number>();
}

function say(text: string): void {
  process.stdout.write(`${(performance.now() / 1_000).toFixed(1).padStart(7)} s  ${text}\n`);
}

function options(): Options {
  const { values } = parseArgs({
    options: {
      binary: { type: 'string', default: BINARY },
      kills: { type: 'string', default: '1000' },
      mode: { type: 'string' },
      'ports-from': { type: 'string', default: '0' },
    },
  });
  const mode = z.enum(['open', 'closed']);
  return {
    binary: existsSync(values.binary) ? realpathSync(values.binary) : values.binary,
    kills: z.coerce.number().int().min(1).max(1_000_000).parse(values.kills),
    modes: values.mode === undefined ? mode.options : [mode.parse(values.mode)],
    portsFrom: z.coerce.number().int().min(0).max(65_536).parse(values['ports-from']),
  };
}

/** Ends the engine, and its watchdog before it when `both`: alive, the engine would start another. */
async function kill(firewall: Firewall, both: boolean, tally: Tally): Promise<void> {
  if (both) {
    const watchdogs = (await firewall.processes()).filter(isWatchdog);
    for (const pid of watchdogs) process.kill(pid, 'SIGKILL');
    tally.bothKilled++;
  }
  await firewall.end('SIGKILL');
  tally.kills++;
}

/** Starts the engine, and kills it at some moment of its start, or just after. */
async function killEarly(firewall: Firewall, tally: Tally): Promise<void> {
  const starting = firewall.start();
  // That it ends while it starts is what is wanted.
  const settled = starting.catch(() => undefined);
  await Bun.sleep(Math.random() * EARLY_MS);
  await firewall.end('SIGKILL');
  await settled;
  tally.kills++;
  tally.killedEarly++;
}

async function restart(firewall: Firewall, tally: Tally): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await firewall.start();
      break;
    } catch (error) {
      tally.stopped++;
      say(`WRONG a restart was stopped: ${String(error)}`);
      if (tries === START_TRIES) throw error;
      await firewall.end('SIGKILL');
    }
  }
  tally.restarts++;
  const port = String((await firewall.status()).proxy.port);
  const name = proxyPorts(DEFAULTS.proxy.port).map(String).includes(port) ? port : 'random';
  tally.ports.set(name, (tally.ports.get(name) ?? 0) + 1);
}

async function soak(world: World, mode: 'open' | 'closed', opts: Options): Promise<boolean> {
  const config = `[intercept]\nfailMode = "${mode}"\n[judge]\nenabled = false\n[lists]\nupdate = false\n`;
  const tally = new Tally();
  const [allowed, blocked] = [await world.host(`allowed-${mode}`), await world.host(`blocked-${mode}`)];
  await using firewall = new Firewall(world, { program: [opts.binary], config });
  await firewall.start();
  await firewall.rule('block', blocked.name);
  await freePortsFrom(world, opts.portsFrom);
  const targets = [allowed.ip4, allowed.ip6].map((ip) => ({ ip, name: allowed.name }));
  const load = { targets, together: 4, pauseMs: 10 };
  const client = await Background.start(world, [NODE, KNOCK, JSON.stringify(load)]);
  const squatters = await Squatters.start(world, proxyPorts(DEFAULTS.proxy.port), HOLD_MS);
  const began = performance.now();
  while (tally.kills < opts.kills) {
    await Bun.sleep(Math.random() * PAUSE_MS);
    await kill(firewall, tally.restarts % BOTH_EVERY === 0, tally);
    await Bun.sleep(Math.random() * PAUSE_MS);
    if (tally.kills % EARLY_EVERY === 0) await killEarly(firewall, tally);
    await restart(firewall, tally);
    if (tally.restarts % BLOCKED_EVERY === 0 && (await answers(world, blocked))) tally.unfiltered++;
    if (tally.restarts % SAY_EVERY === 0)
      say(`${mode}: ${tally.kills} kills, ${tally.stopped} restarts stopped`);
  }
  const seconds = Math.round((performance.now() - began) / 1_000);
  const got = await squatters.end();
  say(
    `${mode}: ${tally.kills} kills of the engine, ${tally.bothKilled} of them with its watchdog, ${tally.killedEarly} while it started, in ${seconds} s`,
  );
  say(
    `${mode}: ${tally.restarts} restarts; ports ${JSON.stringify(Object.fromEntries([...tally.ports].sort()))}`,
  );
  say(`${mode}: squatters listened ${got.listened} times; refused ${JSON.stringify(got.refused)}`);
  say(`${mode}: the client's answers ${JSON.stringify(await client.end())}`);
  const checks = {
    'bytes that reached squatters': got.bytes,
    'connections that squatters accepted': got.accepted,
    'restarts that were stopped': tally.stopped,
    'blocked names that answered': tally.unfiltered,
  };
  for (const [what, count] of Object.entries(checks))
    say(`${count === 0 ? 'ok   ' : 'WRONG'} ${mode}: ${what}: ${count}`);
  return Object.values(checks).every((count) => count === 0);
}

async function answers(world: World, host: Host): Promise<boolean> {
  return (await hello(world, { ip: host.ip4, name: host.name })).outcome === 'answered';
}

const opts = options();
const lacks = missing(opts.binary);
if (lacks.length > 0) {
  say(lacks.join('; '));
  process.exit(3);
}
const world = await World.create();
let isRight = true;
try {
  await must(['ip', 'netns', 'exec', world.names.client, 'nft', '-f', '-'], { stdin: OTHER_NAT });
  for (const mode of opts.modes) isRight = (await soak(world, mode, opts)) && isRight;
} finally {
  await world.close();
}
say(isRight ? 'nothing is wrong' : 'something is wrong: see WRONG above');
process.exit(isRight ? 0 : 1);
