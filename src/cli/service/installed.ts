import type { InstalledService } from '../../service/service.ts';
import { CommandError, EXIT } from '../print.ts';

/** Ends the command with the remedy when it may not change the machine. */
export function requireRoot(command: string): void {
  if (process.geteuid?.() === 0) return;
  throw new CommandError(EXIT.cannot, `this changes the machine; run it as root: sudo resolagent ${command}`);
}

/** The service of this machine; null when none is installed. */
export async function installedService(): Promise<InstalledService | null> {
  const { serviceManager } = await import('../../service/manager.ts');
  const manager = serviceManager();
  const state = (await manager?.look()) ?? null;
  return manager === null || state === null || state.file === null ? null : { manager, state };
}
