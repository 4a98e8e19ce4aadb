import type { RegistrableDomain } from '../model/brand.ts';
import { type Finding, unknown } from './answer.ts';
import { type Bootstrap, servicesOf } from './bootstrap.ts';
import { askRdap } from './rdap.ts';
import { Restraint } from './restraint.ts';
import { askWhois, type WhoisNetwork } from './whois.ts';
import { readWhois } from './whois-date.ts';
import { WhoisServers, whoisLine } from './whois-servers.ts';

/** Asks the registry of a domain: by RDAP where its zone has a service, else by WHOIS. */
export class Inquiry {
  readonly #network: WhoisNetwork;
  readonly #servers: WhoisServers;
  readonly #restraint = new Restraint();

  /** `iana` and `whoisServers` replace who is asked by WHOIS; for tests. */
  constructor(network: WhoisNetwork, iana?: string, whoisServers?: Readonly<Record<string, string>>) {
    this.#network = network;
    this.#servers = new WhoisServers(this.#restraint, iana, whoisServers);
  }

  /** One inquiry. Never rejects; ends by the signal, save that a slow name server can hold it up. */
  async make(domain: RegistrableDomain, bootstrap: Bootstrap, signal: AbortSignal): Promise<Finding> {
    const services = servicesOf(domain, bootstrap);
    if (services.length > 0) return askRdap(domain, services, this.#network, this.#restraint, signal);
    const tld = domain.slice(domain.lastIndexOf('.') + 1);
    const found = await this.#servers.find(tld, this.#network, signal);
    if (found.kind === 'failed') return unknown(found.why, found.retryAfterMs);
    return this.#askServer(found.server, domain, signal);
  }

  async #askServer(server: string, domain: RegistrableDomain, signal: AbortSignal): Promise<Finding> {
    const refused = await this.#restraint.admit(server, signal);
    if (refused !== null) return unknown(refused.why, refused.retryAfterMs);
    const reply = await askWhois(server, whoisLine(server, domain), this.#network, signal);
    if (reply.kind === 'failed') return unknown(reply.why);
    const reading = readWhois(reply.text);
    switch (reading.kind) {
      case 'registered':
        return { kind: 'registered', at: reading.at, source: 'whois' };
      case 'rate_limited':
        return unknown('rate_limited', this.#restraint.pause(server, null));
      default:
        return unknown(reading.kind);
    }
  }
}
