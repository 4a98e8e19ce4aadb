import { z } from 'zod';
import type { RegistrableDomain, UnixMs } from '../model/brand.ts';
import { normalizeHost } from '../model/host.ts';
import { boundedJson } from '../net/bounded-json.ts';
import { type Finding, unknown } from './answer.ts';
import { parseRegistryDate } from './registry-date.ts';

/** Events of a domain that are looked at. */
const EVENTS_MAX = 100;
const ACTION_MAX_CHARS = 60;

const domainSchema = z.object({
  objectClassName: z.string().optional(),
  ldhName: z.string().max(300).nullish(),
  events: z.array(z.unknown()).nullish(),
  errorCode: z.number().optional(),
});
const eventSchema = z.object({ eventAction: z.string().max(ACTION_MAX_CHARS), eventDate: z.string() });

// The registered values (RFC 9083, 10.2.3), and spellings met beside them.
const REGISTRATION: ReadonlySet<string> = new Set([
  'registration',
  'registered',
  'domain registration',
  'creation',
  'created',
  'reregistration',
  're-registration',
]);

/**
 * Reads an RDAP answer to a domain query (RFC 9083, 5.3). A domain that lapsed and was registered anew counts from then on: the
 * latest registration is the one of whoever holds it now. An answer about another name is malformed.
 */
export function readRdap(text: string, asked: RegistrableDomain): Finding {
  const parsed = domainSchema.safeParse(boundedJson(text));
  if (!parsed.success) return unknown('malformed');
  const { objectClassName, ldhName, events, errorCode } = parsed.data;
  if (errorCode !== undefined) return errorFinding(errorCode);
  if (objectClassName !== undefined && objectClassName.toLowerCase() !== 'domain')
    return unknown('malformed');
  if (ldhName != null && normalizeHost(ldhName) !== (asked as string)) return unknown('malformed');
  if (objectClassName === undefined && ldhName == null) return unknown('malformed');
  let latest: UnixMs | null = null;
  let unreadable = false;
  for (const value of (events ?? []).slice(0, EVENTS_MAX)) {
    const event = eventSchema.safeParse(value);
    if (!event.success || !REGISTRATION.has(event.data.eventAction.trim().toLowerCase())) continue;
    const at = parseRegistryDate(event.data.eventDate);
    if (at === null) unreadable = true;
    else if (latest === null || at > latest) latest = at;
  }
  if (latest !== null) return { kind: 'registered', at: latest, source: 'rdap' };
  return unknown(unreadable ? 'malformed' : 'no_date');
}

/** Some servers send an error document (RFC 9083, 6) with status 200. */
function errorFinding(code: number): Finding {
  if (code === 404) return unknown('not_found');
  return unknown(code === 429 || code === 503 ? 'rate_limited' : 'unreachable');
}
