import type { RegistrableDomain } from '../model/brand.ts';
import { type Finding, type Unknown, type UnknownWhy, unknown } from './answer.ts';
import { type Bootstrap, servicesOf } from './bootstrap.ts';
import { RateLimiter } from './rate-limiter.ts';
import { askRdap, askRdapAt } from './rdap.ts';
import { type RdapRecord, readRdapRecord } from './rdap-record.ts';
import { readRdap } from './rdap-reply.ts';
import { completed, type RegistrationRecord } from './record.ts';
import { askWhois, type WhoisNetwork } from './whois.ts';
import { readWhois, type WhoisReading } from './whois-date.ts';
import { readWhoisRecord, type WhoisRecord } from './whois-record.ts';
import { tellsNoDate, WhoisServers, whoisLine } from './whois-servers.ts';

/** After these, WHOIS may still know; a registry that wants to be left alone, or knows no such domain, is not asked again there. */
const FALL_BACK: ReadonlySet<UnknownWhy> = new Set(['no_service', 'timed_out', 'unreachable', 'malformed']);

/** A whole record, as it was found. */
export type RecordFinding = { readonly kind: 'record'; readonly record: RegistrationRecord } | Unknown;

/** Asks the registry of a domain: by RDAP where its zone has a service, else by WHOIS. */
export class Inquiry {
  readonly #network: WhoisNetwork;
  readonly #servers: WhoisServers;
  readonly #restraint = new RateLimiter();

  /** `iana` and `whoisServers` replace who is asked by WHOIS; for tests. */
  constructor(network: WhoisNetwork, iana?: string, whoisServers?: Readonly<Record<string, string>>) {
    this.#network = network;
    this.#servers = new WhoisServers(this.#restraint, iana, whoisServers);
  }

  /** Asks for the registration date. Never rejects; ends by the signal, save that a slow name server can hold it up. */
  async make(domain: RegistrableDomain, bootstrap: Bootstrap, signal: AbortSignal): Promise<Finding> {
    const services = servicesOf(domain, bootstrap);
    if (services.length > 0) return askRdap(domain, services, readRdap, this.#rdap(), signal);
    if (tellsNoDate(domain)) return unknown('no_date');
    const reading = await this.#askWhois(domain, readWhois, signal);
    switch (reading.kind) {
      case 'unknown':
        return reading;
      case 'registered':
        return { kind: 'registered', at: reading.at, source: 'whois' };
      default:
        return unknown(reading.kind);
    }
  }

  /**
   * Asks for the whole record, by WHOIS too when RDAP gives none; of a thin registry also the registrar that it names. Never
   * rejects; ends by the signal, save that a slow name server can hold it up.
   */
  async record(domain: RegistrableDomain, bootstrap: Bootstrap, signal: AbortSignal): Promise<RecordFinding> {
    const services = servicesOf(domain, bootstrap);
    const found = await askRdap(domain, services, readRdapRecord, this.#rdap(), signal);
    if (found.kind === 'record') return this.#withRegistrar(domain, found, signal);
    if (!FALL_BACK.has(found.why) || signal.aborted) return found;
    const told = await this.#askWhois(domain, (text) => readWhoisRecord(text, domain), signal);
    return told.kind === 'unknown' && services.length > 0 ? found : told;
  }

  async #withRegistrar(
    domain: RegistrableDomain,
    found: RdapRecord,
    signal: AbortSignal,
  ): Promise<RecordFinding> {
    const { record, more } = found;
    if (more === null || record.concealment !== null) return { kind: 'record', record };
    const told = await askRdapAt(more, domain, readRdapRecord, this.#rdap(), signal);
    return { kind: 'record', record: told.kind === 'record' ? completed(record, told.record) : record };
  }

  async #askWhois<T extends WhoisReading | WhoisRecord>(
    domain: RegistrableDomain,
    read: (text: string) => T,
    signal: AbortSignal,
  ): Promise<T | Unknown> {
    const tld = domain.slice(domain.lastIndexOf('.') + 1);
    const found = await this.#servers.find(tld, this.#network, signal);
    if (found.kind === 'failed') return unknown(found.why, found.retryAfterMs);
    const { server } = found;
    const refused = await this.#restraint.admit(server, signal);
    if (refused !== null) return unknown(refused.why, refused.retryAfterMs);
    const reply = await askWhois(server, whoisLine(server, domain), this.#network, signal);
    if (reply.kind === 'failed') return unknown(reply.why);
    const reading = read(reply.text);
    const isLimited =
      reading.kind === 'rate_limited' || (reading.kind === 'unknown' && reading.why === 'rate_limited');
    return isLimited ? unknown('rate_limited', this.#restraint.pause(server, null)) : reading;
  }

  #rdap() {
    return { network: this.#network, restraint: this.#restraint };
  }
}
