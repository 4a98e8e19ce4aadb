import type { Host, UnixMs } from '../model/brand.ts';
import { cleanText } from '../model/clean.ts';
import { normalizeHost } from '../model/host.ts';
import type { UnknownAnswer } from './answer.ts';

/** Longest text of one field, and most items of one list, that a record keeps; what is more is left out. */
export const FIELD_MAX_CHARS = 120;
export const REMARK_MAX_CHARS = 200;
export const STATUSES_MAX = 8;
export const NAME_SERVERS_MAX = 8;
export const REMARKS_MAX = 3;

/** Whether a registrant is shown: as it is, blanked by the registry, or behind a service that lends its own name. */
export type Concealment = 'open' | 'redacted' | 'privacy_service';

/**
 * What a registry, and for some zones the registrar too, says of a domain. All text is cleaned and capped, and is still hostile:
 * names and remarks are written by whoever registered the domain. Null where nothing is said.
 */
export interface RegistrationRecord {
  readonly source: 'rdap' | 'whois';
  readonly registeredAt: UnixMs | null;
  readonly updatedAt: UnixMs | null;
  readonly expiresAt: UnixMs | null;
  readonly registrar: string | null;
  /** The registrar's number at IANA. */
  readonly registrarId: number | null;
  /** In small letters, such as `client transfer prohibited`. */
  readonly statuses: readonly string[];
  /** The organisation, or what stands in its place; never the name of a person that is marked as one. */
  readonly organisation: string | null;
  /** A country, as a code of two letters or in words. */
  readonly country: string | null;
  /** Null when no registrant is shown at all. */
  readonly concealment: Concealment | null;
  /** The domain of the address that takes complaints. */
  readonly abuseDomain: Host | null;
  readonly nameServers: readonly Host[];
  /** The delegation is signed (DNSSEC). */
  readonly signed: boolean | null;
  /** Remarks and notices about this domain, without the terms that stand under every answer. */
  readonly remarks: readonly string[];
}

/** The record of a domain, or why there is none. */
export type RecordAnswer =
  | { readonly kind: 'record'; readonly record: RegistrationRecord; readonly fetchedAt: UnixMs }
  | UnknownAnswer;

// Blanked by the registry or the registrar; "redacted for privacy" is no privacy service.
const REDACTED =
  /redacted|not (?:disclosed|shown|available|displayed)|data[ -]protect(?:ed|ion)|masking enabled|withheld(?! for privacy)|gdpr|hidden upon|undisclosed|private person|anonymous|ano nymous|non-public data|statutory mask/i;
const PRIVACY_SERVICE =
  /privacy|proxy|whois ?guard|whois ?(?:agent|trustee|foundation)|private (?:registration|whois|ranger)|registration private|identity protect|domain protection|id ?shield|anonymi[sz]e|super privacy|privado/i;

/** Tells from the name of a registrant whether it is one. */
export function concealmentOf(name: string): Concealment {
  if (REDACTED.test(name)) return 'redacted';
  return PRIVACY_SERVICE.test(name) ? 'privacy_service' : 'open';
}

/** A field as a record keeps it; null when nothing is left of it. */
export function fieldText(text: string, maxChars: number = FIELD_MAX_CHARS): string | null {
  const clean = cleanText(
    text
      .slice(0, maxChars * 4)
      .replace(/\s+/g, ' ')
      .trim(),
    maxChars,
  ).trim();
  return /[\p{L}\p{N}]/u.test(clean) ? clean : null;
}

/** A status in small letters: `clientTransferProhibited https://…` is `client transfer prohibited`. */
export function statusText(text: string): string | null {
  const bare = text.slice(0, FIELD_MAX_CHARS).replace(/\s*\(?https?:.*$/i, '');
  return fieldText(bare.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase());
}

/** The domain of a mail address somewhere in a text. */
export function mailDomain(text: string): Host | null {
  const found = /@([^\s<>,;"'()]{1,253})/.exec(text.slice(0, 1_000))?.[1];
  return found === undefined ? null : dottedHost(found);
}

/** A name of at least two labels. */
export function dottedHost(text: string): Host | null {
  const host = normalizeHost(text);
  return host?.includes('.') === true ? host : null;
}

/** What the registrar told, where the registry itself said nothing: registries of thin zones know no registrant. */
export function completed(record: RegistrationRecord, more: RegistrationRecord): RegistrationRecord {
  const shownBy = record.concealment === null ? more : record;
  return {
    ...record,
    registeredAt: record.registeredAt ?? more.registeredAt,
    updatedAt: record.updatedAt ?? more.updatedAt,
    expiresAt: record.expiresAt ?? more.expiresAt,
    registrar: record.registrar ?? more.registrar,
    registrarId: record.registrarId ?? more.registrarId,
    organisation: shownBy.organisation,
    country: shownBy.country,
    concealment: shownBy.concealment,
    abuseDomain: record.abuseDomain ?? more.abuseDomain,
    nameServers: record.nameServers.length > 0 ? record.nameServers : more.nameServers,
    signed: record.signed ?? more.signed,
    remarks: [...record.remarks, ...more.remarks].slice(0, REMARKS_MAX),
  };
}
