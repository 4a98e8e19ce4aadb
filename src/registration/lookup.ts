import type { RegistrableDomain } from '../model/brand.ts';
import { type Finding, type Found, type UnknownWhy, unknown } from './answer.ts';
import { type Bootstrap, servicesOf } from './bootstrap.ts';
import { RateLimiter } from './rate-limiter.ts';
import { askRdap, askRdapAt } from './rdap.ts';
import { askWhois, type WhoisNetwork } from './whois.ts';
import { readWhois } from './whois-reply.ts';
import { tellsNoDate, WhoisServers, whoisLine } from './whois-servers.ts';

/** After these, WHOIS may still know; a registry that wants to be left alone, or knows no such domain, is not asked again there. */
const FALL_BACK: ReadonlySet<UnknownWhy> = new Set([
  'no_service',
  'no_date',
  'timed_out',
  'unreachable',
  'malformed',
]);

/** Asks the registry of a domain: by RDAP where its zone has a service, else by WHOIS. */
export class Lookup {
  readonly #network: WhoisNetwork;
  readonly #servers: WhoisServers;
  readonly #limiter = new RateLimiter();

  /** `iana` and `whoisServers` replace who is asked by WHOIS; for tests. */
  constructor(network: WhoisNetwork, iana?: string, whoisServers?: Readonly<Record<string, string>>) {
    this.#network = network;
    this.#servers = new WhoisServers(this.#limiter, network, iana, whoisServers);
  }

  /** Asks one registry for the age. Never rejects; ends by the signal, save that a slow name server can hold it up. */
  age(domain: RegistrableDomain, bootstrap: Bootstrap, signal: AbortSignal): Promise<Finding> {
    const services = servicesOf(domain, bootstrap);
    if (services.length > 0) return this.#askRdap(domain, services, signal);
    return tellsNoDate(domain) ? Promise.resolve(unknown('no_date')) : this.#askWhois(domain, signal);
  }

  /**
   * Asks for all that can be known, by WHOIS too when RDAP gives nothing; of a thin registry also the registrar that it names.
   * `before` is what the registry said, when it was asked already. Never rejects; ends like `age`.
   */
  async record(
    domain: RegistrableDomain,
    before: Found | null,
    bootstrap: Bootstrap,
    signal: AbortSignal,
  ): Promise<Finding> {
    const services = servicesOf(domain, bootstrap);
    const found = before ?? (await this.#askRdap(domain, services, signal));
    if (found.kind === 'found') return this.#withRegistrar(domain, found, signal);
    if (!mayTellMore(found.why) || signal.aborted) return found;
    const told = await this.#askWhois(domain, signal);
    return told.kind === 'unknown' && services.length > 0 ? found : told;
  }

  /** Registries of thin zones know no registrant: the registrar tells. */
  async #withRegistrar(domain: RegistrableDomain, found: Found, signal: AbortSignal): Promise<Finding> {
    const { record, more } = found;
    if (more === null || record.source !== 'rdap' || record.concealment !== null)
      return { ...found, more: null };
    const told = await askRdapAt(more, domain, this.#network, this.#limiter, signal);
    if (told.kind !== 'found' || told.record.source !== 'rdap') return { ...found, more: null };
    const { organisation, country, concealment } = told.record;
    return { ...found, record: { ...record, organisation, country, concealment }, more: null };
  }

  #askRdap(domain: RegistrableDomain, services: readonly URL[], signal: AbortSignal): Promise<Finding> {
    return askRdap(domain, services, this.#network, this.#limiter, signal);
  }

  async #askWhois(domain: RegistrableDomain, signal: AbortSignal): Promise<Finding> {
    const tld = domain.slice(domain.lastIndexOf('.') + 1);
    const server = await this.#servers.find(tld, signal);
    if (typeof server !== 'string') return server;
    const refused = await this.#limiter.admit(server, signal);
    if (refused !== null) return refused;
    const reply = await askWhois(server, whoisLine(server, domain), this.#network, signal);
    if (typeof reply !== 'string') return reply;
    const finding = readWhois(reply, domain);
    return finding.kind === 'unknown' && finding.why === 'rate_limited'
      ? unknown('rate_limited', this.#limiter.pause(server, null))
      : finding;
  }
}

/** Whether `record` may find more than an `age` that ended so. */
export function mayTellMore(why: UnknownWhy): boolean {
  return FALL_BACK.has(why);
}
