import type { Config } from '../../config/schema.ts';
import { CommandError, EXIT } from '../print.ts';

/** Ends the command, with all that is missing and how to get it, when the machine cannot run the engine. */
export async function requireMachine(config: Config): Promise<void> {
  const { machineChecks } = await import('../../platform/platforms.ts');
  const missing = (await machineChecks(config, false)).filter((item) => item.state === 'fail');
  if (missing.length === 0) return;
  const lines = missing.map(
    (item) => `${item.name}: ${item.detail}${item.remedy === null ? '' : ` → ${item.remedy}`}`,
  );
  throw new CommandError(
    EXIT.cannot,
    `this machine cannot run the firewall yet\nresolagent: ${lines.join('\nresolagent: ')}`,
  );
}
