import { normalizeHost } from '../../model/host.ts';
import { formatRange, parseRange } from '../hosts/ip-set.ts';
import type { EntrySink, Side } from './entry.ts';

const SINK =
  /^(?:0\.0\.0\.0|127\.\d+\.\d+\.\d+|255\.255\.255\.255|::1?|0+|::ffff:(?:0\.0\.0\.0|0:0|127\.\d+\.\d+\.\d+|7f[0-9a-f]{2}:[0-9a-f]+)|f[ef]\w\w::\w*)$/i;

/** An address without the brackets of a URL and without a zone: `[::]`, `fe80::1%lo0`. */
export function bareAddress(text: string): string {
  const inner = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const zone = inner.indexOf('%');
  return zone < 0 ? inner : inner.slice(0, zone);
}

/** True for an address that a list maps names to in order to block them. */
export function isSinkAddress(text: string): boolean {
  const address = bareAddress(text);
  if (SINK.test(address)) return true;
  const range = address.includes(':') ? parseRange(address) : null;
  return range !== null && SINK.test(formatRange(range));
}

/** Hands a name in any spelling to the sink, or the reason why it is none. */
export function addName(text: string, side: Side, sink: EntrySink): void {
  const bare = text.startsWith('*.') ? text.slice(2) : text.startsWith('.') ? text.slice(1) : text;
  if (bare.includes('*')) {
    sink.skip('pattern');
    return;
  }
  const host = normalizeHost(bare);
  if (host !== null) {
    sink.name(host, side);
    return;
  }
  sink.skip(bare.includes('/') ? 'path' : 'not_a_name');
}
