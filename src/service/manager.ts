import { Launchd } from './launchd.ts';
import type { ServiceManager } from './service.ts';
import { Systemd } from './systemd.ts';

/** The service manager of this machine; null where there is none that we know. */
export function serviceManager(): ServiceManager | null {
  return process.platform === 'darwin' ? new Launchd() : Systemd.find();
}
