/** Measures the firewall beside other proxies and other binaries of itself, in one run: `npm run bench`. */
import { existsSync } from 'node:fs';
import { type Firewall, startFirewall } from './firewall.ts';
import { measureDecisions, measureMemory, measureSpeed } from './measure.ts';
import { buildNetwork, forgetClosedConnections, PLAIN_PORT, REDIRECTED_PORT, SERVER_IP } from './network.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { missingOf, startPeer } from './peers.ts';
import { buildPrograms, SERVER_NAME } from './programs.ts';
import { asJson, asText } from './report.ts';
import { Results } from './results.ts';
import { Running } from './run.ts';
import { firewallName, PEERS, type PeerName, type Subject, type SubjectName, type World } from './subject.ts';

const ROOT = new URL('../../..', import.meta.url).pathname.replace(/\/$/, '');
const CANNOT = 3;

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

function start(name: SubjectName, { firewalls }: Options, world: World): Promise<Subject | Firewall> {
  const index = firewalls.findIndex((_, i) => firewallName(i) === name);
  const command = firewalls[index];
  if (command !== undefined) return startFirewall(index, command, world);
  if (isPeer(name)) return startPeer(name, world);
  const near = world.network.near[0] ?? '';
  const direct = { name, near, ip: SERVER_IP, port: PLAIN_PORT, program: null };
  return Promise.resolve({ ...direct, close: () => Promise.resolve() });
}

const isPeer = (name: SubjectName): name is PeerName => PEERS.some((peer) => peer === name);

/** Memory first, each subject alone and fresh; one that is not to be kept for the speed rounds is closed again. */
async function memory(world: World, options: Options, results: Results): Promise<void> {
  for (const name of results.subjects.filter((each) => each !== 'direct')) {
    progress(`memory: ${name}`);
    const subject = await start(name, options, world);
    try {
      if ('startMs' in subject) results.add(name, { startMs: subject.startMs });
      results.add(
        name,
        await measureMemory(subject, world, options.plan, (text) => results.notes.push(text)),
      );
    } finally {
      await subject.close();
    }
  }
}

/** All subjects run throughout, one at a time is busy; each round begins with another one. */
async function speed(world: World, options: Options, results: Results): Promise<void> {
  const subjects: (Subject | Firewall)[] = [];
  try {
    for (const name of results.subjects) subjects.push(await start(name, options, world));
    await forgetClosedConnections(world.network);
    for (let round = 0; round < options.plan.rounds; round++) {
      for (let i = 0; i < subjects.length; i++) {
        const subject = subjects[(i + round) % subjects.length];
        if (subject === undefined) continue;
        progress(`round ${round + 1} of ${options.plan.rounds}: ${subject.name}`);
        results.add(
          subject.name,
          await measureSpeed(subject, world, options.plan, (text) => results.notes.push(text)),
        );
        if ('status' in subject) results.add(subject.name, await measureDecisions(subject));
      }
    }
    for (const subject of subjects) if ('status' in subject) results.notes.push(await account(subject));
  } finally {
    for (const subject of subjects) await subject.close();
  }
}

/** That nothing was switched off or lost to be fast. */
async function account(firewall: Firewall): Promise<string> {
  const { counts, ledger, loopLagMs } = await firewall.status();
  return (
    `${firewall.name} decided ${counts.total} flows, ${counts.unknownOrigin} of unknown origin; ledger ${ledger.state}, ` +
    `${ledger.lost} lost, ${ledger.queued} queued; event loop late by at most ${loopLagMs.max} ms in the last minute`
  );
}

/** What is measured, in the order of the tables; a peer that is not installed is left out, and that is noted. */
function chosen({ only, firewalls }: Options): Results {
  const all: SubjectName[] = ['direct', ...firewalls.map((_, i) => firewallName(i)), ...PEERS];
  const unknown = only.filter((name) => !all.some((each) => each === name));
  if (unknown.length > 0) throw new Error(`no subject ${unknown.join(', ')}\n${USAGE}`);
  const wanted = all.filter((name) => only.length === 0 || only.includes(name));
  const absent = wanted.filter(isPeer).filter((name) => missingOf(name) !== null);
  const results = new Results(wanted.filter((name) => !absent.some((each) => each === name)));
  for (const name of absent) results.notes.push(`${name} was left out: ${missingOf(name)}`);
  for (const [i, command] of firewalls.entries())
    if (firewalls.length > 1) results.notes.push(`${firewallName(i)} is ${command.join(' ')}`);
  return results;
}

function complaint({ firewalls }: Options): string | null {
  if (process.platform !== 'linux' || process.geteuid?.() !== 0)
    return 'needs Linux and root (network namespaces)';
  const absent = firewalls.map((command) => command.at(-1) ?? '').find((program) => !existsSync(program));
  if (absent !== undefined) return `${absent} does not exist: npm run build`;
  return existsSync('/usr/sbin/nft') ? null : 'no nft: apt install nftables';
}

async function run(options: Options): Promise<Results> {
  const results = chosen(options);
  const programs = await buildPrograms();
  let server: Running | null = null;
  try {
    const network = await buildNetwork(SERVER_NAME, options.firewalls.length);
    try {
      const ports = [PLAIN_PORT, REDIRECTED_PORT].map(String);
      server = new Running(network.far, [programs.server, SERVER_IP, ...ports]);
      await server.line();
      const world = { network, programs };
      await memory(world, options, results);
      await speed(world, options, results);
    } finally {
      await server?.stop();
      network.close();
    }
  } finally {
    programs.close();
  }
  return results;
}

try {
  const options = readOptions(process.argv.slice(2), ROOT);
  if (options === null) {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  }
  const why = complaint(options);
  if (why !== null) {
    progress(why);
    process.exitCode = CANNOT;
  } else {
    const results = await run(options);
    process.stdout.write(options.json ? `${JSON.stringify(asJson(results), null, 2)}\n` : asText(results));
  }
} catch (error) {
  progress(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
