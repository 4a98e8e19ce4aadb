import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engines, scripts, version } from '../package.json';
import { WORLD_RUNS } from './e2e/script-runs.ts';
import { runScript, type ScriptRun } from './script-run.ts';

setDefaultTimeout(120_000);

const NAMES = 'test/fixtures/names';

/** Scripts that need nothing but Bun. */
const RUNS: Readonly<Record<string, ScriptRun>> = {
  build: { args: ['--outdir', 'OUT'], says: /resolagent built in \d+ ms/ },
  'package:deb': { args: ['--program', '/bin/true', '--outdir', 'OUT'], says: /resolagent_.*\.deb built/ },
  model: { args: ['--port', '0', '--play', 'slow'], says: /listening on http/, goesOn: true },
  'test:unit': { args: ['test/model/host.test.ts'], says: /^ [1-9]\d* pass\n(.*filtered out\n)? 0 fail$/m },
  'lint:fix': { args: [], says: /Fixed 1 file/, cwd: 'OUT' },
  'bench:attribute': { args: ['0.01'], says: /\(c\) and 10,000 open files/ },
  'bench:decide': { args: ['200'], says: /IPv6 address, no rule/ },
  'bench:judge': { args: ['34'], says: /an inquiry in the text protocol/ },
  'bench:ledger': { args: ['500'], says: /bytes a flow/ },
  'bench:lists': { args: ['1000', '1000'], says: /compile in worker/ },
  'bench:sniff': { args: ['100'], says: /HTTP request of Chromium/ },
  profile: { args: ['decide', '500'], says: /## Hot Functions[\s\S]*the whole profile: / },
  train: { args: [NAMES, 'OUT'], says: /wrote \d+ bytes of weights/ },
  eval: { args: [NAMES, '--json'], says: /"curves"/ },
  'lists:confusables': { args: ['OUT'], says: /^$/ },
  'lists:third-party': { args: ['OUT'], says: /^$/ },
  'docs:json': { args: ['OUT/json.md'], says: /^$/ },
};
/** What .ci/run itself runs. */
const RUN_BY_CI = { test: 'npm test', check: 'npm test', 'build:all': 'npm run build:all' };
/** What is left behind in the folder, beside what `says` tells. */
const WRITES: Readonly<Record<string, readonly string[]>> = {
  build: ['resolagent'],
  'package:deb': [`resolagent_${version}_${process.arch === 'x64' ? 'amd64' : process.arch}.deb`],
  train: ['popular.txt', 'thresholds.ts', 'weights.bin'],
  'lists:confusables': ['confusables.ts'],
  'lists:third-party': ['ads.txt', 'analytics.txt', 'providers.txt', 'social.txt'],
  'docs:json': ['json.md'],
  'lint:fix': ['ugly.ts'],
};

let folder = '';
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('every script has a smoke run', () => {
  const run = new Set([...Object.keys(RUNS), ...Object.keys(WORLD_RUNS), ...Object.keys(RUN_BY_CI)]);
  expect([...run].sort()).toEqual(Object.keys(scripts).sort());
  const ci = readFileSync(join(import.meta.dir, '../.ci/run'), 'utf8');
  for (const command of Object.values(RUN_BY_CI)) expect(ci).toContain(command);
  expect(scripts.test).toStartWith('bun run check && ');
});

// What is bundled runs in Bun, never in Node: in package-lock.json such a package names no engines, and npm does not warn of them.
// Of optional packages it warns never.
test('npm install warns of no package on the oldest Node that package.json names', () => {
  const oldest = engines.node.split(' || ').map((range) => range.replace(/^\D+/, ''));
  const lock = readFileSync(join(import.meta.dir, '../package-lock.json'), 'utf8');
  const entries: [string, { engines?: unknown; optional?: true }][] = Object.entries(
    JSON.parse(lock).packages,
  );
  const unfit = entries.filter(([, { engines, optional }]) => {
    if (optional === true) return false;
    const needed =
      typeof engines === 'object' && engines !== null && 'node' in engines ? String(engines.node) : '*';
    return !oldest.every((node) => Bun.semver.satisfies(node, needed));
  });
  expect(unfit.map(([path]) => path)).toEqual([]);
});

for (const [name, run] of Object.entries(RUNS)) {
  test(`npm run ${name}`, async () => {
    folder = mkdtempSync(join(tmpdir(), 'resolagent-script-'));
    if (name === 'lint:fix') writeFileSync(join(folder, 'ugly.ts'), 'export const  a=1\n');
    const { code, output } = await runScript(scripts[name as keyof typeof scripts], run, folder);
    expect(output).toMatch(run.says);
    if (!run.goesOn) expect(code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual([...(WRITES[name] ?? [])]);
  });
}
