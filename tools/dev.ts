import { renameSync, watch } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Subprocess } from 'bun';
import { Firewall } from '../test/e2e/world/firewall.ts';
import { JUDGED, Model } from '../test/e2e/world/model.ts';
import { missing } from '../test/e2e/world/requirement.ts';
import { World } from '../test/e2e/world/world.ts';
import { PERSONAS, type Persona } from '../test/judge/scripted-model/script.ts';
import { compile } from './compile.ts';
import { Traffic, VERDICTS } from './dev-traffic.ts';

// npm run dev -- [--play PERSONA] [--seconds N]
// The firewall in a throw-away network namespace with a small internet, a scripted model and traffic; its screen is here, or its
// log where this is no terminal. It is built anew and restarted when a source file changes. The machine's own network is not touched.

const ROOT = join(import.meta.dir, '..');
const WATCHED = ['src', 'tui', 'pf', 'nft', 'lists'];
/** An editor writes a file in several steps, and a checkout many files. */
const SETTLE_MS = 150;

const { values } = parseArgs({
  options: { play: { type: 'string', default: 'well-behaved' }, seconds: { type: 'string' } },
});
const persona = PERSONAS.find((name) => name === values.play);
const lacks = missing(process.execPath);
if (persona === undefined) lacks.push(`no persona ${values.play}: one of ${PERSONAS.join(', ')}`);
if (persona === undefined || lacks.length > 0) {
  process.stderr.write(`${lacks.join('\n')}\n`);
  process.exit(3);
}
const world = await World.create();
try {
  await develop(world, persona);
} finally {
  await world.close();
}
process.exit(0);

async function develop(world: World, persona: Persona): Promise<void> {
  const binary = `${world.folder}/resolagent`;
  await compile(binary);
  await using _model = await Model.start(world, { persona, verdicts: VERDICTS });
  await using firewall = await Firewall.start(world, { program: [binary], config: JUDGED });
  await using _traffic = await Traffic.start(world);
  const changes = new Changes();
  const over = Promise.withResolvers<'over'>();
  if (values.seconds !== undefined) setTimeout(over.resolve, Number(values.seconds) * 1_000, 'over');
  for (;;) {
    const screen = openScreen(world, firewall);
    const left = screen.exited.then(() => 'over' as const);
    const why = await Promise.race([left, over.promise, changes.next()]);
    screen.kill('SIGTERM');
    await screen.exited;
    if (why === 'over') return;
    await rebuild(firewall, binary, changes);
  }
}

/** Builds until it succeeds, then puts the new binary in the place of the running one. */
async function rebuild(firewall: Firewall, binary: string, changes: Changes): Promise<void> {
  for (;;) {
    try {
      await compile(`${binary}.next`);
      break;
    } catch (error) {
      process.stdout.write(`${Bun.inspect(error)}\nwaiting for a change\n`);
      await changes.next();
    }
  }
  await firewall.end('SIGTERM');
  renameSync(`${binary}.next`, binary);
  await firewall.start();
  process.stdout.write('built anew and restarted\n');
}

function openScreen(world: World, firewall: Firewall): Subprocess {
  const view = process.stdin.isTTY === true && process.stdout.isTTY === true ? [] : ['log', '--follow'];
  const command = [...firewall.program, ...view, ...firewall.places];
  return Bun.spawn(['ip', 'netns', 'exec', world.names.client, ...command], {
    stdio: ['inherit', 'inherit', 'inherit'],
  });
}

/** Tells of changed source files. */
class Changes {
  #timer: ReturnType<typeof setTimeout> | null = null;
  #next = Promise.withResolvers<'changed'>();

  constructor() {
    for (const folder of WATCHED) watch(join(ROOT, folder), { recursive: true }, () => this.#changed());
  }

  /** Settles once files have changed after the last call, and no more do. */
  async next(): Promise<'changed'> {
    const answer = await this.#next.promise;
    this.#next = Promise.withResolvers();
    return answer;
  }

  #changed(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#next.resolve('changed'), SETTLE_MS);
  }
}
