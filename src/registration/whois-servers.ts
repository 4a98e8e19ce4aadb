import { LRUCache } from 'lru-cache';
import servers from '../../lists/rdap/whois.json';
import { normalizeHost } from '../model/host.ts';
import { type Unknown, unknown } from './answer.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { askWhois, type WhoisNetwork } from './whois.ts';
import { readReferral } from './whois-reply.ts';

/** Zones without RDAP, by their WHOIS server; the rest is asked of IANA. As of 2026-10, after the `whois` package of Debian. */
const SERVERS: Readonly<Record<string, string>> = servers;
/** Registries that answer, and do not publish when a domain was registered: not worth a query for its age. */
const DATELESS: ReadonlySet<string> = new Set(['at', 'de', 'eu']);
/** What servers want before and after a name: the German one tells next to nothing without, the Japanese one answers in English. */
const LINES: Readonly<Record<string, readonly [before: string, after: string]>> = {
  'whois.denic.de': ['-T dn,ace ', ''],
  'whois.jprs.jp': ['', '/e'],
  // Else it looks for name servers and registrars of that name too.
  'whois.verisign-grs.com': ['domain ', ''],
};

/** Top-level domains whose referral is kept, and for how long. */
const REFERRALS_MAX = 512;
const REFERRAL_FOR_MS = 7 * 86_400_000;
/** How long a failure is shared by those who wait for it, and no longer. */
const FAILED_FOR_MS = 1;

/** The server for a zone; null when it has none. */
type Referral = { readonly kind: 'server'; readonly server: string | null };

/** Finds the WHOIS server of a top-level domain: by a table, else by asking IANA once. */
export class WhoisServers {
  readonly #referrals: LRUCache<string, Referral | Unknown, AbortSignal>;
  readonly #limiter: RateLimiter;
  readonly #network: WhoisNetwork;
  readonly #iana: string;
  readonly #table: Readonly<Record<string, string>>;

  constructor(limiter: RateLimiter, network: WhoisNetwork, iana = 'whois.iana.org', table = SERVERS) {
    this.#limiter = limiter;
    this.#network = network;
    this.#iana = iana;
    this.#table = table;
    this.#referrals = new LRUCache({
      max: REFERRALS_MAX,
      ttl: REFERRAL_FOR_MS,
      ignoreFetchAbort: true,
      fetchMethod: async (tld, _stale, { context: signal, options }) => {
        const found = await this.#refer(tld, signal);
        if (found.kind === 'unknown') options.ttl = FAILED_FOR_MS;
        return found;
      },
    });
  }

  /** The server of a top-level domain; those who want the same referral share one query. Never rejects. */
  async find(tld: string, signal: AbortSignal): Promise<string | Unknown> {
    if (Object.hasOwn(this.#table, tld)) return this.#table[tld] ?? unknown('no_service');
    const found = await this.#referrals.fetch(tld, { context: signal });
    return found?.kind === 'unknown' ? found : (found?.server ?? unknown('no_service'));
  }

  async #refer(tld: string, signal: AbortSignal): Promise<Referral | Unknown> {
    const refused = await this.#limiter.admit(this.#iana, signal);
    if (refused !== null) return refused;
    const reply = await askWhois(this.#iana, tld, this.#network, signal);
    return typeof reply === 'string'
      ? { kind: 'server', server: normalizeHost(readReferral(reply) ?? '') }
      : reply;
  }
}

/** The registry of this domain tells nobody when it was registered. */
export function tellsNoDate(domain: string): boolean {
  return DATELESS.has(domain.slice(domain.lastIndexOf('.') + 1));
}

/** The line that asks a server for a domain. */
export function whoisLine(server: string, domain: string): string {
  const [before, after] = LINES[server] ?? ['', ''];
  return `${before}${domain}${after}`;
}
