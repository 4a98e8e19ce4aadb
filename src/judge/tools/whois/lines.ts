import { quoteText } from '../../../model/clean.ts';
import type { Fact } from '../../../model/inquiry.ts';
import type { RdapRecord, RegistrationRecord } from '../../../registration/record.ts';
import { parseRegistryDate } from '../../../registration/registry-date.ts';
import { dayText } from '../../core/day-text.ts';
import { ageFact, plainFact } from '../../core/facts.ts';

/** A record in plain lines for a model. What others wrote stands in quotes, or behind a dash in the lines of a WHOIS reply. */
export function recordLines(record: RegistrationRecord, nowMs: number): string[] {
  const day = (at: number | null): string => (at === null ? 'not told' : dayText(at, nowMs));
  const registered = `Registered: ${day(record.registeredAt)}`;
  if (record.source === 'whois')
    return [
      registered,
      'Its reply, without comments and personal data:',
      ...record.lines.map((line) => `- ${line}`),
    ];
  return [
    registered,
    `Updated: ${day(record.updatedAt)}`,
    `Expires: ${day(record.expiresAt)}`,
    `Registrar: ${record.registrar === null ? 'not told' : quoteText(record.registrar)}`,
    `Status: ${record.statuses.map((text) => quoteText(text)).join(', ') || 'not told'}`,
    `Registrant: ${registrantText(record)}`,
    `Name servers: ${record.nameServers.join(', ') || 'none told'}`,
  ];
}

/** The registry is about to take a name away, or does not serve it. */
const GOING = /\bhold\b|pending delete|redemption|inactive/;

/**
 * What of a record whoever registered the domain did not write: dates and the registry's own status. Of a registry that does not tell
 * since when, the last change shows how old the domain is at least.
 */
export function recordFacts(record: RegistrationRecord, nowMs: number): Fact[] {
  const { registeredAt } = record;
  const changedAt = record.source === 'rdap' ? record.updatedAt : changeIn(record.lines);
  const isGoing = record.source === 'rdap' && record.statuses.some((status) => GOING.test(status));
  const going: Fact[] = isGoing ? [{ leans: 'against', text: 'Its registry has put it on hold.' }] : [];
  if (registeredAt !== null) return [ageFact('Registered', registeredAt, nowMs), ...going];
  if (changedAt === null) return [UNDATED, ...going];
  return [ageFact('Registered at the latest', changedAt, nowMs, true), ...going];
}

/** When a record in the words of a registry was changed last: the first that says so, for the domain's own data come first. */
function changeIn(lines: readonly string[]): number | null {
  const first = lines.map((line) => CHANGED.exec(line)?.[1]).find((date) => date !== undefined);
  return parseRegistryDate(first ?? '');
}

const CHANGED = /^(?:changed|last[ -]updated?|modified): *(.+)$/i;
const UNDATED = plainFact('Its registry does not say since when it is registered.');

function registrantText({ organisation, country, concealment }: RdapRecord): string {
  const where = country === null ? '' : `, country ${quoteText(country)}`;
  switch (concealment) {
    case null:
      return 'not shown by the registry';
    case 'redacted':
      return `redacted${where}`;
    case 'privacy_service':
      return `hidden behind a privacy service, ${quoteText(organisation ?? '')}${where}`;
    case 'open':
      return `${organisation === null ? 'a person, or no name' : `organisation ${quoteText(organisation)}`}${where}`;
    default:
      return concealment satisfies never;
  }
}
