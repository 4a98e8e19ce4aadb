import { z } from 'zod';
import type { Host } from '../model/brand.ts';
import { type Concealment, concealmentOf, fieldText, mailDomain } from './record.ts';

/** Properties of a card that are looked at; real ones have about ten. */
const PROPERTIES_MAX = 60;
/** Entities of one object that are looked at. */
const ENTITIES_MAX = 20;
/** Where a jCard address keeps its country (RFC 6350, 6.3.1). */
const COUNTRY_AT = 6;

const list = z.array(z.unknown()).nullish().catch(null);

/** A contact of a domain (RFC 9083, 5.1), of which only what is looked at is kept; what does not fit is passed over. */
export const entitySchema = z.object({
  roles: z.array(z.string().catch('')).catch([]),
  publicIds: list,
  vcardArray: z
    .tuple([z.unknown(), z.array(z.unknown())])
    .nullish()
    .catch(null),
  entities: list,
  remarks: list,
});
export type Entity = z.infer<typeof entitySchema>;

const propertySchema = z
  .tuple([z.string().max(40), z.record(z.string(), z.unknown()).catch({}), z.unknown()])
  .rest(z.unknown());
const publicIdSchema = z.object({
  type: z.string().max(60),
  identifier: z.union([z.string().max(20), z.number()]),
});
const remarkSchema = z.object({ title: z.string().catch('') });

/** A jCard (RFC 7095), as far as a record needs it. */
export interface Card {
  readonly name: string | null;
  readonly organisation: string | null;
  readonly country: string | null;
  readonly mailDomain: Host | null;
  /** It says that it is a person's. */
  readonly isPerson: boolean;
}

/** Entities of an object, those that are none left out. */
export function entitiesOf(values: readonly unknown[] | null | undefined): Entity[] {
  return (values ?? []).slice(0, ENTITIES_MAX).flatMap((value) => {
    const parsed = entitySchema.safeParse(value);
    return parsed.success ? [parsed.data] : [];
  });
}

/** The first entity with a role. */
export function withRole(entities: readonly Entity[], role: string): Entity | null {
  return entities.find(({ roles }) => roles.some((its) => its.toLowerCase() === role)) ?? null;
}

export function cardOf(entity: Entity): Card {
  let [name, organisation, country, domain, isPerson]: [
    string | null,
    string | null,
    string | null,
    Host | null,
    boolean,
  ] = [null, null, null, null, false];
  for (const value of (entity.vcardArray?.[1] ?? []).slice(0, PROPERTIES_MAX)) {
    const property = propertySchema.safeParse(value);
    if (!property.success) continue;
    const [kind, params, , content] = property.data;
    switch (kind.toLowerCase()) {
      case 'fn':
        name ??= textOf(content);
        break;
      case 'org':
        organisation ??= textOf(content);
        break;
      case 'adr':
        country ??= textOf(params.cc) ?? textOf(Array.isArray(content) ? content[COUNTRY_AT] : null);
        break;
      case 'email':
        domain ??= typeof content === 'string' ? mailDomain(content) : null;
        break;
      case 'kind':
        isPerson = content === 'individual';
        break;
      default:
    }
  }
  return { name, organisation, country, mailDomain: domain, isPerson };
}

/** The number of a registrar at IANA. */
export function ianaIdOf({ publicIds }: Entity): number | null {
  for (const value of (publicIds ?? []).slice(0, ENTITIES_MAX)) {
    const parsed = publicIdSchema.safeParse(value);
    if (!parsed.success || !/iana registrar id/i.test(parsed.data.type)) continue;
    const text = String(parsed.data.identifier);
    if (/^\d{1,7}$/.test(text)) return Number(text);
  }
  return null;
}

/** Who a registrant is, as far as it is shown. A person's own name is not kept. */
export function registrantOf(
  entity: Entity,
  redacted: boolean,
): { organisation: string | null; country: string | null; concealment: Concealment } {
  const card = cardOf(entity);
  const said = card.organisation ?? card.name;
  const concealment = concealmentOf(`${card.organisation ?? ''} ${card.name ?? ''}`);
  const country = card.country !== null && concealmentOf(card.country) === 'redacted' ? null : card.country;
  if (concealment === 'privacy_service') return { organisation: said, country, concealment };
  const hidden = redacted || concealment === 'redacted' || saysRedacted(entity);
  const organisation =
    concealment === 'redacted' ? null : (card.organisation ?? (card.isPerson || hidden ? null : card.name));
  return { organisation, country, concealment: organisation === null && hidden ? 'redacted' : 'open' };
}

function saysRedacted({ remarks }: Entity): boolean {
  return (remarks ?? []).slice(0, ENTITIES_MAX).some((value) => {
    const parsed = remarkSchema.safeParse(value);
    return parsed.success && /redacted/i.test(parsed.data.title.slice(0, 100));
  });
}

/** A text, or the first of a list of them. */
function textOf(value: unknown): string | null {
  const first = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? fieldText(first) : null;
}
