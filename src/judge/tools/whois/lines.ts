import { quoteText } from '../../../model/clean.ts';
import type { RegistrationRecord } from '../../../registration/record.ts';
import { dayText } from '../../core/day-text.ts';

/** A record in plain lines for a model. What others wrote stands in quotes. */
export function recordLines(record: RegistrationRecord, nowMs: number): string[] {
  const { nameServers, remarks, abuseDomain } = record;
  const day = (at: number | null): string => (at === null ? 'not told' : dayText(at, nowMs));
  return [
    `Registered: ${day(record.registeredAt)}`,
    `Updated: ${day(record.updatedAt)}`,
    `Expires: ${day(record.expiresAt)}`,
    `Registrar: ${registrarText(record)}`,
    `Status: ${record.statuses.map((text) => quoteText(text)).join(', ') || 'not told'}`,
    `Registrant: ${registrantText(record)}`,
    `Complaints go to: ${abuseDomain ?? 'not told'}`,
    `Name servers: ${nameServers.join(', ') || 'none told'}`,
    `DNSSEC: ${record.signed === null ? 'not told' : record.signed ? 'signed' : 'not signed'}`,
    ...remarks.map((text) => `Remark: ${quoteText(text)}`),
  ];
}

function registrarText({ registrar, registrarId }: RegistrationRecord): string {
  const name = registrar === null ? 'not told' : quoteText(registrar);
  return registrarId === null ? name : `${name} (IANA ${registrarId})`;
}

function registrantText({ organisation, country, concealment }: RegistrationRecord): string {
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
