import type { EntrySink } from './entry.ts';
import { addName, isSinkAddress } from './name.ts';

/**
 * Reads `address=/x/`, `server=/x/` and `local=/x/` of dnsmasq(8), with several names a line. An empty target and addresses
 * that lead nowhere block; another target sends the name elsewhere, which is not blocking.
 */
export function parseDnsmasq(line: string, sink: EntrySink): void {
  const parts = line.split('/');
  const target = parts.at(-1)?.trim() ?? '';
  const nowhere = target === '' || isSinkAddress(target) || (target === '#' && line.startsWith('address'));
  if (!nowhere) {
    sink.skip('redirect');
    return;
  }
  for (const name of parts.slice(1, -1)) {
    if (name !== '') addName(name, 'listed', sink);
  }
}
