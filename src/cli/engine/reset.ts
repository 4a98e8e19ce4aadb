import type { Command } from 'commander';
import type { EngineEnd } from '../../control/stop-engine.ts';
import { assertNever } from '../../model/never.ts';
import { pathsOf } from '../options.ts';
import { EXIT, print, printError } from '../print.ts';

/**
 * `resolagent reset`: takes our rules out of the kernel whatever else is true. Needs nothing but the privilege. First new connections
 * go their own way; then the engine ends, because it would put the rules back, and its connections hear of it; then nothing of ours is
 * left.
 */
export async function reset(command: Command): Promise<void> {
  const { letConnectionsPass, removeRules } = await import('../../platform/platforms.ts');
  // What goes wrong is told below, where it is tried again.
  await letConnectionsPass().catch(() => undefined);
  const end = await endOfEngine(pathsOf(command).socket);
  try {
    await removeRules();
    tell(end, pathsOf(command).socket);
  } catch (error) {
    printError(error instanceof Error ? error.message : String(error));
    printError(process.geteuid?.() === 0 ? manual() : 'run it as root: sudo resolagent reset');
    process.exitCode = EXIT.cannot;
  }
  // A connection to what hangs must not keep the command alive.
  process.stdout.write('', () => process.exit());
}

/** What goes wrong here must not keep the rules in place. */
async function endOfEngine(socket: string): Promise<EngineEnd> {
  try {
    const { stopEngine, stopLockHolder } = await import('../../control/stop-engine.ts');
    const end = await stopEngine(socket);
    if (end.kind !== 'none' && end.kind !== 'stranger') return end;
    // One on another socket would put the rules back too.
    const lock = await (await import('../../platform/platforms.ts')).rulesLock();
    const other: EngineEnd = lock === null ? end : await stopLockHolder(lock);
    return other.kind === 'none' ? end : other;
  } catch (error) {
    printError(error instanceof Error ? error.message : String(error));
    return { kind: 'lives', pid: null };
  }
}

function tell(end: EngineEnd, socket: string): void {
  switch (end.kind) {
    case 'none':
      break;
    case 'stopped':
      print('the running engine was stopped');
      break;
    case 'killed':
      print(
        `the engine${named(end.pid)} did not stop when asked and was killed; a service manager that looks after it may start it again`,
      );
      break;
    case 'stranger':
      print(`what listens on ${socket}${named(end.pid)} does not answer and is no engine; it was left alone`);
      break;
    case 'lives':
      printError(
        `the rules are gone, but an engine${named(end.pid)} may still run on ${socket} and put them back: it could not be stopped; end it and run this again`,
      );
      process.exitCode = EXIT.cannot;
      return;
    default:
      assertNever(end);
  }
  print('no rule of resolagent is in the kernel; the network works without it');
}

function named(pid: number | null): string {
  return pid === null ? '' : ` (pid ${pid})`;
}

function manual(): string {
  return process.platform === 'darwin'
    ? 'by hand: sudo pfctl -a com.apple/250.resolagent -F all'
    : 'by hand: sudo nft delete table inet resolagent';
}
