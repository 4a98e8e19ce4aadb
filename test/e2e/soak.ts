import { realpathSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { until } from '../until.ts';
import { PORTS } from './internet/protocol.ts';
import { Firewall } from './world/firewall.ts';
import { Holder } from './world/holder.ts';
import { BINARY, missing } from './world/requirement.ts';
import { Resources } from './world/resources.ts';
import { type Host, World } from './world/world.ts';

// npm run bench:soak -- [--binary PATH] [--idle 10000] [--rate 500] [--seconds 60]: holds idle connections while new ones come at a steady pace,
// then counts: nothing may be lost, nothing may be left. Not part of `bun test`; exit code 1 when something is wrong.

const SERVERS = 24;
const TOGETHER = 200;
const NODE = Bun.which('node') ?? 'node';
const CLIENTS = `${import.meta.dir}/clients`;
const SETTLED_MS = 30_000;
const SLACK_MS = 60_000;
/** Descriptors that may come and go: database, sockets of commands. */
const DESCRIPTOR_SLACK = 24;

const pacedSchema = z.object({
  outcomes: z.record(z.string(), z.record(z.string(), z.int())),
  answerMs: z.object({ p50: z.number(), p99: z.number(), max: z.number() }),
});
const loggedSchema = z.object({
  state: z.string(),
  effect: z.string(),
  verdict: z.object({ kind: z.string() }),
});

const wrong: string[] = [];

function say(text: string): void {
  process.stdout.write(`${(performance.now() / 1_000).toFixed(1).padStart(6)} s  ${text}\n`);
}

function check(what: string, found: unknown, expected: unknown): void {
  const same = Bun.deepEquals(found, expected);
  say(
    `${same ? 'ok   ' : 'WRONG'} ${what}: ${JSON.stringify(found)}${same ? '' : `, expected ${JSON.stringify(expected)}`}`,
  );
  if (!same) wrong.push(what);
}

function options(): { binary: string; idle: number; rate: number; seconds: number } {
  const number = z.coerce.number().int().min(0).max(1_000_000);
  const { values } = parseArgs({
    options: {
      binary: { type: 'string', default: BINARY },
      idle: { type: 'string', default: '10000' },
      rate: { type: 'string', default: '500' },
      seconds: { type: 'string', default: '60' },
    },
  });
  return z.object({ binary: z.string(), idle: number, rate: number, seconds: number }).parse(values);
}

/** What the ledger holds of one name: how many flows, by verdict, effect and state. */
async function ledgerOf(firewall: Firewall, filter: string): Promise<Record<string, number>> {
  const ran = await firewall.cli(['log', '--json', '--since', '1h', '--filter', filter], {
    limitMs: SLACK_MS,
  });
  const counts: Record<string, number> = {};
  for (const line of ran.stdout.split('\n')) {
    if (line === '') continue;
    const { verdict, effect, state } = loggedSchema.parse(JSON.parse(line));
    const key = `${verdict.kind} ${effect} ${state}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

async function soak(world: World, firewall: Firewall): Promise<void> {
  const { idle, rate, seconds } = options();
  const hosts: Host[] = [];
  for (let number = 0; number < SERVERS; number++) hosts.push(await world.host(`server-${number}`));
  const allowed = await world.host('soak-allowed');
  const blocked = await world.host('soak-blocked');
  await firewall.rule('allow', allowed.name);
  await firewall.rule('block', blocked.name);
  await firewall.rule('allow', '203.0.113.0/24');
  const resources = new Resources(firewall.pid);
  say(`start: ${resources.text()}`);

  const ips = hosts.map(({ ip4 }) => ip4);
  const holder = await Holder.start(world, [
    NODE,
    `${CLIENTS}/hold.mjs`,
    JSON.stringify({ ips, port: PORTS.echo, count: idle, together: TOGETHER }),
  ]);
  check('idle connections opened', holder.held, idle);
  say(`idle: ${resources.text()}; ${resources.perConnection(idle)}`);

  const targets = [allowed, allowed, allowed, allowed, blocked].map(({ ip4, name }) => ({ ip: ip4, name }));
  const paced = await world.program(
    [NODE, `${CLIENTS}/pace.mjs`, JSON.stringify({ targets, rate, seconds })],
    {
      limitMs: seconds * 1_000 + SLACK_MS,
    },
  );
  const { outcomes, answerMs } = pacedSchema.parse(JSON.parse(paced.stdout || '{}'));
  const total = rate * seconds;
  const share = Math.floor(total / targets.length);
  say(
    `load: ${resources.text()}; answers p50 ${answerMs.p50} ms, p99 ${answerMs.p99} ms, max ${answerMs.max} ms`,
  );
  check('answers of the allowed name', outcomes[allowed.name], { 200: total - share });
  check('answers of the blocked name', outcomes[blocked.name], { 403: share });
  check('idle connections still alive', await holder.alive(), idle);
  await holder.end();

  const { counts } = await until('all connections have ended', SETTLED_MS, async () => {
    const status = await firewall.status();
    return status.counts.open === 0 && status.ledger.queued === 0 && status;
  });
  check('flows counted', counts.total, total + idle);
  check('ledger, allowed name', await ledgerOf(firewall, `host:=${allowed.name}`), {
    'allow forward closed': total - share,
  });
  check('ledger, blocked name', await ledgerOf(firewall, `host:=${blocked.name}`), {
    'block forbidden refused': share,
  });
  const held = await ledgerOf(firewall, `port:${PORTS.echo}`);
  check(
    'ledger, idle connections',
    Object.values(held).reduce((sum, count) => sum + count, 0),
    idle,
  );
  await finish(world, firewall, resources, blocked);
}

async function finish(world: World, firewall: Firewall, resources: Resources, blocked: Host): Promise<void> {
  const { ledger, loopLagMs, decisionUs, connectUs, counts } = await firewall.status();
  check('ledger', { state: ledger.state, lost: ledger.lost }, { state: 'ok', lost: 0 });
  check('refused at the limit', counts.refusedAtLimit, 0);
  check('unknown origins', counts.unknownOrigin, 0);
  check('packets for the blocked server', await world.arrived(blocked.ip4), { syn: 0, payload: 0, udp: 0 });
  say(`end: ${resources.text()}`);
  check('descriptors left over', Math.max(0, resources.descriptorsMore() - DESCRIPTOR_SLACK), 0);
  say(
    `decision p50 ${decisionUs.p50} µs, p99 ${decisionUs.p99} µs; connect p50 ${connectUs.p50} µs, p99 ${connectUs.p99} µs`,
  );
  say(`loop lag of the last minute: p99 ${loopLagMs.p99} ms, max ${loopLagMs.max} ms`);
}

const lacks = missing();
if (lacks.length > 0) {
  say(lacks.join('; '));
  process.exit(3);
}
const world = await World.create();
try {
  await using firewall = await Firewall.start(world, { program: [realpathSync(options().binary)] });
  await soak(world, firewall);
} finally {
  await world.close();
}
say(wrong.length === 0 ? 'nothing is wrong' : `wrong: ${wrong.join(', ')}`);
process.exit(wrong.length === 0 ? 0 : 1);
