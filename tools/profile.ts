import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Firewall } from '../test/e2e/world/firewall.ts';
import { missing } from '../test/e2e/world/requirement.ts';
import { World } from '../test/e2e/world/world.ts';

// npm run profile -- engine [--rate N] [--seconds N]        the engine under a steady load
// npm run profile -- decide|sniff|lists|ledger|judge|… [ARGUMENTS OF THE BENCH]
// Prints the functions that took most time; the whole profile is for the Performance tab of Chromium's developer tools.

const ROOT = join(import.meta.dir, '..');
const NODE = Bun.which('node') ?? 'node';
const SHOWN_LINES = 30;
const END_SLACK_MS = 60_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rate: { type: 'string', default: '200' }, seconds: { type: 'string', default: '10' } },
});
const [what = 'engine', ...rest] = positionals;
const folder = mkdtempSync(join(tmpdir(), 'resolagent-profile-'));
const PROFILED = [process.execPath, '--cpu-prof', '--cpu-prof-md', `--cpu-prof-dir=${folder}`] as const;

if (what === 'engine') await profileEngine();
else await profileBench(join(ROOT, 'test/bench', `${what}.ts`));
report();

async function profileBench(path: string): Promise<void> {
  const child = Bun.spawn([...PROFILED, path, ...rest], { stdio: ['ignore', 'inherit', 'inherit'] });
  if ((await child.exited) !== 0) process.exit(1);
}

async function profileEngine(): Promise<void> {
  const lacks = missing(process.execPath);
  if (lacks.length > 0) {
    process.stderr.write(`${lacks.join('\n')}\n`);
    process.exit(3);
  }
  const world = await World.create();
  try {
    const program = [...PROFILED, join(ROOT, 'src/main.ts')] as const;
    await using firewall = await Firewall.start(world, { program });
    const host = await world.host('profiled');
    await firewall.rule('allow', host.name);
    const load = {
      targets: [{ ip: host.ip4, name: host.name }],
      rate: Number(values.rate),
      seconds: Number(values.seconds),
    };
    const pace = [NODE, join(ROOT, 'test/e2e/clients/pace.mjs'), JSON.stringify(load)];
    await world.program(pace, { limitMs: load.seconds * 1_000 + END_SLACK_MS });
    await firewall.end('SIGTERM');
  } finally {
    await world.close();
  }
}

/** Of several processes the longest profile is the one meant: commands are profiled too. */
function report(): void {
  const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));
  const texts = pages.map((name) => readFileSync(join(folder, name), 'utf8'));
  const longest = texts.reduce((best, text) => (secondsOf(text) > secondsOf(best) ? text : best), '');
  if (longest === '') {
    process.stderr.write('no profile was written\n');
    process.exit(1);
  }
  process.stdout.write(
    `${longest.split('\n').slice(0, SHOWN_LINES).join('\n')}\n\nthe whole profile: ${folder}\n`,
  );
}

function secondsOf(text: string): number {
  const [, figure = '0', unit = 's'] = /^\| ([\d.]+)(ms|s) \|/m.exec(text) ?? [];
  return unit === 'ms' ? Number(figure) / 1_000 : Number(figure);
}
