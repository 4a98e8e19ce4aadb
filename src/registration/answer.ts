import type { UnixMs } from '../model/brand.ts';

/** Why the registration date of a domain is not known. */
export type UnknownWhy =
  | 'no_service' // no registry answers for its zone, or the name is not on the internet
  | 'not_found' // the registry knows no such domain
  | 'no_date' // the registry answers, and does not tell the date
  | 'rate_limited' // the registry, or our own restraint, asks to come back later
  | 'timed_out'
  | 'unreachable' // no connection, or an error of the registry
  | 'malformed' // an answer that is none, or a date that cannot be
  | 'platform_suffix'; // the name belongs to a customer of a platform: the platform's age is not the customer's

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

/** Nothing was found out; `retryAfterMs` is null where nobody said when to come back. */
export interface Unknown {
  readonly kind: 'unknown';
  readonly why: UnknownWhy;
  readonly retryAfterMs: number | null;
}

/** What a registry said. */
export type Finding =
  | { readonly kind: 'registered'; readonly at: UnixMs; readonly source: 'rdap' | 'whois' }
  | Unknown;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long a registration date is kept: it changes only when a domain lapses and is registered anew. */
export const REGISTERED_FOR_MS = 30 * DAY_MS;
/** A registry that asks for a longer pause is asked again after this one. */
export const RETRY_AFTER_MAX_MS = DAY_MS;
/** The oldest name of the domain name system: symbolics.com, 1985-03-15. What is older is a placeholder. */
const OLDEST_MS = Date.UTC(1985, 0, 1);
/** Dates without a zone may seem to lie ahead. */
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

/** A finding without a date. */
export function unknown(why: UnknownWhy, retryAfterMs: number | null = null): Unknown {
  return { kind: 'unknown', why, retryAfterMs };
}

/** Dates a finding. A registration date before there were domains, or ahead of the clock, is refused as malformed. */
export function answerOf(finding: Finding, nowMs: number): RegistrationAnswer {
  if (finding.kind === 'unknown') return unknownAnswer(finding, nowMs);
  const at = possibleDate(finding.at, nowMs);
  if (at === null) return unknownAnswer(unknown('malformed'), nowMs);
  return { kind: 'registered', at, source: finding.source, fetchedAt: nowMs as UnixMs };
}

/** Says from when on asking again makes sense. */
export function unknownAnswer({ why, retryAfterMs }: Unknown, nowMs: number): UnknownAnswer {
  const waitMs = Math.min(RETRY_AFTER_MAX_MS, retryAfterMs ?? RETRY_MS[why]);
  return { kind: 'unknown', why, retryAt: (nowMs + waitMs) as UnixMs };
}

/** A registration date, never ahead of the clock; null when it lies before there were domains, or more than a day ahead. */
export function possibleDate(at: UnixMs, nowMs: number): UnixMs | null {
  return at < OLDEST_MS || at > nowMs + AHEAD_MAX_MS ? null : (Math.min(at, nowMs) as UnixMs);
}

/** When an answer is no longer good, in Unix milliseconds. */
export function expiryOf(answer: RegistrationAnswer): number {
  return answer.kind === 'registered' ? answer.fetchedAt + REGISTERED_FOR_MS : answer.retryAt;
}
