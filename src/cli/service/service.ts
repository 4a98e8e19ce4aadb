import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { ServiceManager, ServiceState } from '../../service/service.ts';
import { configOf } from '../config-of.ts';
import { connectIfRunning } from '../engine/connect.ts';
import { requireMachine } from '../engine/require-machine.ts';
import { selfCommand } from '../engine/self.ts';
import { pathsOf, wantsJson } from '../options.ts';
import { CommandError, EXIT, print, printJson, withWaiting } from '../print.ts';
import { installedService, requireRoot } from './installed.ts';

/** How long a service that was started may take to answer. */
const ANSWER_MS = 15_000;
const POLL_MS = 50;

/** `resolagent service install`: the engine is started now, and at every boot before the network. */
export async function serviceInstall(command: Command): Promise<void> {
  requireRoot('service install');
  const { start, state, socket } = command.optsWithGlobals<{
    start: boolean;
    state?: string;
    socket?: string;
  }>();
  const paths = pathsOf(command);
  if (state !== undefined || socket !== undefined) {
    throw new CommandError(EXIT.usage, 'the service has its own places; leave --state and --socket out');
  }
  const config = configOf(paths);
  const { serviceManager } = await import('../../service/manager.ts');
  const manager = serviceManager();
  if (manager === null) throw noManager();
  const before = await manager.look();
  const willStart = start && before.isManaging;
  if (willStart) await requireMachine(config);
  if (!before.isPackaged) await write(manager, before, paths.configGiven ? resolve(paths.config) : null);
  const { platformTools } = await import('../../platform/platforms.ts');
  // Not left to the engine: the service may not write to /etc.
  await (await platformTools()).makeGroup(config.intercept.group);
  await manager.enable();
  if (willStart) await restart(manager, before, paths.socket);
  const now = await manager.look();
  if (wantsJson(command)) printJson(shown(now));
  else tell(now, manager);
  if (start && now.run !== 'running') process.exitCode = EXIT.cannot;
}

/** `resolagent service status`. Exit code 0 when the service runs, else 1. */
export async function serviceStatus(command: Command): Promise<void> {
  const service = await installedService();
  process.exitCode = service?.state.run === 'running' ? EXIT.done : EXIT.no;
  if (wantsJson(command)) printJson(service === null ? { installed: false } : shown(service.state));
  else if (service === null) print("no service is installed; 'sudo resolagent service install' installs it");
  else tell(service.state, service.manager);
}

/** Writes the service, and its program where that must lie elsewhere. */
async function write(manager: ServiceManager, before: ServiceState, config: string | null): Promise<void> {
  const [program = '', ...rest] = selfCommand();
  if (rest.length > 0)
    throw new CommandError(EXIT.cannot, 'only the built program can be a service: npm run build');
  const { copyExists, PROGRAM_COPY, serviceProgram } = await import('../../service/program.ts');
  const wasThere = copyExists() && !before.hasCopy;
  const { path, isCopied } = serviceProgram(program);
  const args = ['daemon', '--quiet', ...(config === null ? [] : ['--config', config])];
  manager.write([path, ...args], path === PROGRAM_COPY && !wasThere && (isCopied || before.hasCopy));
}

/** Starts the service, in the place of an engine that was started by hand, and waits until it answers. */
async function restart(manager: ServiceManager, before: ServiceState, socket: string): Promise<void> {
  const byHand = await connectIfRunning(socket);
  byHand?.close();
  if (byHand !== null && before.run !== 'running') {
    const { stopEngine } = await import('../../control/stop-engine.ts');
    await stopEngine(socket);
  }
  const installed = `the service is installed, and it did not start; 'sudo resolagent uninstall' takes it away`;
  try {
    await withWaiting('the service starts', manager.restart());
    await answers(socket);
  } catch (error) {
    throw new CommandError(EXIT.cannot, `${installed}: ${error instanceof Error ? error.message : error}`);
  }
}

/** launchd says that it started a program, not that this is ready. */
async function answers(socket: string): Promise<void> {
  const until = performance.now() + ANSWER_MS;
  while (performance.now() < until) {
    const client = await connectIfRunning(socket);
    client?.close();
    if (client !== null) return;
    await Bun.sleep(POLL_MS);
  }
  throw new Error(`nothing answers on ${socket}`);
}

function shown({ hasCopy, isManaging, isPackaged, isEnabled, ...state }: ServiceState): object {
  return {
    installed: true,
    ...state,
    managing: isManaging,
    packaged: isPackaged,
    enabled: isEnabled,
    copied: hasCopy,
  };
}

function tell(state: ServiceState, manager: ServiceManager): void {
  const boot = state.isEnabled ? 'starts at every boot' : 'does not start at boot';
  print(`service     ${state.manager}, ${boot}; ${state.file}`);
  if (!state.isManaging)
    print(`engine      ${state.manager} does not run here, so nothing was started or stopped`);
  else if (state.run === 'running')
    print(`engine      running, pid ${state.pid}; 'resolagent status' tells more`);
  else print(`engine      ${state.run}; start it: ${manager.startCommand}`);
}

function noManager(): CommandError {
  const [program] = selfCommand();
  const line = `${program} daemon --quiet`;
  return new CommandError(
    EXIT.cannot,
    `this machine has neither systemd nor launchd; let its own init run this as root, before the network: ${line}`,
  );
}
