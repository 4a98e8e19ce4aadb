import type { RegistrableDomain, UnixMs } from '../model/brand.ts';
import { normalizeHost } from '../model/host.ts';
import { type Unknown, unknown } from './answer.ts';
import {
  type Concealment,
  concealmentOf,
  dottedHost,
  fieldText,
  mailDomain,
  NAME_SERVERS_MAX,
  REMARK_MAX_CHARS,
  REMARKS_MAX,
  type RegistrationRecord,
  STATUSES_MAX,
  statusText,
} from './record.ts';
import { parseRegistryDate } from './registry-date.ts';
import { readWhois } from './whois-date.ts';
import { readFields, type Values, type WhoisFields } from './whois-fields.ts';
import type { Slot } from './whois-spellings.ts';

/** `NS3437599-NICAT`, `ANO00-FRNIC`: points at a contact. */
const HANDLE = /^[A-Za-z]{1,12}\d{1,12}-[\w-]{2,20}$/;
const UNSIGNED = /^(?:un ?signed|no|n|none|inactive|not signed|false|0)\b/i;
const SIGNED = /^(?:signed|yes|y|active|true|1)/i;

/** What a WHOIS reply was found to be. */
export type WhoisRecord = { readonly kind: 'record'; readonly record: RegistrationRecord } | Unknown;

/**
 * Reads the record of a WHOIS reply, in whatever layout its registry has; of two fields of one meaning the first counts, since
 * the domain's own data come before those of people. A reply about another name, which some servers give when theirs begins
 * alike, is malformed. Never throws.
 */
export function readWhoisRecord(text: string, asked: RegistrableDomain): WhoisRecord {
  const dated = readWhois(text);
  const fields = readFields(text);
  const { domain } = fields;
  const names = all(domain, 'domain').map((value) => normalizeHost(value.split(/\s/)[0] ?? ''));
  if (names.length > 0 && !names.some((name) => (name as string | null) === asked))
    return unknown('malformed');
  const registrant = registrantOf(fields);
  const record: RegistrationRecord = {
    source: 'whois',
    registeredAt: dated.kind === 'registered' ? dated.at : null,
    updatedAt: dateOf(domain, 'updated'),
    expiresAt: dateOf(domain, 'expires'),
    // The Austrian registry adds an address of its own.
    registrar: textOf(domain, 'registrar')?.replace(/ \( https?:.*$/, '') ?? null,
    registrarId: numberOf(domain, 'registrar_id'),
    statuses: statusesOf(domain),
    ...registrant,
    abuseDomain: first(all(domain, 'abuse').map(mailDomain)),
    nameServers: serversOf(domain),
    signed: signedOf(domain),
    remarks: all(domain, 'remark')
      .flatMap((value) => fieldText(value, REMARK_MAX_CHARS) ?? [])
      .slice(0, REMARKS_MAX),
  };
  if (holdsAnything(record)) return { kind: 'record', record };
  return unknown(dated.kind === 'not_found' || dated.kind === 'rate_limited' ? dated.kind : 'malformed');
}

/** A reply that tells no date, registrar or name server is none about a registered domain. */
function holdsAnything({
  registeredAt,
  updatedAt,
  expiresAt,
  registrar,
  nameServers,
}: RegistrationRecord): boolean {
  return (
    registeredAt !== null ||
    updatedAt !== null ||
    expiresAt !== null ||
    registrar !== null ||
    nameServers.length > 0
  );
}

function registrantOf({
  domain,
  contacts,
}: WhoisFields): Pick<RegistrationRecord, 'organisation' | 'country' | 'concealment'> {
  const ambiguous = all(domain, 'name');
  const pointed = [...all(domain, 'handle'), ...ambiguous].filter((value) => HANDLE.test(value));
  const contact = contacts.find((its) => all(its, 'own_handle').some((own) => pointed.includes(own)));
  const named = [
    ...all(domain, 'organisation'),
    ...ambiguous.filter((value) => !HANDLE.test(value)),
    ...(contact === undefined ? [] : contactNames(contact)),
  ].flatMap((value) => fieldText(value) ?? []);
  const persons = [...all(domain, 'person'), ...(contact === undefined ? [] : all(contact, 'person'))];
  const concealment = concealedBy(named, persons, contact);
  const organisation = named.find((value) => concealmentOf(value) !== 'redacted') ?? null;
  const country = textOf(domain, 'country') ?? (contact === undefined ? null : textOf(contact, 'country'));
  return {
    organisation: concealment === 'redacted' ? null : organisation,
    country: country !== null && concealmentOf(country) === 'redacted' ? null : country,
    concealment,
  };
}

/** The names of a contact that are an organisation's. */
function contactNames(contact: Values): string[] {
  const isPerson = all(contact, 'kind').some((kind) => /person/i.test(kind));
  return [...all(contact, 'organisation'), ...(isPerson ? [] : all(contact, 'name'))];
}

function concealedBy(
  named: readonly string[],
  persons: readonly string[],
  contact: Values | undefined,
): Concealment | null {
  const shown = [...named, ...persons];
  if (contact !== undefined && all(contact, 'anonymous').some((value) => /^y/i.test(value)))
    return 'redacted';
  if (shown.length === 0) return contact === undefined ? null : 'open';
  const kinds = shown.map(concealmentOf);
  if (kinds.includes('privacy_service')) return 'privacy_service';
  return kinds.every((kind) => kind === 'redacted') || concealmentOf(named[0] ?? '') === 'redacted'
    ? 'redacted'
    : 'open';
}

function statusesOf(domain: Values): string[] {
  const texts = all(domain, 'status')
    .flatMap((value) => value.split(','))
    .flatMap((value) => statusText(value) ?? []);
  return [...new Set(texts)].slice(0, STATUSES_MAX);
}

function serversOf(domain: Values): RegistrationRecord['nameServers'] {
  const hosts = all(domain, 'server').flatMap((value) => dottedHost(value.split(/[\s,]/)[0] ?? '') ?? []);
  return [...new Set(hosts)].slice(0, NAME_SERVERS_MAX);
}

function signedOf(domain: Values): boolean | null {
  if (all(domain, 'key').length > 0) return true;
  for (const value of all(domain, 'dnssec')) {
    if (UNSIGNED.test(value)) return false;
    if (SIGNED.test(value)) return true;
  }
  return null;
}

function dateOf(domain: Values, slot: Slot): UnixMs | null {
  return first(all(domain, slot).map(parseRegistryDate));
}

function textOf(values: Values, slot: Slot): string | null {
  return first(all(values, slot).map((value) => fieldText(value)));
}

function numberOf(domain: Values, slot: Slot): number | null {
  return first(all(domain, slot).map((value) => (/^\d{1,7}$/.test(value) ? Number(value) : null)));
}

function all(values: Values, slot: Slot): readonly string[] {
  return values.get(slot) ?? [];
}

function first<T>(values: readonly (T | null)[]): T | null {
  return values.find((value) => value !== null) ?? null;
}
