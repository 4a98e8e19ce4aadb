import { quoteText } from '../../../model/clean.ts';
import type { RdapRecord, RegistrationRecord } from '../../../registration/record.ts';
import { dayText } from '../../core/day-text.ts';

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
