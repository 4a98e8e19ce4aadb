import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BunPlugin } from 'bun';
import { readMachO } from './tools/macho.ts';

/** The program, and its threads: each is an entry point of its own in the binary. */
const ENTRY_POINTS = [
  './src/main.ts',
  './src/proxy/offload/worker.ts',
  './src/ledger/thread/worker.ts',
  './src/lists/compile/worker.ts',
];

/** Binaries by their path below the folder they are built into; undefined: for this machine. */
const TARGETS = {
  resolagent: undefined,
  'dist/resolagent-darwin-arm64': 'bun-darwin-arm64',
  'dist/resolagent-darwin-x64': 'bun-darwin-x64',
  'dist/resolagent-linux-arm64': 'bun-linux-arm64',
} as const;

// Ink imports its developer tools, which import react-devtools-core; as an external that binary dies at start.
const withoutInkDevtools: BunPlugin = {
  name: 'without-ink-devtools',
  setup(build) {
    build.onLoad({ filter: /[/\\]ink[/\\]build[/\\]devtools\.js$/ }, () => ({
      contents: 'export {};',
      loader: 'js',
    }));
  },
};

// Ink measures text with string-width; Bun's own is faster, and the same that our grid counts with.
const bunStringWidth: BunPlugin = {
  name: 'bun-string-width',
  setup(build) {
    build.onLoad({ filter: /[/\\]string-width[/\\]index\.js$/ }, () => ({
      contents: 'export default (text) => Bun.stringWidth(text);',
      loader: 'js',
    }));
  },
};

/** Builds the binary for this machine, or for another one; throws with what is wrong in the code. */
export async function compile(outfile: string, target?: string): Promise<void> {
  const result = await Bun.build({
    entrypoints: ENTRY_POINTS.map((path) => join(import.meta.dir, path)),
    minify: { whitespace: true, syntax: true, identifiers: false },
    sourcemap: 'none',
    // React's development build is four times slower and leaks.
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [withoutInkDevtools, bunStringWidth],
    compile: {
      outfile,
      // Nothing from the current folder may run in a root process.
      autoloadDotenv: false,
      autoloadBunfig: false,
      ...(target === undefined ? {} : { target: target as never }),
    },
  });
  if (!result.success) throw new AggregateError(result.logs, `${outfile} was not built`);
}

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

if (import.meta.main) {
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
}
