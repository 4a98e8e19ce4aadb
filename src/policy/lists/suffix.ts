import { parse } from 'tldts';
import type { Host } from '../../model/brand.ts';

/** Under which no two names need to belong to the same owner; `icann` are run by registries, `private` by companies. */
export type SuffixKind = 'none' | 'icann' | 'private';

/** Whether a name is itself a public suffix or a top-level domain: an entry for it would cover strangers. Below 1 µs. */
export function suffixKind(host: Host): SuffixKind {
  if (!host.includes('.')) return 'icann';
  const parsed = parse(host, {
    allowPrivateDomains: true,
    extractHostname: false,
    validateHostname: false,
    detectIp: false,
  });
  if (parsed.domain !== null) return 'none';
  return parsed.isIcann === true ? 'icann' : 'private';
}
