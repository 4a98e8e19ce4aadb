import type { Command } from 'commander';
import type { CheckItem } from '../model/check-item.ts';
import type { Status } from '../schema/status.ts';
import { configOf } from './config-of.ts';
import { withEngineIfRunning } from './engine/connect.ts';
import { enforcementText } from './engine/status.ts';
import { pathsOf, wantsJson } from './options.ts';
import { EXIT, paint, printEach } from './print.ts';

const SIGN = { ok: ['✓', 'ok'], warn: ['!', 'warn'], fail: ['✗', 'bad'], unknown: ['?', 'warn'] } as const;

/** `resolagent doctor`: every thing the machine must have, with the remedy. Exit code 3 when one is missing. */
export async function doctor(command: Command): Promise<void> {
  const paths = pathsOf(command);
  const config = configOf(paths);
  const { machineChecks } = await import('../platform/platforms.ts');
  const { judgeChecks } = await import('./judge/doctor.ts');
  const status = await withEngineIfRunning(command, (engine) => engine.request('status', {}));
  const items: CheckItem[] = [
    ...(await machineChecks(config, true)),
    engineCheck(paths.socket, status),
    ...(await judgeChecks(config, status?.judge ?? null)),
  ];
  await printEach(items, wantsJson(command), textOf);
  process.exitCode = items.some((item) => item.state === 'fail') ? EXIT.cannot : EXIT.done;
}

function textOf({ state, name, detail, remedy }: CheckItem): string {
  const [sign, tone] = SIGN[state];
  const found = `${paint(sign, tone)} ${name}: ${detail}`;
  return remedy === null ? found : `${found}\n${paint(`    → ${remedy}`, 'dim')}`;
}

function engineCheck(socket: string, status: Status | null): CheckItem {
  if (status === null) return { name: 'engine', state: 'ok', detail: `none runs on ${socket}`, remedy: null };
  const { enforcement } = status;
  const fine = enforcement.state === 'enforced';
  return {
    name: 'engine',
    state: fine ? 'ok' : 'warn',
    detail: `runs on ${socket}; ${enforcementText(enforcement)}`,
    remedy: fine ? null : 'resolagent anchor probe; resolagent reset restores the network',
  };
}
