import { certificateFault, errorCode } from '../../../net/certificate-fault.ts';
import { failureText } from '../../../net/connect-first.ts';
import { portOf } from '../../../net/http-get.ts';
import { type Reachable, reachableInTime } from '../../../net/reachable.ts';
import { followRedirects, type Walked } from '../../../net/redirects.ts';
import type { ToolNetwork } from '../tool.ts';
import { urlText } from './address.ts';

const REDIRECTS_MAX = 5;
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

/** The way to a landing page. */
type Landing = Walked<Exclude<Reachable, { kind: 'ok' }>>;

/** Asks for a page and follows redirects, at most five. Never rejects; ends by the signal. */
export function landingPage(start: URL, network: ToolNetwork, signal: AbortSignal): Promise<Landing> {
  return followRedirects(start, {
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
}

/** Why no page was reached. `isFact`: that alone tells something of the host, for it showed a certificate or is on a list. */
export function whyNoPage(
  landing: Exclude<Landing, { kind: 'answer' }>,
  signal: AbortSignal,
): { readonly why: string; readonly isFact: boolean } {
  const text = urlText(landing.url);
  switch (landing.kind) {
    case 'stopped':
      return { why: landing.why, isFact: true };
    case 'barred':
      return { why: `${text} ${landing.why}: it was not contacted`, isFact: false };
    case 'refused': {
      const { kind, why } = landing.why;
      return kind === 'listed'
        ? { why: `${text} ${why}: it was not contacted`, isFact: true }
        : { why: `${text} cannot be asked: ${why}`, isFact: false };
    }
    case 'failed': {
      const fault = certificateFault(errorCode(landing.error));
      return fault === null
        ? { why: `${text} gave no answer: ${failureText(landing.error, signal)}`, isFact: false }
        : { why: `${text} has an invalid certificate: ${fault}; nothing was asked of it`, isFact: true };
    }
    default:
      return landing satisfies never;
  }
}
