import { Registrations, type RegistrationTestOptions } from '../../../src/registration/registrations.ts';
import { RegistryServer, TestCa, WhoisServer } from '../../registration/registry-server.ts';

const DAY_MS = 86_400_000;
/** Until a domain expires. */
const DAYS_LEFT = 400;

/** What a registry holds of a domain. */
export interface Registered {
  /** Days ago; null where the registry tells no date. */
  readonly days: number | null;
  readonly org: string;
  readonly registrar: string;
  /** A line of a WHOIS reply; the zone then has no RDAP. */
  readonly remark?: string;
}

/** One registry, and the product's way to ask it. */
export interface Registry {
  readonly registrations: Registrations;
  close(): void;
}

/** Registries on loopback, by RDAP and WHOIS: one a domain, since one registry is asked a few times a second only. */
export class Registries {
  readonly #ca = new TestCa();
  readonly #rdap = new RegistryServer(this.#ca);
  #made = 0;

  /** The registry of one domain; null answers nothing. */
  async of(domain: string, registered: Registered | null): Promise<Registry> {
    const zone = domain.slice(domain.indexOf('.') + 1);
    const whois = await new WhoisServer().listen();
    const path = `/${++this.#made}/`;
    const asked = `${path}domain/${domain}`;
    let services: readonly unknown[] = [[[zone], [`${this.#rdap.origin}${path}`]]];
    if (registered === null) this.#rdap.on(asked, () => new Response('', { status: 503 }));
    else if (registered.remark === undefined) this.#rdap.json(asked, rdapOf(domain, registered));
    else {
      services = [];
      whois.answer = (socket) => socket.end(replyOf(domain, registered));
    }
    const forTests: Partial<RegistrationTestOptions> = {
      allowPrivate: true,
      ca: this.#ca.ca,
      bootstrap: { publication: '2026-01-01T00:00:00Z', services },
      ianaWhois: 'localhost',
      whoisServers: { [zone]: 'localhost' },
      whoisPort: whois.port,
    };
    const registrations = new Registrations({ stateDir: null, onTrouble: () => {}, forTests });
    return {
      registrations,
      close: () => {
        registrations.close();
        whois.close();
      },
    };
  }

  async close(): Promise<void> {
    await this.#rdap.close();
    this.#ca.close();
  }
}

function rdapOf(name: string, { days, org, registrar }: Registered): object {
  const events = [
    ['registration', days],
    ['last changed', days === null ? null : Math.floor(days / 10)],
    ['expiration', -DAYS_LEFT],
  ] as const;
  const card = (properties: readonly unknown[]): unknown => [
    'vcard',
    [['version', {}, 'text', '4.0'], ...properties],
  ];
  return {
    objectClassName: 'domain',
    ldhName: name,
    status: ['client transfer prohibited'],
    nameservers: ['ns1', 'ns2'].map((ns) => ({
      objectClassName: 'nameserver',
      ldhName: `${ns}.dns-park.com`,
    })),
    entities: [
      { objectClassName: 'entity', roles: ['registrar'], vcardArray: card([['fn', {}, 'text', registrar]]) },
      { objectClassName: 'entity', roles: ['registrant'], vcardArray: card([['org', {}, 'text', org]]) },
    ],
    events: events.flatMap(([eventAction, ago]) =>
      ago === null ? [] : [{ eventAction, eventDate: dayOf(ago) }],
    ),
  };
}

function replyOf(name: string, { days, org, registrar, remark }: Registered): string {
  const lines = [
    `domain:      ${name}`,
    ...(days === null ? [] : [`created:     ${dayOf(days)}`]),
    `registrar:   ${registrar}`,
    `org:         ${org}`,
    'nserver:     ns1.dns-park.com',
    'status:      ok',
    `remarks:     ${remark}`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function dayOf(ago: number): string {
  return `${new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 19)}Z`;
}
