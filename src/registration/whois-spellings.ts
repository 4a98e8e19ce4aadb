/** What part of a reply a line stands in. `asked` names the domain itself; `contact` is somebody who is not the registrant. */
export type Section =
  | 'domain'
  | 'asked'
  | 'registrant'
  | 'registrar'
  | 'servers'
  | 'status'
  | 'dnssec'
  | 'abuse'
  | 'contact';

/** What a field means. `name` may be of a person or an organisation, `handle` points at a contact further below. */
export type Slot =
  | 'domain'
  | 'updated'
  | 'expires'
  | 'registrar'
  | 'registrar_id'
  | 'status'
  | 'organisation'
  | 'name'
  | 'person'
  | 'country'
  | 'kind'
  | 'anonymous'
  | 'handle'
  | 'own_handle'
  | 'abuse'
  | 'server'
  | 'dnssec'
  | 'key'
  | 'remark';

/** Headings, in small letters with single blanks, of the sections that replies are made of. */
export const HEADINGS: ReadonlyMap<string, Section> = spellings({
  asked: 'domain, domain name',
  registrant:
    'registrant, holder, owner, domain holder, domain owner, registrant contact, registrant contact information, registrant information, owner contact',
  registrar:
    'registrar, sponsoring registrar, current registrar, authorized registrar, authorized agency, registrar information, registration service provider',
  servers:
    'name servers, nameservers, name server, domain nameservers, domain servers, domain servers in listed order, domain name servers, nservers, dns servers',
  status: 'registration status, domain status, status, flags',
  dnssec: 'dnssec, keys, ds records',
  abuse: 'abuse contact, abuse contacts',
  contact:
    'admin, admin contact, administrative contact, billing contact, contact, contact information, data validation, onsite, onsite contact, registrar technical contacts, reseller, secondary contact, tech, technical, technical contact, technical contacts, zone contact, whois',
});

/** Fields that begin a block of their own where an empty line stands before them. */
export const BLOCK_HEADS: ReadonlyMap<string, Section> = spellings({
  contact: 'contact, nic-hdl, nic-hdl-br, person, personname, role',
  registrar: 'registrar',
});

const DOMAIN: ReadonlyMap<string, Slot> = spellings({
  domain: 'domain, domain name, domain_name, domainname',
  updated:
    'changed, domain last updated date, domain_datelastmodified, last changed, last modified, last update, last updated, last updated date, last updated on, last-update, last_update, modified, record last updated on, updated, updated date, updated on',
  expires:
    'domain expiration date, domain expires, exp date, expiration date, expiration time, expire, expire date, expires, expires at, expires on, expiry, expiry date, paid-till, record expires on, registrar registration expiration date, registry expiry date, renewal date, valid until, validity',
  registrar:
    'authorized agency, current registrar, registrar, registrar name, registrar organization, registrar_name, sponsoring registrar',
  registrar_id: 'registrar iana id, sponsoring registrar iana id',
  status: 'domain status, eppstatus, lock status, state, status',
  organisation:
    'org, organization, owner, registrant organisation, registrant organization, registrant_organization',
  name: 'holder, registrant',
  person: 'person, registrant name, registrant person, registrant_contact_name',
  country: 'country, registrant country, registrant country/economy, registrant_contact_country',
  handle: 'holder-c, owner-c',
  abuse: 'abuse contact, abuse email, abuse-mailbox, registrar abuse contact email',
  server: 'host name, hostname, name server, nameserver, nameservers, nserver',
  dnssec: 'dnssec, signed',
  key: 'dnskey, dsrecord, ds data, ds record, ds-rdata, dsl_rdata, key1-tag, signing key',
  remark: 'comment, descr, remark, remarks',
});

const REGISTRANT: ReadonlyMap<string, Slot> = spellings({
  organisation: 'org, organisation, organization',
  name: ', name',
  person: 'contact name, person',
  country: 'country, country code',
});

const CONTACT: ReadonlyMap<string, Slot> = spellings({
  own_handle: 'nic-hdl, nic-hdl-br',
  organisation: 'org, organisation, organization',
  name: 'contact, role',
  person: 'person, personname',
  country: 'country',
  kind: 'type',
  anonymous: 'anonymous',
});

const WITHIN: Readonly<Record<Section, ReadonlyMap<string, Slot>>> = {
  domain: DOMAIN,
  asked: spellings({ domain: ', name' }),
  registrant: REGISTRANT,
  registrar: spellings({
    registrar: ', name, organisation, organization',
    registrar_id: 'iana id',
    abuse: 'abuse email',
  }),
  servers: spellings({ server: ', host name, hostname, name server, nserver' }),
  status: spellings({ status: '' }),
  dnssec: spellings({ dnssec: ', signed', key: 'dnskey, ds, flags' }),
  abuse: spellings({ abuse: ', e-mail, email' }),
  contact: CONTACT,
};

/** Names that mean the same wherever they stand: an empty field above them is not their heading. */
const UNMISTAKABLE = /^(?:registrar|registrant|registry|domain|name server|dnssec)\b/;

/** What a field means in a section; null when nothing of interest. The name is '' for a line that is no field. */
export function slotOf(section: Section, name: string): Slot | null {
  const own = WITHIN[section].get(name);
  if (own !== undefined) return own;
  return section === 'asked' || UNMISTAKABLE.test(name) ? (DOMAIN.get(name) ?? null) : null;
}

function spellings<V extends string>(names: Readonly<Partial<Record<V, string>>>): ReadonlyMap<string, V> {
  const entries = Object.entries(names) as [V, string][];
  return new Map(
    entries.flatMap(([meaning, list]) => list.split(',').map((name) => [name.trim(), meaning] as const)),
  );
}
