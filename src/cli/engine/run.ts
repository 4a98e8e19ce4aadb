import type { Command } from 'commander';
import type { Paths } from '../../config/paths.ts';
import type { FlowRecord } from '../../model/flow.ts';
import { configOf } from '../config-of.ts';
import { flowPrinter } from '../flow-printer.ts';
import { pathsOf, wantsJson } from '../options.ts';
import { CommandError, EXIT, outliveReader, printError } from '../print.ts';
import { VERSION } from '../version.ts';
import { connectIfRunning } from './connect.ts';
import { requireMachine } from './require-machine.ts';
import { selfCommand } from './self.ts';
import { enforcementText } from './status.ts';

/** `resolagent`: the screen on a terminal, starting an engine when none runs; else the engine, and the log as lines. */
export async function runScreenOrLog(command: Command): Promise<void> {
  const paths = pathsOf(command);
  const { stdin, stdout, env } = process;
  if (stdin.isTTY === true && stdout.isTTY === true && env.TERM !== 'dumb') {
    const { attachScreen } = await import('./screen.ts');
    process.exitCode = await attachScreen(paths);
  } else process.exitCode = await runEngine(paths, flowPrinter(wantsJson(command)));
}

/** `resolagent daemon`. */
export async function runDaemon(command: Command): Promise<void> {
  const { quiet } = command.opts<{ quiet?: true }>();
  const onFlow = quiet === true ? null : flowPrinter(wantsJson(command));
  process.exitCode = await runEngine(pathsOf(command), onFlow);
}

/** Runs the engine in this process until it has stopped; the exit code. */
async function runEngine(paths: Paths, onFlow: ((flow: FlowRecord) => void) | null): Promise<number> {
  const config = configOf(paths);
  if ((await connectIfRunning(paths.socket)) !== null) {
    throw new CommandError(EXIT.no, `an engine already runs on ${paths.socket}; see 'resolagent status'`);
  }
  // The programs that are asked what the machine can do run beside the loading of what needs it.
  const [, { Engine }, { createPlatform }] = await Promise.all([
    requireMachine(config),
    import('../../engine/engine.ts'),
    import('../../platform/platforms.ts'),
  ]);
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await (await starting).stop();
    resolve(EXIT.done);
  };
  const platform = await createPlatform(config, selfCommand(), printError);
  outliveReader();
  // A defect that one connection meets must not take the firewall with it.
  process.on('uncaughtException', defect).on('unhandledRejection', defect);
  // Signals before the first rule: a stop that comes while starting waits for the start, then undoes it.
  process.on('SIGTERM', () => void stop().catch(fatal));
  process.on('SIGINT', () => void stop().catch(fatal));
  const starting = Engine.start({
    paths,
    config,
    platform,
    version: VERSION,
    notice: printError,
    onShutdown: () => void stop(),
    ...(onFlow === null ? {} : { onFlow }),
  });
  const engine = await starting;
  await tellServiceManager();
  process.on('SIGHUP', () => void engine.reload().catch((error) => printError(String(error))));
  printError(`engine ${process.pid} runs; ${enforcementText(engine.status().enforcement)}`);
  return ended.finally(() => setImmediate(() => process.exit()));
}

/** The network waits for this (src/service/unit.ts). */
async function tellServiceManager(): Promise<void> {
  const address = process.env.NOTIFY_SOCKET;
  if (address === undefined || process.platform !== 'linux') return;
  const { notifyReady } = await import('../../system/notify.ts');
  if (!notifyReady(address))
    printError(`the service manager could not be told on ${address} that the engine runs`);
}

function defect(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  printError(`a defect, please report it; the engine goes on: ${text}`);
}

function fatal(error: unknown): void {
  printError(`${String(error)}; 'resolagent reset' restores the network`);
  process.exit(EXIT.cannot);
}
