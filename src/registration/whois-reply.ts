import type { RegistrableDomain, UnixMs } from '../model/brand.ts';
import { normalizeHost } from '../model/host.ts';
import { type Finding, unknown } from './answer.ts';
import { nameServersIn } from './record.ts';
import { parseRegistryDate } from './registry-date.ts';
import { factLines, fieldOf, linesOf } from './whois-lines.ts';

/** Names of the field, in small letters with single blanks, as registries write it. */
const CREATED = new RegExp(
  `^(?:${[
    '(?:domain )?(?:creation[ -]date|created?(?: (?:at|date|on))?)',
    'domain_dateregistered|domain record activated|domain create date|record created(?: on)?',
    '(?:first |domain )?registration[ -]?(?:date|time)?',
    '(?:domain )?registered(?: (?:date|on|since))?',
    'date (?:created|registered|of creation|of registration)',
    '(?:domain (?:name )?)?commencement date',
  ].join('|')})$`,
);
const DOMAIN = /^domain[ _]?(?:name)?$/;
const NAME_SERVER = /^(?:nserver|name ?servers?)$/;
/** A reply that has one of these is about a registered domain. */
const KNOWN =
  /^(?:registrar|sponsoring registrar|changed|modified|updated(?: date| on)?|last.*(?:update|modified)d?|expir.*|paid-till)$/;

/** Where a reply says that there is nothing, or too much asked, it says so early. */
const SAYING_MAX_CHARS = 4_096;
const NOT_FOUND = [
  /\bno (?:match|data|entries|entry|objects?|such domain|matching record|record|information available)\b/i,
  /\bnot (?:found|registered|been registered)\b|\bnothing found\b|\bdoes not exist\b|\bno_match\b/i,
  /\b(?:is|status:)[ \t]*(?:free|available)(?: for (?:registration|purchase))?[.!]?$/im,
];
const RATE_LIMITED = [
  /\b(?:quota|limits?|rate) (?:has been |was |is )?exceeded\b|\bexceeded (?:the |your )?[a-z ]{0,40}(?:limit|quota|rate)\b/i,
  /\btoo many (?:queries|requests|connections|attempts)\b|\btry again (?:later|in|after)\b/i,
  /\brate.?limited\b|\baccess denied\b|\bblacklisted\b|\btemporarily (?:blocked|banned)\b/i,
];

/**
 * Reads of a WHOIS reply (RFC 3912 leaves its form open) what the product itself needs: the date, the name servers, and whether it
 * is about a registered domain at all; the rest stays as the registry wrote it. The first field of a meaning counts: the domain's
 * own data come before those of people, who write what they like. A reply about another name, which some servers give when theirs
 * begins alike, is malformed. Never throws.
 */
export function readWhois(text: string, asked: RegistrableDomain): Finding {
  const lines = linesOf(text);
  const fields = lines.map(fieldOf);
  const valuesOf = (name: RegExp): string[] =>
    fields.flatMap(([field, value]) => (name.test(field) && value !== '' ? [value] : []));
  const names = valuesOf(DOMAIN).map((value) => normalizeHost(value.split(/\s/)[0] ?? ''));
  if (names.length > 0 && !names.some((name) => (name as string | null) === asked))
    return unknown('malformed');
  const registeredAt = creationDate(lines, fields);
  const nameServers = nameServersIn(valuesOf(NAME_SERVER).map((value) => value.split(/[\s,]/)[0] ?? ''));
  const isKnown =
    registeredAt !== null || nameServers.length > 0 || fields.some(([field]) => KNOWN.test(field));
  if (!isKnown) return unknown(sayingOf(text.slice(0, SAYING_MAX_CHARS)));
  const record = { source: 'whois', registeredAt, nameServers, lines: factLines(lines) } as const;
  return { kind: 'found', record, undated: 'no_date', more: null };
}

/** The WHOIS server that whois.iana.org names for a top-level domain; null when it names none. */
export function readReferral(text: string): string | null {
  for (const line of linesOf(text)) {
    const server = /^(?:whois|refer):\s*(\S{1,253})\s*$/i.exec(line)?.[1];
    if (server !== undefined) return server;
  }
  return null;
}

function creationDate(lines: readonly string[], fields: ReturnType<typeof fieldOf>[]): UnixMs | null {
  for (const [i, [name, value]] of fields.entries()) {
    if (!CREATED.test(name)) continue;
    // Some write the value on the line below.
    const at = parseRegistryDate(value === '' ? (lines[i + 1] ?? '') : value);
    if (at !== null) return at;
  }
  return null;
}

function sayingOf(saying: string): 'not_found' | 'rate_limited' | 'no_date' {
  if (NOT_FOUND.some((pattern) => pattern.test(saying))) return 'not_found';
  return RATE_LIMITED.some((pattern) => pattern.test(saying)) ? 'rate_limited' : 'no_date';
}
