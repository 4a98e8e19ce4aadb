import type { RegistrableDomain } from '../model/brand.ts';
import { parseRetryAfter } from '../net/retry-after.ts';
import { type Network, secureGet } from '../net/secure-get.ts';
import { type Finding, unknown } from './answer.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { readRdap } from './rdap-record.ts';

/** An answer of Verisign has 4 KB, one with all contacts 20 KB. */
const BODY_MAX_BYTES = 262_144;
/** Services of a zone that are tried, one after the other, while there is time. */
const SERVICES_TRIED = 2;

/**
 * Asks the RDAP services of a zone for a domain (RFC 9082, 3.1.3); the next one only when the first cannot be reached. Never
 * rejects; ends by the signal.
 */
export async function askRdap(
  domain: RegistrableDomain,
  services: readonly URL[],
  network: Network,
  limiter: RateLimiter,
  signal: AbortSignal,
): Promise<Finding> {
  let finding: Finding = unknown('no_service');
  for (const service of services.slice(0, SERVICES_TRIED)) {
    finding = await askRdapAt(new URL(`domain/${domain}`, service), domain, network, limiter, signal);
    if (finding.kind === 'found' || finding.why !== 'unreachable') break;
  }
  return finding;
}

/** Asks at one address for a domain. Never rejects; ends by the signal. */
export async function askRdapAt(
  url: URL,
  domain: RegistrableDomain,
  network: Network,
  limiter: RateLimiter,
  signal: AbortSignal,
): Promise<Finding> {
  const answer = await secureGet(url, {
    ...network,
    headers: { accept: 'application/rdap+json, application/json;q=0.9' },
    bodyMaxBytes: BODY_MAX_BYTES,
    signal,
    admit: (server) => limiter.admit(server, signal),
  });
  if (answer.kind === 'unknown') return answer;
  if (answer.kind === 'failed') return unknown(answer.why);
  switch (answer.status) {
    case 200:
      return readRdap(answer.text, domain);
    case 404:
      return unknown('not_found');
    case 429:
    case 503: {
      const asked = parseRetryAfter(answer.headers.get('retry-after'), Date.now());
      return unknown('rate_limited', limiter.pause(answer.server, asked));
    }
    default:
      return unknown('unreachable');
  }
}
