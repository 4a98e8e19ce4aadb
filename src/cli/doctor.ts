import type { Command } from 'commander';
import type { CheckItem } from '../model/check-item.ts';
import type { Status } from '../schema/status.ts';
import { connectIfRunning } from './engine/connect.ts';
import { configOf, pathsOf } from './options.ts';
import { EXIT, paint, print, printJson } from './print.ts';

const SIGN = { ok: ['✓', 'ok'], warn: ['!', 'warn'], fail: ['✗', 'bad'], unknown: ['?', 'warn'] } as const;

/** `resolagent doctor`: every thing the machine must have, with the remedy. Exit code 3 when one is missing. */
export async function doctor(command: Command): Promise<void> {
  const { json } = command.optsWithGlobals<{ json?: true }>();
  const paths = pathsOf(command);
  const config = configOf(paths);
  const { machineChecks } = await import('../platform/platforms.ts');
  const { judgeChecks } = await import('./judge/doctor.ts');
  const status = await statusOf(paths.socket);
  const items: CheckItem[] = [
    ...(await machineChecks(config, true)),
    engineCheck(paths.socket, status),
    ...(await judgeChecks(config, status?.judge ?? null)),
  ];
  for (const item of items) {
    if (json === true) {
      printJson(item);
      continue;
    }
    const [sign, tone] = SIGN[item.state];
    print(`${paint(sign, tone)} ${item.name}: ${item.detail}`);
    if (item.remedy !== null) print(paint(`    → ${item.remedy}`, 'dim'));
  }
  process.exitCode = items.some((item) => item.state === 'fail') ? EXIT.cannot : EXIT.done;
}

/** How the engine is doing; null when none runs. */
async function statusOf(socket: string): Promise<Status | null> {
  const client = await connectIfRunning(socket);
  if (client === null) return null;
  try {
    return await client.request('status', {});
  } finally {
    client.close();
  }
}

function engineCheck(socket: string, status: Status | null): CheckItem {
  if (status === null) return { name: 'engine', state: 'ok', detail: `none runs on ${socket}`, remedy: null };
  const { enforcement } = status;
  const fine = enforcement.state === 'enforced';
  return {
    name: 'engine',
    state: fine ? 'ok' : 'warn',
    detail: `runs on ${socket}; ${enforcement.state.replace('_', ' ')}${enforcement.detail === null ? '' : `: ${enforcement.detail}`}`,
    remedy: fine ? null : 'resolagent anchor probe; resolagent reset restores the network',
  };
}
