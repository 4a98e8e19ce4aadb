import { join } from 'node:path';

const ROOT = join(import.meta.dir, '..');
const LIMIT_MS = 100_000;

/** How a script of package.json is run for its smoke test, and what shows that it did its work. */
export interface ScriptRun {
  /** Short arguments. `OUT` stands for a folder that is made for the run. */
  readonly args: readonly string[];
  /** What it prints. */
  readonly says: RegExp;
  /** It does not end by itself: it is ended once it has said it. */
  readonly goesOn?: true;
  /** Where it is run; default: the repository. `OUT` as in `args`. */
  readonly cwd?: 'OUT';
}

/** What a script printed on both streams, and its exit code; null when a signal ended it. */
export interface ScriptEnd {
  readonly code: number | null;
  readonly output: string;
}

/**
 * Runs a script as npm does: by a shell, with the programs of node_modules, and the arguments behind it. `heard` is told what it
 * has printed so far, whenever it prints. Ended after `LIMIT_MS`.
 */
export async function runScript(
  script: string,
  run: ScriptRun,
  outDir: string,
  heard: (output: string) => void = () => {},
): Promise<ScriptEnd> {
  const args = run.args.map((arg) => `'${arg.replaceAll('OUT', outDir)}'`).join(' ');
  const child = Bun.spawn(['/bin/sh', '-c', `${script} ${args}`], {
    cwd: run.cwd === 'OUT' ? outDir : ROOT,
    env: { ...process.env, PATH: `${ROOT}/node_modules/.bin:${process.env.PATH}` },
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    // A group of its own, so that what the shell started ends with it.
    detached: true,
  });
  const end = (): void => {
    if (child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
  };
  const limit = setTimeout(end, LIMIT_MS);
  let output = '';
  const read = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const bytes of stream) {
      output += decoder.decode(bytes, { stream: true });
      heard(output);
      if (run.goesOn && run.says.test(output)) end();
    }
  };
  await Promise.all([read(child.stdout), read(child.stderr), child.exited]);
  clearTimeout(limit);
  return { code: child.exitCode, output };
}
