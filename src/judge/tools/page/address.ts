import { parse } from 'tldts';
import { cleanText } from '../../../model/clean.ts';
import { bareHost } from '../../../net/reachable.ts';

const URL_MAX_CHARS = 200;
/** Most hosts that are told apart on a page. */
export const HOSTS_MAX = 500;

/** How often a page leads to hosts; no more than `HOSTS_MAX` of them. */
export type HostCounts = Map<string, number>;

/** Who a host belongs to, as far as its name tells: its registrable domain, or the host itself when it has none. */
export function siteOf(host: string): string {
  const bare = bareHost(host);
  return parse(bare, { allowPrivateDomains: true, validateHostname: false }).domain ?? bare;
}

/** Counts where an address leads, when that is on the web and outside of a site. */
export function countHost(counts: HostCounts, url: URL | null, site: string): void {
  if (url === null || !isWeb(url)) return;
  const host = bareHost(url.hostname);
  const count = counts.get(host);
  if (count !== undefined) counts.set(host, count + 1);
  else if (counts.size < HOSTS_MAX && siteOf(host) !== site) counts.set(host, 1);
}

/** An address as it is told: its query cut, its password gone, cleaned. */
export function urlText(url: URL): string {
  const path = isWeb(url) ? `//${url.host}${url.pathname}` : '…';
  return cleanText(`${url.protocol}${path}${url.search === '' ? '' : '?…'}`, URL_MAX_CHARS);
}

function isWeb({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:';
}
