import type { Host } from '../../../model/brand.ts';
import { cleanText } from '../../../model/clean.ts';
import { normalizeHost } from '../../../model/host.ts';
import { type GetResponse, portOf } from '../../../net/http-get.ts';
import { bareHost, type Reachable, reachableInTime } from '../../../net/reachable.ts';
import { followRedirects, type Hop } from '../../../net/redirects.ts';
import { certificateFault, errorCode } from '../certificate/fault.ts';
import type { ToolNetwork } from '../tool.ts';

const REDIRECTS_MAX = 5;
const URL_MAX_CHARS = 200;
const CONNECT_MS = 2_500;
const IDLE_MS = 3_000;
/** Where web servers are; what else listens on the internet is not spoken to because a page says so. */
const WEB_PORTS: ReadonlySet<number> = new Set([80, 443, 8080, 8443]);
/** Those of a browser, and nothing that tells who asks. */
const HEADERS = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'accept-language': 'en-US,en;q=0.5',
  'accept-encoding': 'gzip',
};

/** Where a walk to the landing page ended. */
export type Landing =
  | {
      readonly kind: 'page';
      readonly url: URL;
      readonly hops: readonly Hop[];
      readonly response: GetResponse;
    }
  /** It went no further, and that tells something: at least one server answered, showed a certificate, or is on a list. */
  | { readonly kind: 'stopped'; readonly hops: readonly Hop[]; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string };

/**
 * Asks for a page and follows redirects, at most five. Tells `learn` the hosts that it was led to, those too that were not contacted.
 * Never rejects; ends by the signal.
 */
export async function landingPage(
  start: URL,
  network: ToolNetwork,
  learn: (host: Host) => void,
  signal: AbortSignal,
): Promise<Landing> {
  const walked = await followRedirects<Exclude<Reachable, { kind: 'ok' }>>(start, {
    headers: HEADERS,
    connectMs: CONNECT_MS,
    idleMs: IDLE_MS,
    redirectsMax: REDIRECTS_MAX,
    protocols: ['https:', 'http:'],
    ports: WEB_PORTS,
    mayDowngrade: true,
    ca: network.ca,
    signal,
    admit: async (url) => {
      const where = await reachableInTime(url.hostname, network, signal);
      if (where.kind !== 'ok') return { refused: where };
      return { addresses: where.addresses, port: network.ports?.get(portOf(url)) };
    },
  });
  const { url, hops } = walked;
  for (const led of [...hops.map((hop) => hop.url), url]) {
    const host = led === start ? null : normalizeHost(bareHost(led.hostname));
    if (host !== null) learn(host);
  }
  const text = urlText(url);
  const told = (why: string): Landing => ({ kind: 'stopped', hops, why });
  const failed = (why: string): Landing => (hops.length > 0 ? told(why) : { kind: 'failed', why });
  switch (walked.kind) {
    case 'answer':
      return { kind: 'page', url, hops, response: walked.response };
    case 'stopped':
      return told(walked.why);
    case 'barred':
      return failed(`${text} ${walked.why}: it was not contacted`);
    case 'refused':
      return walked.why.kind === 'listed'
        ? told(`${text} ${walked.why.why}: it was not contacted`)
        : failed(`${text} cannot be asked: ${walked.why.why}`);
    case 'failed': {
      const fault = certificateFault(errorCode(walked.error));
      return fault === null
        ? failed(`${text} gave no answer: ${whyOf(walked.error, signal)}`)
        : told(`${text} has an invalid certificate: ${fault}; nothing was asked of it`);
    }
    default:
      return walked satisfies never;
  }
}

/** An address as it is told: its query cut, its password gone, cleaned. */
export function urlText(url: URL): string {
  const path = url.protocol === 'http:' || url.protocol === 'https:' ? `//${url.host}${url.pathname}` : '…';
  return cleanText(`${url.protocol}${path}${url.search === '' ? '' : '?…'}`, URL_MAX_CHARS);
}

function whyOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'the time was over';
  return cleanText(error instanceof Error ? error.message : String(error));
}
