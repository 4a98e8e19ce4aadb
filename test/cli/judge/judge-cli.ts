import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MAIN = join(import.meta.dir, '../../../src/main.ts');
const folders: string[] = [];

/** What a command printed, and how it ended. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Deletes what `judgeCommand` made. For `afterEach` in each file. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Runs `resolagent judge …`, as `runCommand` does. */
export function judgeCommand(
  socket: string,
  args: readonly string[],
  config = '',
  state: string | null = null,
): Promise<Ran> {
  return runCommand(socket, ['judge', ...args], config, state);
}

/** Runs a command against a socket, with a configuration of its own and, unless one is given, an empty state folder. */
export async function runCommand(
  socket: string,
  args: readonly string[],
  config = '',
  state: string | null = null,
): Promise<Ran> {
  const folder = mkdtempSync('/tmp/resolagent-judge-');
  folders.push(folder);
  const file = join(folder, 'config.toml');
  writeFileSync(file, config, { mode: 0o600 });
  const places = ['--config', file, '--state', state ?? folder, '--socket', socket];
  const child = Bun.spawn([process.execPath, MAIN, ...args, ...places], {
    stdout: 'pipe',
    stderr: 'pipe',
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder },
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, stdout, stderr };
}

/** The lines of a text, without the empty one at its end. */
export const linesOf = (text: string): string[] => (text === '' ? [] : text.trimEnd().split('\n'));
