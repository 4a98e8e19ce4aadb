import { z } from 'zod';
import type { RegistrableDomain, UnixMs } from '../model/brand.ts';
import { normalizeHost } from '../model/host.ts';
import { boundedJson } from '../net/bounded-json.ts';
import { type Finding, unknown } from './answer.ts';
import { items, type Registrant, registrantOf, registrarOf } from './rdap-contact.ts';
import { FIELD_MAX_CHARS, fieldText, nameServersIn, STATUSES_MAX } from './record.ts';
import { parseRegistryDate } from './registry-date.ts';

const URL_MAX_CHARS = 500;
const NAME_MAX_CHARS = 300;

const list = z.array(z.unknown()).nullish().catch(null);
/** A domain (RFC 9083, 5.3), or an error document (6), which some servers send with status 200. */
const domainSchema = z.object({
  objectClassName: z.string().optional(),
  ldhName: z.string().max(NAME_MAX_CHARS).nullish(),
  errorCode: z.number().optional(),
  events: z.array(z.unknown()).nullish(),
  status: list,
  entities: list,
  nameservers: list,
  links: list,
  redacted: list,
});
const eventSchema = z.object({ eventAction: z.string().max(60), eventDate: z.string() });
const serverSchema = z.object({ ldhName: z.string().max(NAME_MAX_CHARS) });
const linkSchema = z.object({ rel: z.string(), type: z.string(), href: z.string().max(URL_MAX_CHARS) });
/** What a server says it left out (RFC 9537). */
const redactionSchema = z.object({
  name: z.object({ type: z.string().catch(''), description: z.string().catch('') }),
});

// The registered values (RFC 9083, 10.2.3), and spellings met beside them.
const REGISTERED = /^(?:domain registration|registration|registered|creation|created|re-?registration)$/i;
const UPDATED = /^(?:last (?:changed|updated?)|updated)$/i;
const EXPIRES = /^(?:expiration|expires|record expires)$/i;

/**
 * Reads an RDAP answer to a domain query. A domain that lapsed and was registered anew counts from then on: the latest registration
 * is the one of whoever holds it now. An answer about another name is malformed. Members that do not fit are passed over; never
 * throws.
 */
export function readRdap(text: string, asked: RegistrableDomain): Finding {
  const parsed = domainSchema.safeParse(boundedJson(text));
  if (!parsed.success) return unknown('malformed');
  const domain = parsed.data;
  if (domain.errorCode !== undefined) return errorFinding(domain.errorCode);
  if (!isAbout(domain, asked)) return unknown('malformed');
  const registered = eventAt(domain.events, REGISTERED);
  return {
    kind: 'found',
    undated: registered.isUnreadable ? 'malformed' : 'no_date',
    record: {
      source: 'rdap',
      registeredAt: registered.at,
      updatedAt: eventAt(domain.events, UPDATED).at,
      expiresAt: eventAt(domain.events, EXPIRES).at,
      registrar: registrarOf(domain.entities),
      statuses: items(domain.status, z.string())
        .flatMap((status) => statusText(status) ?? [])
        .slice(0, STATUSES_MAX),
      ...registrantIn(domain),
      nameServers: nameServersIn(items(domain.nameservers, serverSchema).map(({ ldhName }) => ldhName)),
    },
    more: registrarLink(domain.links, asked),
  };
}

type Domain = z.infer<typeof domainSchema>;

function isAbout({ objectClassName, ldhName }: Domain, asked: RegistrableDomain): boolean {
  if (objectClassName === undefined && ldhName == null) return false;
  if (objectClassName !== undefined && objectClassName.toLowerCase() !== 'domain') return false;
  return ldhName == null || (normalizeHost(ldhName) as string | null) === asked;
}

function errorFinding(code: number): Finding {
  if (code === 404) return unknown('not_found');
  return unknown(code === 429 || code === 503 ? 'rate_limited' : 'unreachable');
}

/** The latest of the events of one meaning. */
function eventAt(values: Domain['events'], action: RegExp): { at: UnixMs | null; isUnreadable: boolean } {
  let at: UnixMs | null = null;
  let isUnreadable = false;
  for (const { eventAction, eventDate } of items(values, eventSchema)) {
    if (!action.test(eventAction.trim())) continue;
    const date = parseRegistryDate(eventDate);
    if (date === null) isUnreadable = true;
    else if (at === null || date > at) at = date;
  }
  return { at, isUnreadable };
}

function registrantIn({ entities, redacted }: Domain): Registrant {
  const isRedacted = items(redacted, redactionSchema).some(({ name }) =>
    /^registrant/i.test(name.type || name.description),
  );
  return registrantOf(entities, isRedacted);
}

/** A status in small letters: `clientTransferProhibited https://…` is `client transfer prohibited`. */
function statusText(text: string): string | null {
  const bare = text.slice(0, FIELD_MAX_CHARS).replace(/\s*\(?https?:.*$/i, '');
  return fieldText(bare.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase());
}

/** Where the registrar of a thin registry answers for the same domain; https only, and nothing but its record. */
function registrarLink(values: Domain['links'], asked: RegistrableDomain): URL | null {
  for (const { rel, type, href } of items(values, linkSchema)) {
    if (rel !== 'related' || !/^application\/rdap\+json\b/i.test(type)) continue;
    const url = URL.parse(href);
    if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '') continue;
    if (url.search === '' && url.pathname.toLowerCase().endsWith(`/domain/${asked}`)) return url;
  }
  return null;
}
