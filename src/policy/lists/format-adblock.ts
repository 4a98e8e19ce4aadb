import { parseRange } from '../hosts/ip-set.ts';
import type { EntrySink, SkipReason } from './entry.ts';
import { addName } from './name.ts';

/**
 * Modifiers that leave a rule about a whole host what it is. All others tie it to a page, a kind of content, a client or a
 * moment (https://adguard-dns.io/kb/general/dns-filtering-syntax/), which a connection does not show.
 */
const HARMLESS = /^(?:third-party|3p|all|document|doc|important)$/;

/** Reads a rule of Adblock Plus or AdGuard syntax: `||x^` blocks, `@@||x^` excepts; what is not about whole hosts is skipped. */
export function parseAdblock(line: string, sink: EntrySink): void {
  const excepts = line.startsWith('@@');
  const rule = excepts ? line.slice(2) : line;
  const read = hostOf(rule);
  if ('skip' in read) {
    sink.skip(read.skip);
    return;
  }
  const side = excepts ? 'excepted' : 'listed';
  const range = parseRange(read.host);
  if (range !== null) {
    sink.range(range, side);
    return;
  }
  addName(read.host, side, sink);
}

function hostOf(rule: string): { host: string } | { skip: SkipReason } {
  if (/#[@?$%]{0,2}#/.test(rule)) return { skip: 'cosmetic' };
  if (rule.startsWith('/')) return { skip: 'pattern' };
  if (!rule.startsWith('||')) return { skip: rule.includes('://') ? 'url' : 'pattern' };
  const dollar = rule.lastIndexOf('$');
  const modifiers = dollar < 0 ? [] : rule.slice(dollar + 1).split(',');
  if (!modifiers.every((modifier) => HARMLESS.test(modifier.trim()))) return { skip: 'modifier' };
  const pattern = rule.slice(2, dollar < 0 ? undefined : dollar).trimEnd();
  const host = pattern.replace(/\^\|?$/, '');
  if (host.includes('/')) return { skip: 'path' };
  if (host.includes('^') || host.includes('|')) return { skip: 'pattern' };
  if (/:\d*$/.test(host) && parseRange(host) === null) return { skip: 'port' };
  return { host };
}
