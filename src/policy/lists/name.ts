import { normalizeHost } from '../../model/host.ts';
import type { EntrySink, Side } from './entry.ts';

/** True for an address that a list maps names to in order to block them. */
export function isSinkAddress(text: string): boolean {
  return /^(?:0\.0\.0\.0|127\.\d+\.\d+\.\d+|255\.255\.255\.255|::|::1|0+|::ffff:0\.0\.0\.0|f[ef]\w\w::\w*(?:%\S*)?)$/i.test(
    text,
  );
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
