import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compile } from './tools/compile.ts';
import { readMachO } from './tools/macho.ts';

/** Binaries by their path below the folder they are built into; undefined: for this machine. */
const TARGETS = {
  resolagent: undefined,
  'dist/resolagent-darwin-arm64': 'bun-darwin-arm64',
  'dist/resolagent-darwin-x64': 'bun-darwin-x64',
  'dist/resolagent-linux-arm64': 'bun-linux-arm64',
  'dist/resolagent-linux-x64': 'bun-linux-x64',
} as const;

/** A Mac kills a program whose pages do not match its signature (docs/facts/macos.md, "Bun"). */
function verifyMachO(path: string): void {
  const program = readMachO(readFileSync(path));
  const fine = program.kind === 'signed' && program.wrongPages.length === 0;
  const said = fine
    ? 'its signature is valid'
    : 're-sign it on a Mac: codesign --remove-signature, then codesign -f -s -';
  process.stdout.write(`${path}: ${said}\n`);
  if (!fine && path.endsWith('arm64')) throw new Error(`${path} has an invalid signature`);
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
  if (target?.startsWith('bun-darwin')) verifyMachO(outfile);
}
