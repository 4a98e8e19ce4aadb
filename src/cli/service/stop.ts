import type { Command } from 'commander';
import type { EngineEnd } from '../../control/stop-engine.ts';
import { pathsOf, wantsJson } from '../options.ts';
import { CommandError, EXIT, print, printJson } from '../print.ts';
import { installedService } from './installed.ts';

/** `resolagent stop`: ends the running engine, which restores the network. Exit code 1 when none runs. */
export async function stop(command: Command): Promise<void> {
  const { socket } = pathsOf(command);
  const end = await stopRunning(socket);
  process.exitCode = end.kind === 'none' ? EXIT.no : EXIT.done;
  if (wantsJson(command)) {
    const pid = 'pid' in end ? end.pid : null;
    printJson({ end: end.kind, pid, service: end.back !== null, startCommand: end.back });
  } else if (end.kind === 'none') print(`no engine runs on ${socket}`);
  else {
    const how = end.kind === 'killed' ? 'did not stop when asked and was killed' : 'has stopped';
    print(`the engine ${how}; the network works without it`);
    if (end.back !== null) print(`it is a service and comes back at the next boot, or with: ${end.back}`);
  }
}

type End = Extract<EngineEnd, { kind: 'none' | 'stopped' | 'killed' }> & {
  /** What starts the service again; null when the engine was none. */
  readonly back: string | null;
};

/** Ends the engine of a socket and takes its rules away, through the service manager when that looks after it. */
export async function stopRunning(socket: string): Promise<End> {
  const { lockHolder } = await import('../../control/engine-lock.ts');
  const { socketLock } = await import('../../control/socket-path.ts');
  const { stopEngine } = await import('../../control/stop-engine.ts');
  const { openLibc } = await import('../../system/libc.ts');
  const service = process.geteuid?.() === 0 ? await installedService() : null;
  const pid = service?.state.pid ?? null;
  if (service !== null && pid !== null && lockHolder(openLibc(), socketLock(socket))?.pid === pid) {
    await service.manager.stop();
    return { kind: 'stopped', back: service.state.isEnabled ? service.manager.startCommand : null };
  }
  const end = await stopEngine(socket);
  if (end.kind === 'lives' || end.kind === 'stranger') {
    const who = end.pid === null ? '' : ` (pid ${end.pid})`;
    throw new CommandError(
      EXIT.cannot,
      `what listens on ${socket}${who} could not be stopped; 'sudo resolagent reset' restores the network`,
    );
  }
  if (end.kind === 'killed') await (await import('../../platform/platforms.ts')).removeRules();
  return { ...end, back: null };
}
