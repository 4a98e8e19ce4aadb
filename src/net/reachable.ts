import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { untilAbort } from '../async/until-abort.ts';
import type { Host, Ip } from '../model/brand.ts';
import { normalizeHost } from '../model/host.ts';
import { parseIp } from '../model/ip.ts';
import { isInternetAddress } from './internet-address.ts';

/** Most addresses of a name that are looked at, and tried. */
const ADDRESSES_MAX = 3;

/** How a name becomes addresses. May reject. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

/** What the lists say of a name or address before it is connected to, to be read behind "is on"; null when nothing. */
export type Blocked = (host: Host | null, ip: Ip | null) => string | null;

export interface ReachOptions {
  /** Addresses that are not on the internet too: for tests, and for what a person put on the own network. */
  readonly allowPrivate: boolean;
  /** The system's way when not given. */
  readonly resolve?: ResolveName | undefined;
  readonly blocked?: Blocked | undefined;
}

/** Where a host can be reached, or why not; `why` is a sentence about it, without its name where it begins with "is" or "leads". */
export type Reachable =
  | { readonly kind: 'ok'; readonly addresses: readonly string[] }
  /** It is on a list. */
  | { readonly kind: 'listed'; readonly why: string }
  /** It leads to where nothing may be sent. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string };

/**
 * The addresses of the host of a URL that may be connected to: on the internet, and on no list; one listed address among several
 * refuses them all, and a listed name is not even resolved. The connection is made to one of exactly these, so that a name which
 * answers differently the second time leads nowhere. Never rejects; a slow name server can hold it up.
 */
export async function reachable(host: string, options: ReachOptions): Promise<Reachable> {
  const { allowPrivate, resolve = systemLookup, blocked } = options;
  const bare = bareHost(host);
  const name = normalizeHost(bare);
  const listed = name === null ? null : (blocked?.(name, null) ?? null);
  if (listed !== null) return { kind: 'listed', why: `is on ${listed}` };
  let found: readonly string[];
  try {
    found = isIP(bare) !== 0 ? [bare] : await resolve(bare);
  } catch {
    return { kind: 'failed', why: `${bare} has no address` };
  }
  const allowed = allowPrivate ? found : found.filter(isInternetAddress);
  if (allowed.length === 0) {
    const where = found[0] ?? 'no address';
    return { kind: 'refused', why: `${bare} leads to ${where}, which is not on the internet` };
  }
  const addresses = allowed.slice(0, ADDRESSES_MAX);
  return (blocked && listedAddress(name, addresses, blocked)) ?? { kind: 'ok', addresses };
}

/** The same, over when the signal comes; the name server is then still waited for by nobody. */
export async function reachableInTime(
  host: string,
  options: ReachOptions,
  signal: AbortSignal,
): Promise<Reachable> {
  const where = await untilAbort(reachable(host, options), signal);
  return where ?? { kind: 'failed', why: `${bareHost(host)} was not resolved in time` };
}

/** The host of a URL without the brackets of IPv6 and the dot of the root. */
export function bareHost(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host.replace(/\.$/, '');
}

function listedAddress(name: Host | null, addresses: readonly string[], blocked: Blocked): Reachable | null {
  for (const address of addresses) {
    const ip = parseIp(address);
    const listed = ip === null ? null : blocked(name, ip);
    if (listed !== null) return { kind: 'listed', why: `leads to ${address}, which is on ${listed}` };
  }
  return null;
}

async function systemLookup(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => address);
}
