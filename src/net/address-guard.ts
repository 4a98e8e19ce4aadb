import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * True for an address on the internet. Everything that a machine uses for itself or its own network is not, in whatever clothes:
 * IPv4 inside IPv6 (mapped, 6to4, NAT64) counts as the IPv4 address it leads to.
 */
export function isInternetAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.range() === 'unicast';
  const bytes = parsed.toByteArray();
  switch (parsed.range()) {
    case 'unicast':
      return true;
    case 'rfc6052':
      return isInternetAddress(bytes.slice(12).join('.'));
    case '6to4':
      return isInternetAddress(bytes.slice(2, 6).join('.'));
    default:
      return false;
  }
}

/** Where a host can be reached, or why it must not be. */
export type Reachable =
  | { readonly kind: 'ok'; readonly addresses: readonly string[] }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * The addresses of a host that a download may connect to. The connection is made to one of exactly these, so that a name which
 * answers differently the second time leads nowhere. `allowPrivate` is for tests and for mirrors on the own network.
 */
export async function reachable(host: string, allowPrivate: boolean): Promise<Reachable> {
  const bare = host.startsWith('[') ? host.slice(1, -1) : host;
  const found = isIP(bare) !== 0 ? [bare] : (await lookup(bare, { all: true })).map((entry) => entry.address);
  const addresses = allowPrivate ? found : found.filter(isInternetAddress);
  if (addresses.length > 0) return { kind: 'ok', addresses };
  return {
    kind: 'refused',
    why: `${bare} leads to ${found[0] ?? 'no address'}, which is not on the internet`,
  };
}
