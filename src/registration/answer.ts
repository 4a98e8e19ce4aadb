import type { UnixMs } from '../model/brand.ts';
import type { RegistrationRecord } from './record.ts';

/** Why the registration date of a domain is not known. */
export const UNKNOWN_WHYS = [
  'no_service', // no registry answers for its zone, or the name is not on the internet
  'not_found', // the registry knows no such domain
  'no_date', // the registry answers, and does not tell the date
  'rate_limited', // the registry, or our own rate limit, asks to come back later
  'timed_out',
  'unreachable', // no connection, or an error of the registry
  'malformed', // an answer that is none, or a date that cannot be
  'platform_suffix', // the name belongs to a customer of a platform: the platform's age is not the customer's
] as const;
export type UnknownWhy = (typeof UNKNOWN_WHYS)[number];

/** Why something is not known. */
export interface UnknownAnswer {
  readonly kind: 'unknown';
  readonly why: UnknownWhy;
  /** From when on asking again makes sense. */
  readonly retryAt: UnixMs;
}

/** When a domain was registered, or why that is not known. */
export type RegistrationAnswer =
  | {
      readonly kind: 'registered';
      readonly at: UnixMs;
      readonly source: 'rdap' | 'whois';
      readonly fetchedAt: UnixMs;
    }
  | UnknownAnswer;

/** The record of a domain, or why there is none. */
export type RecordAnswer =
  | { readonly kind: 'record'; readonly record: RegistrationRecord; readonly fetchedAt: UnixMs }
  | UnknownAnswer;

/** Nothing was found out; `retryAfterMs` is null where nobody said when to come back. */
export interface Unknown {
  readonly kind: 'unknown';
  readonly why: UnknownWhy;
  readonly retryAfterMs: number | null;
}

/** A registry that knows a domain. */
export interface Found {
  readonly kind: 'found';
  readonly record: RegistrationRecord;
  /** Why there is no date, when the record has none. */
  readonly undated: 'no_date' | 'malformed';
  /** Where the registrar of a thin registry tells more. */
  readonly more: URL | null;
}

/** What a registry said. */
export type Finding = Found | Unknown;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long a registration date is kept: it changes only when a domain lapses and is registered anew. */
export const REGISTERED_FOR_MS = 30 * DAY_MS;
/** How long a record is kept: a domain may be sold or suspended any day. */
export const RECORD_FOR_MS = DAY_MS;
/** A registry that asks for a longer pause is asked again after this one. */
export const RETRY_AFTER_MAX_MS = DAY_MS;
/** The oldest name of the domain name system: symbolics.com, 1985-03-15. What is older is a placeholder. */
const OLDEST_MS = Date.UTC(1985, 0, 1);
/** Dates without a zone may seem to lie ahead; and a clock that was set back makes stamps lie ahead. */
const AHEAD_MAX_MS = DAY_MS;

const RETRY_MS: Readonly<Record<UnknownWhy, number>> = {
  no_service: DAY_MS,
  not_found: HOUR_MS,
  no_date: DAY_MS,
  rate_limited: 10 * MINUTE_MS,
  timed_out: 2 * MINUTE_MS,
  unreachable: 5 * MINUTE_MS,
  malformed: 6 * HOUR_MS,
  platform_suffix: DAY_MS,
};

/** A finding without an answer. */
export function unknown(why: UnknownWhy, retryAfterMs: number | null = null): Unknown {
  return { kind: 'unknown', why, retryAfterMs };
}

/** Says from when on asking again makes sense. */
export function unknownAnswer({ why, retryAfterMs }: Unknown, nowMs: number): UnknownAnswer {
  const waitMs = Math.min(RETRY_AFTER_MAX_MS, retryAfterMs ?? RETRY_MS[why]);
  return { kind: 'unknown', why, retryAt: (nowMs + waitMs) as UnixMs };
}

/** The age that a finding tells. A registration date before there were domains, or ahead of the clock, is refused as malformed. */
export function ageOf(finding: Finding, nowMs: number): RegistrationAnswer {
  if (finding.kind === 'unknown') return unknownAnswer(finding, nowMs);
  const { registeredAt, source } = finding.record;
  if (registeredAt === null) return unknownAnswer(unknown(finding.undated), nowMs);
  const at = possibleDate(registeredAt, nowMs);
  if (at === null) return unknownAnswer(unknown('malformed'), nowMs);
  return { kind: 'registered', at, source, fetchedAt: nowMs as UnixMs };
}

/** The record that a finding tells; a registration date that cannot be is left out. */
export function recordOf(finding: Finding, nowMs: number): RecordAnswer {
  if (finding.kind === 'unknown') return unknownAnswer(finding, nowMs);
  const { record } = finding;
  const at = record.registeredAt === null ? null : possibleDate(record.registeredAt, nowMs);
  return { kind: 'record', record: { ...record, registeredAt: at }, fetchedAt: nowMs as UnixMs };
}

/** Whether an answer is still good. */
export function holds(answer: RegistrationAnswer | RecordAnswer, nowMs: number): boolean {
  if (expiryOf(answer) <= nowMs) return false;
  return answer.kind === 'unknown' || answer.fetchedAt <= nowMs + AHEAD_MAX_MS;
}

/** When an answer is no longer good, in Unix milliseconds. */
export function expiryOf(answer: RegistrationAnswer | RecordAnswer): number {
  switch (answer.kind) {
    case 'registered':
      return answer.fetchedAt + REGISTERED_FOR_MS;
    case 'record':
      return answer.fetchedAt + RECORD_FOR_MS;
    case 'unknown':
      return answer.retryAt;
    default:
      return answer satisfies never;
  }
}

/** A registration date, never ahead of the clock; null when it lies before there were domains, or more than a day ahead. */
function possibleDate(at: UnixMs, nowMs: number): UnixMs | null {
  return at < OLDEST_MS || at > nowMs + AHEAD_MAX_MS ? null : (Math.min(at, nowMs) as UnixMs);
}
