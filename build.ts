import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compile } from './tools/compile.ts';
import { readMachO } from './tools/macho.ts';
import { signMachO } from './tools/macho-sign.ts';

/** Binaries by their path below the folder they are built into; undefined: for this machine. */
const TARGETS = {
  resolagent: undefined,
  'dist/resolagent-darwin-arm64': 'bun-darwin-arm64',
  'dist/resolagent-darwin-x64': 'bun-darwin-x64',
  'dist/resolagent-linux-arm64': 'bun-linux-arm64',
  'dist/resolagent-linux-x64': 'bun-linux-x64',
} as const;

/** Who the Mac binaries say they are: it stays the same from build to build. */
const IDENTIFIER = 'org.resolagent.resolagent';

/** Signs a program for a Mac, which kills one whose pages do not match its signature (docs/facts/macos.md, "Bun"). */
function sign(path: string): void {
  writeFileSync(path, signMachO(readFileSync(path), IDENTIFIER));
  const program = readMachO(readFileSync(path));
  if (program.kind !== 'signed' || program.wrongPages.length > 0)
    throw new Error(`${path} has an invalid signature`);
  process.stdout.write(`${path}: signed ad hoc as ${program.identifier}, ${program.pages} pages\n`);
}

const { values } = parseArgs({
  options: { all: { type: 'boolean', default: false }, outdir: { type: 'string', default: '.' } },
});
for (const [path, target] of Object.entries(TARGETS)) {
  if (target !== undefined && !values.all) continue;
  const outfile = join(values.outdir, path);
  const started = performance.now();
  await compile(outfile, target);
  process.stdout.write(`${outfile} built in ${Math.round(performance.now() - started)} ms\n`);
  if (target?.startsWith('bun-darwin')) sign(outfile);
}
