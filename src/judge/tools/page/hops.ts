import type { Host } from '../../../model/brand.ts';
import { cleanText } from '../../../model/clean.ts';
import { normalizeHost } from '../../../model/host.ts';
import { type GetResponse, httpGet } from '../../../net/http-get.ts';
import { certificateFault, errorCode } from '../certificate/fault.ts';
import { bareHost, contact, type OwnerNetwork, portFor } from '../contact.ts';

const REDIRECTS_MAX = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const LOCATION_MAX_CHARS = 2_000;
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

/** One answer on the way: the address that was asked, as `urlText` tells it, and the status. */
export interface Hop {
  readonly url: string;
  readonly status: number;
}

/** Where a walk along redirects ended. */
export type Walk =
  | {
      readonly kind: 'page';
      readonly url: URL;
      readonly hops: readonly Hop[];
      readonly response: GetResponse;
    }
  /** It went no further, and that tells something: at least one server answered, or showed a certificate. */
  | { readonly kind: 'stopped'; readonly hops: readonly Hop[]; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string };

type Answer =
  | { readonly kind: 'answer'; readonly response: GetResponse }
  | { readonly kind: 'told' | 'failed'; readonly why: string };

/**
 * Asks for a page and follows redirects, at most five, each to an address that was checked as if it were the first. Tells
 * `learn` the hosts that it was led to, those too that were not contacted. Never rejects; ends by the signal.
 */
export async function walk(
  start: URL,
  network: OwnerNetwork,
  learn: (host: Host) => void,
  signal: AbortSignal,
): Promise<Walk> {
  const hops: Hop[] = [];
  const end = (kind: 'told' | 'failed', why: string): Walk =>
    kind === 'told' || hops.length > 0 ? { kind: 'stopped', hops, why } : { kind: 'failed', why };
  for (let url = start; ; ) {
    const asked = await ask(url, network, signal);
    if (asked.kind !== 'answer') return end(asked.kind, asked.why);
    const { response } = asked;
    const { status, headers } = response.head;
    hops.push({ url: urlText(url), status });
    const location = headers.get('location');
    if (!REDIRECTS.has(status) || location === undefined) return { kind: 'page', url, hops, response };
    response.close();
    const next = leadsTo(location, url);
    if (next === null) return end('told', 'the redirect leads nowhere');
    if (hops.length > REDIRECTS_MAX) return end('told', `there are more than ${REDIRECTS_MAX} redirects`);
    const host = normalizeHost(bareHost(next.hostname));
    if (host !== null) learn(host);
    url = next;
  }
}

/** An address as it is told: its query cut, its password gone, cleaned. */
export function urlText(url: URL): string {
  const path = url.protocol === 'http:' || url.protocol === 'https:' ? `//${url.host}${url.pathname}` : '…';
  return cleanText(`${url.protocol}${path}${url.search === '' ? '' : '?…'}`, URL_MAX_CHARS);
}

/** Headers are read byte for byte, and addresses in them are UTF-8 to every browser. */
function leadsTo(location: string, from: URL): URL | null {
  return URL.parse(Buffer.from(location.slice(0, LOCATION_MAX_CHARS), 'latin1').toString(), from.href);
}

async function ask(url: URL, network: OwnerNetwork, signal: AbortSignal): Promise<Answer> {
  const text = urlText(url);
  const refused = refusal(url);
  if (refused !== null) return { kind: 'failed', why: `${text} ${refused}: it was not contacted` };
  const where = await contact(url.hostname, network, signal);
  if (where.kind === 'listed') return { kind: 'told', why: `${text} ${where.why}: it was not contacted` };
  if (where.kind !== 'ok') return { kind: 'failed', why: `${text} cannot be asked: ${where.why}` };
  try {
    const response = await httpGet(url, {
      headers: HEADERS,
      connectMs: CONNECT_MS,
      idleMs: IDLE_MS,
      allowPrivate: network.allowLoopback,
      at: { addresses: where.addresses, port: portFor(portOf(url), network) },
      ca: network.ca,
      signal,
    });
    return { kind: 'answer', response };
  } catch (error) {
    const fault = certificateFault(errorCode(error));
    if (fault !== null)
      return { kind: 'told', why: `${text} has an invalid certificate: ${fault}; nothing was asked of it` };
    return { kind: 'failed', why: `${text} gave no answer: ${whyOf(error, signal)}` };
  }
}

/** What is wrong with an address by itself; goes on after it. */
function refusal(url: URL): string | null {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'is no web page';
  if (url.username !== '' || url.password !== '') return 'holds a password';
  return WEB_PORTS.has(portOf(url)) ? null : `is on port ${url.port}, where web servers are not`;
}

function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}

function whyOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'the time was over';
  return cleanText(error instanceof Error ? error.message : String(error));
}
