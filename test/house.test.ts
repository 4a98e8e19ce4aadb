import { expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { houseFaults, importCircles, loadedWith, ROOMS } from './house-rules.ts';

const ROOT = join(import.meta.dir, '..');
const FOLDERS = '{src,tui,pf,nft,lists}/**/*.{ts,tsx}';

function sources(): ReadonlyMap<string, string> {
  const paths = [...new Bun.Glob(FOLDERS).scanSync(ROOT)].sort();
  return new Map(paths.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]));
}

test('every file imports only what its room may, and none is too long', () => {
  const house = sources();
  expect(house.size).toBeGreaterThan(50);
  expect([...house].flatMap(([path, source]) => houseFaults(path, source))).toEqual([]);
});

test('no files import each other in a loop, not even types', () => {
  expect(importCircles(sources())).toEqual([]);
});

test('a start loads what it runs: the version nothing else, help commander alone, the watchdog no package', () => {
  const packages = (path: string) =>
    loadedWith(path, sources()).filter((name) => !/\.(tsx?|json)$/.test(name));
  expect(loadedWith('src/main.ts', sources())).toEqual(['package.json', 'src/cli/version.ts']);
  expect(packages('src/cli/program.ts')).toEqual(['commander']);
  expect([...packages('src/cli/hidden.ts'), ...packages('src/platform/hidden.ts')]).toEqual([]);
  expect(packages('src/engine/engine.ts')).toContain('zod');
});

test('docs/architecture.md names every room, floor by floor, and every path it names is there', () => {
  const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
  const table = page.slice(page.indexOf('## Rooms'), page.indexOf("## One flow's walk"));
  const rows = table.split('\n').filter((line) => line.startsWith('| `'));
  const rooms = rows.map((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, at]) => at));
  expect(rooms).toEqual(ROOMS.map((floor) => [...floor]));

  const paths = [...page.matchAll(/`((?:src|tui|nft|pf|lists|test|tools|train)\/[\w./-]*)`/g)];
  const named = paths
    .map(([, path]) => path ?? '')
    .filter((path) => !['nft/table', 'pf/anchor'].includes(path));
  expect(named.length).toBeGreaterThan(80);
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('a loop is found, of types too, and a lazy import closes none', () => {
  const house = (back: string) =>
    new Map([
      ['src/a.ts', "import { b } from './b/b.ts';"],
      ['src/b/b.ts', back],
    ]);
  expect(importCircles(house("import type { A } from '../a.ts';"))).toEqual([
    'src/a.ts → src/b/b.ts → src/a.ts',
  ]);
  expect(importCircles(house("const late = () => import('../a.ts');"))).toEqual([]);
});

test.each([
  ['src/policy/x.ts', "import { a } from '../model/host.ts';"],
  ['src/policy/x.ts', "import type { A } from '../sniff/tls.ts';"],
  ['src/policy/x.ts', "import { type A, type B } from '../sniff/tls.ts';"],
  ['src/policy/rules/x.ts', "import { Subject } from '../../model/subject.ts';"],
  ['src/policy/x.ts', "import { parse } from 'tldts';"],
  ['src/policy/x.ts', '// import { readFileSync } from "node:fs";'],
  ['pf/anchor-parts.ts', "import type { InterceptPlan } from '../src/model/intercept-plan.ts';"],
  ['pf/anchor.ts', "import { part } from './anchor-parts.ts';"],
  ['pf/pfctl.ts', "import { anchor } from './anchor.ts';\nimport { spawn } from 'node:child_process';"],
  ['src/engine/x.ts', "import { a } from '../ledger/ledger.ts';"],
  ['src/cli/x.ts', "const { Engine } = await import('../engine/engine.ts');"],
  ['src/cli/x.ts', "import type { Engine } from '../engine/engine.ts';"],
  ['tui/x.tsx', "import { Box } from 'ink';\nimport { cleanText } from '../src/model/clean.ts';"],
  ['tui/views/x.tsx', "import { theme } from '../draw/theme.ts';"],
])('%s may say: %s', (path, source) => {
  expect(houseFaults(path, source)).toEqual([]);
});

test.each([
  ['src/policy/x.ts', "import { existsSync, readFileSync } from 'node:fs';"],
  ['src/policy/x.ts', "import type { Socket } from 'bun';"],
  ['src/policy/x.ts', "import { z } from 'zod';"],
  ['src/sniff/x.ts', "import { a } from '../policy/rules/text.ts';"],
  ['src/sniff/x.ts', "import type { A } from '../policy/rules/text.ts';"],
  ['src/sniff/x.ts', "import { type A, b } from '../policy/decide.ts';"],
  ['src/sniff/x.ts', "export * from '../policy/decide.ts';"],
  ['src/sniff/x.ts', "import '../policy/decide.ts';"],
  ['src/policy/x.ts', "import { a } from '../files/atomic-file.ts';"],
  ['src/judge/core/x.ts', "import type { A } from '../reply/reply.ts';"],
  ['pf/x.ts', "import { a } from '../nft/runner.ts';"],
  ['src/policy/x.ts', "import {\n  type A,\n  b,\n} from '../engine/flow.ts';"],
  ['src/policy/x.ts', "const late = await import('../engine/engine.ts');"],
  ['src/policy/x.ts', 'const now = Date.now();'],
  ['src/policy/x.ts', 'const today = new Date();'],
  ['src/policy/x.ts', "import { a } from './y';"],
  ['src/policy/x.ts', 'export default 1;'],
  ['src/policy/x.ts', 'const a = 1;\nexport { a as default };'],
  ['src/policy/x.ts', `${'\n'.repeat(501)}const a = 1;`],
  ['src/model/x.ts', "import type { Config } from '../config/schema.ts';"],
  ['pf/anchor.ts', "import { run } from './pfctl.ts';"],
  ['src/judge/core/x.ts', "import { run } from '../run/runner.ts';"],
  ['pf/anchor.ts', "import type { A } from '../src/intercept/interceptor.ts';"],
  ['src/ledger/x.ts', "import { a } from '../engine/flow.ts';"],
  ['src/ledger/x.ts', "import type { A } from '../cli/log.ts';"],
  ['src/attribute/x.ts', "import { a } from '../ledger/ledger.ts';"],
  ['src/engine/x.ts', "import { a } from '../cli/print.ts';"],
  ['src/engine/x.ts', "import type { A } from '../../tui/store.ts';"],
  ['src/cli/x.ts', "import { Engine } from '../engine/engine.ts';"],
  ['src/cli/x.ts', "import { App } from '../../tui/app.tsx';"],
  ['tui/x.tsx', "import { a } from '../src/policy/rules/rule-set.ts';"],
  ['tui/x.tsx', "import type { Engine } from '../src/engine/engine.ts';"],
  ['tui/draw/x.ts', "import type { Snapshot } from '../state/snapshot.ts';"],
  ['tui/state/x.ts', "import type { Controller } from '../control/controller.ts';"],
  ['tui/lines/x.ts', "import { Box } from 'ink';"],
  ['tui/x.tsx', "import { Database } from 'bun:sqlite';"],
  ['tui/x.tsx', "import { existsSync, readFileSync } from 'node:fs';"],
  ['src/utils/x.ts', 'const a = 1;'],
])('%s may not say: %s', (path, source) => {
  expect(houseFaults(path, source)).toHaveLength(1);
});
