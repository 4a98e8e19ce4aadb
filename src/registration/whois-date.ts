import type { UnixMs } from '../model/brand.ts';
import { parseRegistryDate } from './registry-date.ts';
import { boundedLine, fieldName, fieldOf, linesOf } from './whois-lines.ts';

/** What a WHOIS reply says of a domain's registration. */
export type WhoisReading =
  | { readonly kind: 'registered'; readonly at: UnixMs }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'rate_limited' }
  | { readonly kind: 'no_date' };

/** Names of the field, in small letters with single blanks, as registries write it. */
const FIELDS: ReadonlySet<string> = new Set([
  'commencement date',
  'created',
  'created at',
  'created date',
  'created on',
  'creation date',
  'creation-date',
  'date created',
  'date of creation',
  'date of registration',
  'date registered',
  'domain commencement date',
  'domain create date',
  'domain created',
  'domain created on',
  'domain creation date',
  'domain name commencement date',
  'domain record activated',
  'domain registered',
  'domain registration date',
  'domain_dateregistered',
  'first registration date',
  'record created',
  'record created on',
  'registered',
  'registered date',
  'registered on',
  'registered since',
  'registration',
  'registration date',
  'registration time',
  'registration-date',
]);

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
 * Finds the creation date in a WHOIS reply (RFC 3912 leaves its form open). The first field of that meaning with a readable date
 * counts: the domain's own data come before those of people, who write what they like.
 */
export function readWhois(text: string): WhoisReading {
  const lines = linesOf(text);
  for (let i = 0; i < lines.length; i++) {
    const at = dateAt(lines, i);
    if (at !== null) return { kind: 'registered', at };
  }
  const saying = text.slice(0, SAYING_MAX_CHARS);
  if (NOT_FOUND.some((pattern) => pattern.test(saying))) return { kind: 'not_found' };
  const limited = RATE_LIMITED.some((pattern) => pattern.test(saying));
  return { kind: limited ? 'rate_limited' : 'no_date' };
}

function dateAt(lines: readonly string[], index: number): UnixMs | null {
  const [name, value] = fieldOf(boundedLine(lines[index] ?? ''));
  if (!FIELDS.has(fieldName(name))) return null;
  // Some write the value on the line below.
  return parseRegistryDate(value === '' ? (lines[index + 1] ?? '') : value);
}

/** The WHOIS server that whois.iana.org names for a top-level domain; null when it names none. */
export function readReferral(text: string): string | null {
  for (const line of linesOf(text)) {
    const server = /^(?:whois|refer):\s*(\S{1,253})\s*$/i.exec(line)?.[1];
    if (server !== undefined) return server;
  }
  return null;
}
