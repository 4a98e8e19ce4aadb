import { join } from 'node:path';
import type { BunPlugin } from 'bun';

const ROOT = join(import.meta.dir, '..');

/** The program, and its threads: each is an entry point of its own in the binary. */
const ENTRY_POINTS = [
  './src/main.ts',
  './src/proxy/offload/worker.ts',
  './src/ledger/thread/worker.ts',
  './src/lists/compile/worker.ts',
];

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

/** How the code is put together. */
export const BUNDLE = {
  entrypoints: ENTRY_POINTS.map((path) => join(ROOT, path)),
  minify: { whitespace: true, syntax: true, identifiers: false },
  sourcemap: 'none',
  // Each process loads what it runs and nothing else: docs/start.md.
  format: 'esm',
  splitting: true,
  // React's development build is four times slower and leaks.
  define: { 'process.env.NODE_ENV': '"production"' },
  plugins: [withoutInkDevtools, bunStringWidth],
} as const satisfies Bun.BuildConfig;

/** Builds the binary for this machine, or for another one; throws with what is wrong in the code. */
export async function compile(outfile: string, target?: string): Promise<void> {
  const result = await Bun.build({
    ...BUNDLE,
    bytecode: true,
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
