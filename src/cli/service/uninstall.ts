import type { Command } from 'commander';
import type { Paths } from '../../config/paths.ts';
import { pathsOf, wantsJson } from '../options.ts';
import { CommandError, EXIT, print, printError, printJson } from '../print.ts';
import { installedService, requireRoot } from './installed.ts';
import { remnants } from './remnants.ts';

/** `resolagent service uninstall`: undoes what `service install` did. Exit code 1 when no service is installed. */
export async function serviceUninstall(command: Command): Promise<void> {
  if ((await installedService()) === null) throw new CommandError(EXIT.no, 'no service is installed');
  await takeAway(command, 'service uninstall', pathsOf(command), false);
}

/** `resolagent uninstall`: takes away what this program left on the machine, its records only with `--state`. */
export async function uninstall(command: Command): Promise<void> {
  const takeState = command.optsWithGlobals<{ state?: string | true }>().state !== undefined;
  await takeAway(command, 'uninstall', pathsOf(command), takeState);
}

/** Exit code 3 when something could not be removed. */
async function takeAway(command: Command, name: string, paths: Paths, takeState: boolean): Promise<void> {
  const { dryRun = false } = command.opts<{ dryRun?: true }>();
  if (!dryRun) requireRoot(name);
  const isJson = wantsJson(command);
  const told = { dryRun, removed: [] as object[], kept: [] as object[], failed: [] as object[] };
  for (const { kind, what, whyKept, remove } of await remnants(paths, takeState)) {
    if (whyKept !== null) {
      told.kept.push({ kind, what, why: whyKept });
      if (!isJson) print(`kept ${what}: ${whyKept}`);
      continue;
    }
    try {
      if (!dryRun) await remove();
      told.removed.push({ kind, what });
      if (!isJson) print(`${dryRun ? 'would remove' : 'removed'} ${what}`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      told.failed.push({ kind, what, why });
      if (!isJson) printError(`${what}: ${why}`);
      process.exitCode = EXIT.cannot;
    }
  }
  if (isJson) printJson(told);
}
