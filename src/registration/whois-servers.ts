import { LRUCache } from 'lru-cache';
import { normalizeHost } from '../model/host.ts';
import type { UnknownWhy } from './answer.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { askWhois, type WhoisNetwork } from './whois.ts';
import { readReferral } from './whois-reply.ts';

/** Zones without RDAP, by their WHOIS server; the rest is asked of IANA. As of 2026-10, after the `whois` package of Debian. */
const SERVERS: Readonly<Record<string, string>> = {
  ac: 'whois.nic.ac',
  at: 'whois.nic.at',
  ch: 'whois.nic.ch',
  cl: 'whois.nic.cl',
  de: 'whois.denic.de',
  edu: 'whois.educause.edu',
  ee: 'whois.tld.ee',
  eu: 'whois.eu',
  hk: 'whois.hkirc.hk',
  hu: 'whois.nic.hu',
  ie: 'whois.weare.ie',
  il: 'whois.isoc.org.il',
  io: 'whois.nic.io',
  ir: 'whois.nic.ir',
  it: 'whois.nic.it',
  jp: 'whois.jprs.jp',
  kz: 'whois.nic.kz',
  li: 'whois.nic.li',
  lt: 'whois.domreg.lt',
  lu: 'whois.dns.lu',
  lv: 'whois.nic.lv',
  me: 'whois.nic.me',
  mx: 'whois.mx',
  my: 'whois.mynic.my',
  nu: 'whois.iis.nu',
  nz: 'whois.irs.net.nz',
  pt: 'whois.dns.pt',
  ro: 'whois.rotld.ro',
  ru: 'whois.tcinet.ru',
  se: 'whois.iis.se',
  sh: 'whois.nic.sh',
  sk: 'whois.sk-nic.sk',
  su: 'whois.tcinet.ru',
  us: 'whois.nic.us',
  'xn--p1ai': 'whois.tcinet.ru',
};
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

/** The server for a zone, or why there is none. */
export type WhoisServer =
  | { readonly kind: 'server'; readonly server: string }
  | { readonly kind: 'failed'; readonly why: UnknownWhy; readonly retryAfterMs: number | null };

/** How long a failure is shared by those who wait for it, and no longer. */
const FAILED_FOR_MS = 1;

/** Finds the WHOIS server of a top-level domain: by a table, else by asking IANA once. */
export class WhoisServers {
  readonly #referrals: LRUCache<string, WhoisServer, { network: WhoisNetwork; signal: AbortSignal }>;
  readonly #limiter: RateLimiter;
  readonly #iana: string;
  readonly #table: Readonly<Record<string, string>>;

  constructor(limiter: RateLimiter, iana = 'whois.iana.org', table = SERVERS) {
    this.#limiter = limiter;
    this.#iana = iana;
    this.#table = table;
    this.#referrals = new LRUCache({
      max: REFERRALS_MAX,
      ttl: REFERRAL_FOR_MS,
      ignoreFetchAbort: true,
      fetchMethod: async (tld, _stale, { context: { network, signal }, options }) => {
        const { isKept, ...found } = await this.#refer(tld, network, signal);
        if (!isKept) options.ttl = FAILED_FOR_MS;
        return found;
      },
    });
  }

  /** The server of a top-level domain; those who want the same referral share one query. Never rejects. */
  async find(tld: string, network: WhoisNetwork, signal: AbortSignal): Promise<WhoisServer> {
    const listed = Object.hasOwn(this.#table, tld) ? this.#table[tld] : undefined;
    if (listed !== undefined) return { kind: 'server', server: listed };
    return (await this.#referrals.fetch(tld, { context: { network, signal } })) ?? failed('no_service');
  }

  /** A zone without a server is an answer too. */
  async #refer(
    tld: string,
    network: WhoisNetwork,
    signal: AbortSignal,
  ): Promise<WhoisServer & { readonly isKept: boolean }> {
    const refused = await this.#limiter.admit(this.#iana, signal);
    if (refused !== null) return { ...failed(refused.why, refused.retryAfterMs), isKept: false };
    const reply = await askWhois(this.#iana, tld, network, signal);
    if (reply.kind === 'failed') return { ...failed(reply.why), isKept: false };
    const server = normalizeHost(readReferral(reply.text) ?? '');
    return { ...(server === null ? failed('no_service') : { kind: 'server', server }), isKept: true };
  }
}

function failed(why: UnknownWhy, retryAfterMs: number | null = null): WhoisServer {
  return { kind: 'failed', why, retryAfterMs };
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
