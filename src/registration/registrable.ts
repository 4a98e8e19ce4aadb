import { parse } from 'tldts';
import type { RegistrableDomain } from '../model/brand.ts';
import { normalizeHost } from '../model/host.ts';
import type { UnknownWhy } from './answer.ts';

/** Why no registry has a record of a name; null when one has. Names of the own network (.internal, .local) are nobody else's business. */
export function unrecorded(domain: RegistrableDomain): UnknownWhy | null {
  if (normalizeHost(domain) !== (domain as string)) return 'no_service';
  const parsed = parse(domain, { detectIp: false });
  if (parsed.isIcann !== true || parsed.domain === null) return 'no_service';
  return parsed.domain === (domain as string) ? null : 'platform_suffix';
}

/** Why the age of a name says nothing of whoever has it: no registry has it, or it is a platform's, under which customers get names. */
export function ageless(domain: RegistrableDomain): UnknownWhy | null {
  const isPlatform = parse(domain, { allowPrivateDomains: true, detectIp: false }).isPrivate === true;
  return unrecorded(domain) ?? (isPlatform ? 'platform_suffix' : null);
}
