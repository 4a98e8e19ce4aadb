import { readFileSync } from 'node:fs';
import type { BunPlugin } from 'bun';
import { readMachO } from './tools/macho.ts';

/** Threads of the program: each is an entry point of its own in the binary. */
const WORKERS = [
  './src/proxy/offload/worker.ts',
  './src/ledger/thread/worker.ts',
  './src/lists/compile/worker.ts',
];

const TARGETS = {
  './resolagent': undefined,
  './dist/resolagent-darwin-arm64': 'bun-darwin-arm64',
  './dist/resolagent-darwin-x64': 'bun-darwin-x64',
  './dist/resolagent-linux-arm64': 'bun-linux-arm64',
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

async function compile(outfile: string, target: string | undefined): Promise<void> {
  const started = performance.now();
  const result = await Bun.build({
    entrypoints: ['./src/main.ts', ...WORKERS],
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
  process.stdout.write(`${outfile} built in ${Math.round(performance.now() - started)} ms\n`);
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

const all = process.argv.includes('--all');
for (const [outfile, target] of Object.entries(TARGETS)) {
  if (target === undefined || all) await compile(outfile, target);
  if (all && target?.startsWith('bun-darwin')) verifyMachO(outfile);
}
