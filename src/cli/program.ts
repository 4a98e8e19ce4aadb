import { CommanderError } from 'commander';
import { commandTree } from './command-tree.ts';
import { allRead, CommandError, EXIT, endOnBrokenPipe, printError } from './print.ts';

/** Runs one command line to its end and sets the exit code. */
export async function run(argv: readonly string[]): Promise<void> {
  endOnBrokenPipe();
  try {
    await commandTree().parseAsync(argv, { from: 'user' });
  } catch (caught) {
    const error = await explainedError(caught);
    if (error instanceof CommandError) {
      if (error.message !== '') printError(error.message);
      process.exitCode = error.exitCode;
    } else if (error instanceof CommanderError) {
      if (error.code === 'commander.excessArguments')
        printError(`no such command: resolagent ${argv.join(' ')}; see resolagent --help`);
      process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
    } else {
      printError(error instanceof Error ? error.message : String(error));
      process.exitCode = EXIT.cannot;
    }
    // What the command left open, such as a connection to the engine, must not keep it alive.
    await allRead();
    process.exit();
  }
}

/** What the control client threw, with the reader's remedy. Loaded only when something failed. */
async function explainedError(error: unknown): Promise<unknown> {
  if (error instanceof CommandError || error instanceof CommanderError) return error;
  return (await import('./engine/connect.ts')).explained(error);
}
