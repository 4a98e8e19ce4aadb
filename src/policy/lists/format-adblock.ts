import { parseRange } from '../hosts/ip-set.ts';
import type { EntrySink, Side, SkipReason } from './entry.ts';
import { addName, bareAddress } from './name.ts';

/**
 * Modifiers that leave a rule about a whole host what it is. All others tie it to a page, a kind of content, a client or a
 * moment (https://adguard-dns.io/kb/general/dns-filtering-syntax/), which a connection does not show.
 */
const HARMLESS = /^(?:third-party|3p|all|document|doc|network|important)$/;
/** What ties a pattern to the beginning of a host, and what to its end; `/` and `/*` are every path. */
const HOST_BEGINS = /^(?:\|\|?|\*?:\/\/)/;
const HOST_ENDS = /(?:\^[|*]?|\||\/\*?)$/;
/** What most rules are: there is nothing else to look for in them. */
const SIMPLE = /^\|\|([\w.-]+)\^$/;
const COSMETIC = /#[@?$%]{0,3}#/;

/** True for a rule about what of a page is shown (`x##.ad`, `x#@#.ad`), not about hosts. */
export function isCosmetic(line: string): boolean {
  return line.includes('#') && COSMETIC.test(line);
}

/** Reads a rule of Adblock Plus or AdGuard syntax: `||x^` blocks, `@@||x^` excepts; what is not about whole hosts is skipped. */
export function parseAdblock(line: string, sink: EntrySink): void {
  const simple = sink.cancelled.size === 0 ? SIMPLE.exec(line)?.[1] : undefined;
  if (simple !== undefined && parseRange(simple) === null) {
    addName(simple, 'listed', sink);
    return;
  }
  const excepts = line.startsWith('@@');
  const rule = excepts ? line.slice(2) : line;
  const dollar = rule.indexOf('$');
  const pattern = (dollar < 0 ? rule : rule.slice(0, dollar)).trimEnd();
  const modifiers =
    dollar < 0
      ? []
      : rule
          .slice(dollar + 1)
          .split(',')
          .map((modifier) => modifier.trim());
  const others = modifiers.filter((modifier) => modifier !== 'badfilter');
  const read = hostOf(rule, pattern, others);
  if ('skip' in read) {
    sink.skip(read.skip);
    return;
  }
  if (others.length < modifiers.length) {
    sink.cancel(spelling(excepts, pattern, others));
    return;
  }
  if (sink.cancelled.size > 0 && sink.cancelled.has(spelling(excepts, pattern, others))) {
    sink.skip('cancelled');
    return;
  }
  const side = sideOf(excepts, modifiers.includes('important'));
  const range = parseRange(read.host);
  if (range !== null) sink.range(range, side);
  else addName(read.host, side, sink);
}

function sideOf(excepts: boolean, important: boolean): Side {
  if (important) return excepts ? 'important_excepted' : 'important';
  return excepts ? 'excepted' : 'listed';
}

/** One spelling of a rule, whatever the order of its modifiers: `$badfilter` cancels the rule that is otherwise the same. */
function spelling(excepts: boolean, pattern: string, modifiers: readonly string[]): string {
  return `${excepts ? '@@' : ''}${pattern.toLowerCase()}$${modifiers.toSorted().join(',')}`;
}

function hostOf(
  rule: string,
  pattern: string,
  modifiers: readonly string[],
): { host: string } | { skip: SkipReason } {
  if (isCosmetic(rule)) return { skip: 'cosmetic' };
  if (rule.startsWith('/')) return { skip: 'pattern' };
  if (!modifiers.every((modifier) => HARMLESS.test(modifier))) return { skip: 'modifier' };
  const begun = pattern.replace(HOST_BEGINS, '');
  const host = bareAddress(begun.replace(HOST_ENDS, ''));
  if (host.includes('://')) return { skip: 'url' };
  if (host.includes('/')) return { skip: 'path' };
  // Tied to nothing, or to its end by a path only, it is a piece of any address.
  const tied = begun !== pattern || /[\^|]/.test(pattern);
  if (!tied || host.includes('^') || host.includes('|')) return { skip: 'pattern' };
  if (/:\d*$/.test(host) && parseRange(host) === null) return { skip: 'port' };
  return { host };
}
