import type { Host, UnixMs } from '../model/brand.ts';
import { cleanText } from '../model/clean.ts';
import { normalizeHost } from '../model/host.ts';

/** Longest text of one field, and most items of one list, that a record keeps; what is more is left out. */
export const FIELD_MAX_CHARS = 120;
export const STATUSES_MAX = 8;
export const NAME_SERVERS_MAX = 8;

/** Whether a registrant is shown: as it is, blanked by the registry, or behind a service that lends its own name. */
export type Concealment = 'open' | 'redacted' | 'privacy_service';

/** What an RDAP service says of a domain. Null where nothing is said. */
export interface RdapRecord {
  readonly source: 'rdap';
  readonly registeredAt: UnixMs | null;
  readonly updatedAt: UnixMs | null;
  readonly expiresAt: UnixMs | null;
  readonly registrar: string | null;
  /** In small letters, such as `client transfer prohibited`. */
  readonly statuses: readonly string[];
  /** The organisation, or what stands in its place; never the name of a person that is marked as one. */
  readonly organisation: string | null;
  /** A country, as a code of two letters or in words. */
  readonly country: string | null;
  /** Null when no registrant is shown at all. */
  readonly concealment: Concealment | null;
  readonly nameServers: readonly Host[];
}

/** What a WHOIS server says of a domain, in its own words. */
export interface WhoisRecord {
  readonly source: 'whois';
  readonly registeredAt: UnixMs | null;
  readonly nameServers: readonly Host[];
  /** The lines of the reply that are facts: see `replyLines`. */
  readonly lines: readonly string[];
}

/**
 * What a registry, and for some zones the registrar too, says of a domain. All text is cleaned and capped, and is still hostile:
 * much of it is written by whoever registered the domain.
 */
export type RegistrationRecord = RdapRecord | WhoisRecord;

/** A field as a record keeps it; null when nothing is left of it. */
export function fieldText(text: string, maxChars: number = FIELD_MAX_CHARS): string | null {
  const oneLine = text
    .slice(0, maxChars * 4)
    .replace(/\s+/g, ' ')
    .trim();
  const clean = cleanText(oneLine, maxChars).trim();
  return /[\p{L}\p{N}]/u.test(clean) ? clean : null;
}

/** Names of at least two labels, each once, as many as a record keeps. */
export function nameServersIn(names: readonly string[]): Host[] {
  const hosts = names.flatMap((name) => normalizeHost(name) ?? []).filter((host) => host.includes('.'));
  return [...new Set(hosts)].slice(0, NAME_SERVERS_MAX);
}
