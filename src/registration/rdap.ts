import type { RegistrableDomain } from '../model/brand.ts';
import { parseRetryAfter } from '../net/retry-after.ts';
import { type Unknown, unknown } from './answer.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { type Network, secureGet } from './secure-get.ts';

/** An answer of Verisign has 4 KB, one with all contacts 20 KB. */
const BODY_MAX_BYTES = 262_144;
/** Services of a zone that are tried, one after the other, while there is time. */
const SERVICES_TRIED = 2;

/** How RDAP services are asked: over which network, and no more often than they bear. */
export interface RdapAccess {
  readonly network: Network;
  readonly restraint: RateLimiter;
}

/** Reads an answer about a domain. */
type Reader<T> = (text: string, asked: RegistrableDomain) => T | Unknown;

/**
 * Asks the RDAP services of a zone for a domain (RFC 9082, 3.1.3); the next one only when the first cannot be reached. Never
 * rejects; ends by the signal.
 */
export async function askRdap<T extends { readonly kind: string }>(
  domain: RegistrableDomain,
  services: readonly URL[],
  read: Reader<T>,
  access: RdapAccess,
  signal: AbortSignal,
): Promise<T | Unknown> {
  let finding: T | Unknown = unknown('no_service');
  for (const service of services.slice(0, SERVICES_TRIED)) {
    finding = await askRdapAt(new URL(`domain/${domain}`, service), domain, read, access, signal);
    if (finding.kind !== 'unknown' || (finding as Unknown).why !== 'unreachable') break;
  }
  return finding;
}

/** Asks at one address for a domain. Never rejects; ends by the signal. */
export async function askRdapAt<T>(
  url: URL,
  domain: RegistrableDomain,
  read: Reader<T>,
  { network, restraint }: RdapAccess,
  signal: AbortSignal,
): Promise<T | Unknown> {
  const answer = await secureGet(url, {
    ...network,
    headers: { accept: 'application/rdap+json, application/json;q=0.9' },
    bodyMaxBytes: BODY_MAX_BYTES,
    signal,
    admit: (server) => restraint.admit(server, signal),
  });
  if (answer.kind === 'failed') return unknown(answer.why, answer.retryAfterMs);
  switch (answer.status) {
    case 200:
      return read(answer.text, domain);
    case 404:
      return unknown('not_found');
    case 429:
    case 503: {
      const asked = parseRetryAfter(answer.headers.get('retry-after'), Date.now());
      return unknown('rate_limited', restraint.pause(answer.server, asked));
    }
    default:
      return unknown('unreachable');
  }
}
