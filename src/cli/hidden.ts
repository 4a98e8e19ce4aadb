import { EXIT, endOnBrokenPipe, printError } from './print.ts';

/** Runs a subcommand by which the binary serves itself, not for people and not in the help; sets the exit code. */
export async function runHidden(name: string, args: readonly string[]): Promise<void> {
  endOnBrokenPipe();
  const { runPlatformHidden } = await import('../platform/hidden.ts');
  const code = await runPlatformHidden(name, args, printError);
  if (code === null) printError(`unknown command: ${name}`);
  process.exitCode = code ?? EXIT.usage;
}
