import { z } from 'zod';
import type { Host, RegistrableDomain, UnixMs } from '../model/brand.ts';
import { boundedJson } from '../net/bounded-json.ts';
import type { Unknown } from './answer.ts';
import { cardOf, type Entity, entitiesOf, ianaIdOf, registrantOf, withRole } from './rdap-contact.ts';
import { readRdap } from './rdap-reply.ts';
import {
  dottedHost,
  fieldText,
  NAME_SERVERS_MAX,
  REMARK_MAX_CHARS,
  REMARKS_MAX,
  type RegistrationRecord,
  STATUSES_MAX,
  statusText,
} from './record.ts';
import { parseRegistryDate } from './registry-date.ts';

/** Items of any list that are looked at. */
const ITEMS_MAX = 100;
const URL_MAX_CHARS = 500;

/** A record, and where the registrar tells more (RDAP of thin registries). */
export interface RdapRecord {
  readonly kind: 'record';
  readonly record: RegistrationRecord;
  readonly more: URL | null;
}

const list = z.array(z.unknown()).nullish().catch(null);
const domainSchema = z.object({
  status: list,
  entities: list,
  nameservers: list,
  events: list,
  links: list,
  remarks: list,
  notices: list,
  redacted: list,
  secureDNS: z.object({ delegationSigned: z.boolean().optional() }).nullish().catch(null),
});
const eventSchema = z.object({ eventAction: z.string().max(60), eventDate: z.string() });
const serverSchema = z.object({ ldhName: z.string().max(300) });
const linkSchema = z.object({ rel: z.string(), type: z.string(), href: z.string().max(URL_MAX_CHARS) });
const remarkSchema = z.object({
  title: z.string().catch(''),
  description: z.array(z.string().catch('')).catch([]),
});
const redactionSchema = z.object({
  name: z.object({ type: z.string().catch(''), description: z.string().catch('') }),
});

const UPDATED: ReadonlySet<string> = new Set(['last changed', 'last update', 'last updated', 'updated']);
const EXPIRES: ReadonlySet<string> = new Set(['expiration', 'expires', 'record expires']);
// What stands under the answers of every registry and tells nothing of a domain.
const BOILERPLATE =
  /terms|conditions|disclaimer|copyright|status code|inaccuracy|complaint|redacted|data (?:policy|protection|source)|privacy policy|conformance|whois|rdds/i;

/** Reads the record of an RDAP answer (RFC 9083, 5.3). Members that do not fit are passed over; never throws. */
export function readRdapRecord(text: string, asked: RegistrableDomain): RdapRecord | Unknown {
  const finding = readRdap(text, asked);
  if (finding.kind === 'unknown' && finding.why !== 'no_date') return finding;
  const domain = domainSchema.parse(boundedJson(text));
  const entities = entitiesOf(domain.entities);
  const registrar = withRole(entities, 'registrar');
  const redacted = redactions(domain.redacted).some((name) => /^registrant/i.test(name));
  const registrant = withRole(entities, 'registrant');
  const shown = registrant === null ? null : registrantOf(registrant, redacted);
  return {
    kind: 'record',
    record: {
      source: 'rdap',
      registeredAt: finding.kind === 'registered' ? finding.at : null,
      updatedAt: eventAt(domain.events, UPDATED),
      expiresAt: eventAt(domain.events, EXPIRES),
      registrar: registrar === null ? null : registrarName(registrar),
      registrarId: registrar === null ? null : ianaIdOf(registrar),
      statuses: items(domain.status, z.string())
        .flatMap((text) => statusText(text) ?? [])
        .slice(0, STATUSES_MAX),
      organisation: shown?.organisation ?? null,
      country: shown?.country ?? null,
      concealment: shown?.concealment ?? (redacted ? 'redacted' : null),
      abuseDomain: abuseDomain(entities, registrar),
      nameServers: nameServers(domain.nameservers),
      signed: domain.secureDNS?.delegationSigned ?? null,
      remarks: remarksOf([...(domain.remarks ?? []), ...(domain.notices ?? [])]),
    },
    more: registrarLink(domain.links, asked),
  };
}

function registrarName(entity: Entity): string | null {
  const { name, organisation } = cardOf(entity);
  return name ?? organisation;
}

function abuseDomain(entities: readonly Entity[], registrar: Entity | null): Host | null {
  const abuse = withRole(entitiesOf(registrar?.entities), 'abuse') ?? withRole(entities, 'abuse');
  return abuse === null ? null : cardOf(abuse).mailDomain;
}

function nameServers(values: readonly unknown[] | null | undefined): Host[] {
  const hosts = items(values, serverSchema).flatMap(({ ldhName }) => dottedHost(ldhName) ?? []);
  return [...new Set(hosts)].slice(0, NAME_SERVERS_MAX);
}

/** The latest of the events of one meaning. */
function eventAt(values: readonly unknown[] | null | undefined, actions: ReadonlySet<string>): UnixMs | null {
  let latest: UnixMs | null = null;
  for (const { eventAction, eventDate } of items(values, eventSchema)) {
    if (!actions.has(eventAction.trim().toLowerCase())) continue;
    const at = parseRegistryDate(eventDate);
    if (at !== null && (latest === null || at > latest)) latest = at;
  }
  return latest;
}

function remarksOf(values: readonly unknown[]): string[] {
  const texts = items(values, remarkSchema)
    .filter(({ title }) => !BOILERPLATE.test(title.slice(0, REMARK_MAX_CHARS)))
    .flatMap(
      ({ title, description }) =>
        fieldText(
          [title, ...description.slice(0, 10)].map((text) => text.slice(0, 4 * REMARK_MAX_CHARS)).join(' '),
          REMARK_MAX_CHARS,
        ) ?? [],
    );
  return [...new Set(texts)].slice(0, REMARKS_MAX);
}

/** What a server says it left out (RFC 9537). */
function redactions(values: readonly unknown[] | null | undefined): string[] {
  return items(values, redactionSchema).map(({ name }) => (name.type || name.description).slice(0, 100));
}

/** Where the registrar answers for the same domain; https only, and nothing but its record. */
function registrarLink(values: readonly unknown[] | null | undefined, asked: RegistrableDomain): URL | null {
  for (const { rel, type, href } of items(values, linkSchema)) {
    if (rel !== 'related' || !/^application\/rdap\+json\b/i.test(type)) continue;
    const url = URL.parse(href);
    if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '') continue;
    if (url.search === '' && url.pathname.toLowerCase().endsWith(`/domain/${asked}`)) return url;
  }
  return null;
}

/** The items of a list that fit. */
function items<S extends z.ZodType>(values: readonly unknown[] | null | undefined, schema: S): z.infer<S>[] {
  return (values ?? []).slice(0, ITEMS_MAX).flatMap((value) => {
    const parsed = schema.safeParse(value);
    return parsed.success ? [parsed.data] : [];
  });
}
