import { z } from 'zod';
import { type Concealment, fieldText, type RdapRecord } from './record.ts';

/** Items of any list that are looked at; real cards have about ten properties. */
const ITEMS_MAX = 100;
/** Where a jCard address keeps its country (RFC 6350, 6.3.1). */
const COUNTRY_AT = 6;

const list = z.array(z.unknown()).nullish().catch(null);
/** A contact of a domain (RFC 9083, 5.1), of which only what is looked at is kept; what does not fit is passed over. */
const entitySchema = z.object({
  roles: z.array(z.string().catch('')).catch([]),
  vcardArray: z.tuple([z.unknown(), list]).nullish().catch(null),
  remarks: list,
});
const propertySchema = z
  .tuple([z.string().max(40), z.record(z.string(), z.unknown()).catch({}), z.unknown()])
  .rest(z.unknown());
const remarkSchema = z.object({ title: z.string().catch('') });

// Blanked by the registry or the registrar; "redacted for privacy" is no privacy service.
const REDACTED =
  /redacted|not (?:disclosed|shown|available|displayed)|data[ -]protect(?:ed|ion)|masking enabled|withheld(?! for privacy)|gdpr|hidden upon|undisclosed|private person|anonymous|non-public data|statutory mask/i;
const PRIVACY_SERVICE =
  /privacy|proxy|whois ?guard|whois ?(?:agent|trustee|foundation)|private (?:registration|whois|ranger)|registration private|identity protect|domain protection|id ?shield|anonymi[sz]e|super privacy|privado/i;

type Entity = z.infer<typeof entitySchema>;
type Values = readonly unknown[] | null | undefined;

/** Who a registrant is, as far as it is shown. */
export type Registrant = Pick<RdapRecord, 'organisation' | 'country' | 'concealment'>;

/** The name of the registrar among the entities of a domain. */
export function registrarOf(entities: Values): string | null {
  const registrar = withRole(entities, 'registrar');
  if (registrar === null) return null;
  const { name, organisation } = cardOf(registrar);
  return name ?? organisation;
}

/** The registrant among the entities of a domain. `isRedacted`: the server says that it left it out. A person's own name is not kept. */
export function registrantOf(entities: Values, isRedacted: boolean): Registrant {
  const entity = withRole(entities, 'registrant');
  if (entity === null)
    return { organisation: null, country: null, concealment: isRedacted ? 'redacted' : null };
  const card = cardOf(entity);
  const concealment = concealmentOf(`${card.organisation ?? ''} ${card.name ?? ''}`);
  const country = card.country !== null && REDACTED.test(card.country) ? null : card.country;
  if (concealment === 'privacy_service')
    return { organisation: card.organisation ?? card.name, country, concealment };
  const isHidden = isRedacted || concealment === 'redacted' || saysRedacted(entity);
  const said = card.organisation ?? (card.isPerson || isHidden ? null : card.name);
  const organisation = concealment === 'redacted' ? null : said;
  return { organisation, country, concealment: organisation === null && isHidden ? 'redacted' : 'open' };
}

/** The items of a list that fit. */
export function items<S extends z.ZodType>(values: Values, schema: S): z.infer<S>[] {
  return (values ?? []).slice(0, ITEMS_MAX).flatMap((value) => {
    const parsed = schema.safeParse(value);
    return parsed.success ? [parsed.data] : [];
  });
}

function withRole(entities: Values, role: string): Entity | null {
  const all = items(entities, entitySchema);
  return all.find(({ roles }) => roles.some((its) => its.toLowerCase() === role)) ?? null;
}

/** A jCard (RFC 7095), as far as a record needs it: the first property of each kind. */
function cardOf({ vcardArray }: Entity) {
  const properties = new Map(
    items(vcardArray?.[1], propertySchema)
      .reverse()
      .map(([kind, params, , content]) => [kind.toLowerCase(), { params, content }]),
  );
  const address = properties.get('adr');
  const country = Array.isArray(address?.content) ? address.content[COUNTRY_AT] : null;
  return {
    name: textOf(properties.get('fn')?.content),
    organisation: textOf(properties.get('org')?.content),
    country: textOf(address?.params.cc) ?? textOf(country),
    /** It says that it is a person's. */
    isPerson: properties.get('kind')?.content === 'individual',
  };
}

function concealmentOf(name: string): Concealment {
  if (REDACTED.test(name)) return 'redacted';
  return PRIVACY_SERVICE.test(name) ? 'privacy_service' : 'open';
}

function saysRedacted({ remarks }: Entity): boolean {
  return items(remarks, remarkSchema).some(({ title }) => /redacted/i.test(title.slice(0, 100)));
}

/** A text, or the first of a list of them. */
function textOf(value: unknown): string | null {
  const first = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? fieldText(first) : null;
}
