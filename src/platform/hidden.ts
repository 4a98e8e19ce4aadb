import { runWatchdog, WATCHDOG_READY } from '../intercept/watchdog.ts';
import { removeRulesById } from './platforms.ts';

/** Runs a subcommand by which the binary serves itself; null when there is none of that name. */
export async function runPlatformHidden(
  name: string,
  args: readonly string[],
  report: (text: string) => void,
): Promise<number | null> {
  switch (name) {
    case '__watchdog':
      return runWatchdog({
        input: Bun.stdin.stream(),
        ready: () => void process.stdout.write(WATCHDOG_READY),
        remove: removeRulesById,
        report,
      });
    case '__probe-connect':
      return (await import('../../pf/probe-connect.ts')).probeConnect(args);
    default:
      return null;
  }
}
