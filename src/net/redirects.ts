import { type GetOptions, type GetResponse, httpGet, portOf } from './http-get.ts';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const LOCATION_MAX_CHARS = 2_000;

/** Where to connect for a URL, or why nothing is sent there. */
export type Admission<R> = Pick<GetOptions, 'addresses' | 'port'> | { readonly refused: R };

/** Where a request may lead. */
export interface RedirectPolicy<R> extends Omit<GetOptions, 'addresses' | 'port'> {
  /** Most redirects that are followed; 0 follows none, and takes them for answers. */
  readonly redirectsMax: number;
  readonly protocols: readonly ('http:' | 'https:')[];
  /** All ports when not given. */
  readonly ports?: ReadonlySet<number>;
  /** Whether an answer over https may lead to http. */
  readonly mayDowngrade?: boolean;
  /** Checks the host of each request, those that a redirect leads to like the first. Never rejects. */
  admit(url: URL): Promise<Admission<R>>;
}

/** One answer on the way. */
export interface Hop {
  readonly url: URL;
  readonly status: number;
}

/** Where it ended: `url` was asked last, or would have been. */
export type Walked<R> = { readonly url: URL; readonly hops: readonly Hop[] } & (
  | { readonly kind: 'answer'; readonly response: GetResponse }
  /** By the policy, for what the address is; `why` goes on after it. */
  | { readonly kind: 'barred'; readonly why: string }
  /** A redirect that is not followed. */
  | { readonly kind: 'stopped'; readonly why: string }
  /** By `admit`. */
  | { readonly kind: 'refused'; readonly why: R }
  | { readonly kind: 'failed'; readonly error: unknown }
);

/** Makes a GET request and follows redirects, each checked as if it were the first. Never rejects; ends by the signal. */
export async function followRedirects<R>(start: URL, policy: RedirectPolicy<R>): Promise<Walked<R>> {
  const hops: Hop[] = [];
  for (let url = start; ; ) {
    const barred = barredBy(policy, url);
    if (barred !== null) return { kind: 'barred', url, hops, why: barred };
    const to = await policy.admit(url);
    if ('refused' in to) return { kind: 'refused', url, hops, why: to.refused };
    let response: GetResponse;
    try {
      response = await httpGet(url, { ...policy, ...to });
    } catch (error) {
      return { kind: 'failed', url, hops, error };
    }
    const { status, headers } = response.head;
    hops.push({ url, status });
    const location = headers.get('location');
    if (policy.redirectsMax === 0 || !REDIRECTS.has(status) || location === undefined)
      return { kind: 'answer', url, hops, response };
    response.close();
    const next = leadsTo(location, url);
    if (next === null) return { kind: 'stopped', url, hops, why: 'the redirect leads nowhere' };
    if (hops.length > policy.redirectsMax)
      return { kind: 'stopped', url, hops, why: `there are more than ${policy.redirectsMax} redirects` };
    if (url.protocol === 'https:' && next.protocol === 'http:' && policy.mayDowngrade !== true)
      return { kind: 'stopped', url, hops, why: 'a redirect leads from https to http' };
    url = next;
  }
}

/** Headers are read byte for byte, and addresses in them are UTF-8 to every browser. */
function leadsTo(location: string, from: URL): URL | null {
  return URL.parse(Buffer.from(location.slice(0, LOCATION_MAX_CHARS), 'latin1').toString(), from.href);
}

function barredBy({ protocols, ports }: RedirectPolicy<unknown>, url: URL): string | null {
  if (!(protocols as readonly string[]).includes(url.protocol))
    return `is no address of ${protocols.map((protocol) => protocol.slice(0, -1)).join(' or ')}`;
  if (url.username !== '' || url.password !== '') return 'holds a password';
  return ports === undefined || ports.has(portOf(url))
    ? null
    : `is on port ${url.port}, where web servers are not`;
}
