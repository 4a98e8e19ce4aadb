import { LRUCache } from 'lru-cache';
import { normalizeHost } from '../model/host.ts';
import type { UnknownWhy } from './answer.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { askWhois, type WhoisNetwork } from './whois.ts';
import { readReferral } from './whois-date.ts';

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

/** Finds the WHOIS server of a top-level domain: by a table, else by asking IANA once. */
export class WhoisServers {
  readonly #referrals = new LRUCache<string, WhoisServer>({ max: REFERRALS_MAX, ttl: REFERRAL_FOR_MS });
  readonly #asking = new Map<string, Promise<WhoisServer>>();
  readonly #restraint: RateLimiter;
  readonly #iana: string;
  readonly #table: Readonly<Record<string, string>>;

  constructor(restraint: RateLimiter, iana = 'whois.iana.org', table = SERVERS) {
    this.#restraint = restraint;
    this.#iana = iana;
    this.#table = table;
  }

  /** The server of a top-level domain; those who want the same referral share one query. Never rejects. */
  find(tld: string, network: WhoisNetwork, signal: AbortSignal): Promise<WhoisServer> {
    const listed = Object.hasOwn(this.#table, tld) ? this.#table[tld] : undefined;
    if (listed !== undefined) return Promise.resolve({ kind: 'server', server: listed });
    const referred = this.#referrals.get(tld);
    if (referred !== undefined) return Promise.resolve(referred);
    const running = this.#asking.get(tld);
    if (running !== undefined) return running;
    const started = this.#refer(tld, network, signal).finally(() => this.#asking.delete(tld));
    this.#asking.set(tld, started);
    return started;
  }

  async #refer(tld: string, network: WhoisNetwork, signal: AbortSignal): Promise<WhoisServer> {
    const refused = await this.#restraint.admit(this.#iana, signal);
    if (refused !== null) return refused;
    const reply = await askWhois(this.#iana, tld, network, signal);
    if (reply.kind === 'failed') return failed(reply.why);
    const server = normalizeHost(readReferral(reply.text) ?? '');
    const found: WhoisServer = server === null ? failed('no_service') : { kind: 'server', server };
    this.#referrals.set(tld, found);
    return found;
  }
}

function failed(why: UnknownWhy): WhoisServer {
  return { kind: 'failed', why, retryAfterMs: null };
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
