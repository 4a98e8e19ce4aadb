import { EXIT, printError } from '../print.ts';

/** Subcommands by which the binary serves itself; not for people, and not in the help. */
export async function runHidden(name: string, args: readonly string[]): Promise<number> {
  const { runPlatformHidden } = await import('../../platform/hidden.ts');
  const code = await runPlatformHidden(name, args, printError);
  if (code !== null) return code;
  printError(`unknown command: ${name}`);
  return EXIT.usage;
}
