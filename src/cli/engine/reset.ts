import type { Command } from 'commander';
import { connectControl } from '../../control/client.ts';
import { pathsOf } from '../options.ts';
import { EXIT, print, printError } from '../print.ts';

/** How long a running engine may take to stop by itself. */
const STOP_MS = 5_000;

/**
 * `resolagent reset`: takes our rules out of the kernel whatever else is true. Needs nothing but the privilege. An engine that
 * still runs is asked to stop first, because it would put them back.
 */
export async function reset(command: Command): Promise<void> {
  const stopped = await stopEngine(pathsOf(command).socket);
  const { removeRules } = await import('../../platform/platforms.ts');
  try {
    await removeRules();
  } catch (error) {
    printError(error instanceof Error ? error.message : String(error));
    printError(process.geteuid?.() === 0 ? manual() : 'run it as root: sudo resolagent reset');
    process.exitCode = EXIT.cannot;
    return;
  }
  if (stopped) print('the running engine was stopped');
  print('no rule of resolagent is in the kernel; the network works without it');
}

/** True when an engine answered and went. What goes wrong here must not keep the rules in place. */
async function stopEngine(socket: string): Promise<boolean> {
  try {
    const client = await connectControl(socket);
    const gone = new Promise<void>((resolve) => client.onClose(resolve));
    await client.request('shutdown', {});
    await Promise.race([gone, Bun.sleep(STOP_MS)]);
    client.close();
    return true;
  } catch {
    // None runs, or it cannot be talked to: the rules go all the same.
    return false;
  }
}

function manual(): string {
  return process.platform === 'darwin'
    ? 'by hand: sudo pfctl -a com.apple/250.resolagent -F all'
    : 'by hand: sudo nft delete table inet resolagent';
}
