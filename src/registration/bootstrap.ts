import { z } from 'zod';
import embedded from '../../lists/rdap/dns.json';
import { normalizeHost } from '../model/host.ts';

/** Services of a registry file, and zones of a service; the file of 2026 has 590 services, the largest 600 zones. */
const SERVICES_MAX = 5_000;
const ZONES_MAX = 5_000;
const URLS_MAX = 10;
const URL_MAX_CHARS = 500;

const registrySchema = z.object({
  publication: z.iso.datetime({ offset: true }),
  services: z
    .array(
      z.tuple([
        z.array(z.string().max(253)).max(ZONES_MAX),
        z.array(z.string().max(URL_MAX_CHARS)).max(URLS_MAX),
      ]),
    )
    .max(SERVICES_MAX),
});

/** Which RDAP services answer for which zones (RFC 9224). */
export interface Bootstrap {
  /** When IANA published it, Unix milliseconds. */
  readonly publishedMs: number;
  /** Addresses by zone, in A-labels; https only, each ending in a slash. */
  readonly zones: ReadonlyMap<string, readonly URL[]>;
}

/** Reads a bootstrap registry; null when it is none. Services without https, and zones that are no names, are left out. */
export function parseBootstrap(value: unknown): Bootstrap | null {
  const parsed = registrySchema.safeParse(value);
  return parsed.success ? bootstrapOf(parsed.data.publication, parsed.data.services) : null;
}

function bootstrapOf(publication: string, services: readonly (readonly (readonly string[])[])[]): Bootstrap {
  const zones = new Map<string, readonly URL[]>();
  for (const [names = [], addresses = []] of services) {
    const urls = addresses.map(serviceUrl).filter((url) => url !== null);
    if (urls.length === 0) continue;
    for (const name of names) {
      const zone = normalizeHost(name);
      if (zone !== null) zones.set(zone, urls);
    }
  }
  return { publishedMs: Date.parse(publication), zones };
}

/** The copy inside the program, about 30 KB, which a test checks. */
export function embeddedBootstrap(): Bootstrap {
  return bootstrapOf(embedded.publication, embedded.services);
}

/** The services of the zone with the most labels that a domain ends in (RFC 9224 section 4); none is an empty list. */
export function servicesOf(domain: string, { zones }: Bootstrap): readonly URL[] {
  for (let at = 0; at >= 0; at = next(domain, at)) {
    const urls = zones.get(domain.slice(at));
    if (urls !== undefined) return urls;
  }
  return [];
}

function next(domain: string, at: number): number {
  const dot = domain.indexOf('.', at);
  return dot < 0 ? -1 : dot + 1;
}

function serviceUrl(text: string): URL | null {
  const url = URL.parse(text.endsWith('/') ? text : `${text}/`);
  const plain =
    url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return plain && url.protocol === 'https:' ? url : null;
}
