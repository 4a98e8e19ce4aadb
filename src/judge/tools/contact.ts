import { untilAbort } from '../../async/until-abort.ts';
import type { Host, Ip } from '../../model/brand.ts';
import { normalizeHost } from '../../model/host.ts';
import { parseIp } from '../../model/ip.ts';
import { type Lookup, type Reachable, reachable } from '../../net/address-guard.ts';
import type { Blocked, ToolNetwork } from './tool.ts';

/** Most addresses of a name that are looked at, and tried. */
const ADDRESSES_TRIED = 3;

/** How tools reach whoever owns a name. */
export interface OwnerNetwork extends ToolNetwork {
  /** Asked before each connection; what it says is told behind "is on". */
  readonly blocked: Blocked;
  /** How names become addresses; the system's way when not given. */
  readonly lookup?: Lookup | undefined;
  /** Where a port of the internet is on this machine; for tests. */
  readonly ports?: ReadonlyMap<number, number> | undefined;
}

/** Where to connect, or why not. */
export type Contact =
  | { readonly kind: 'ok'; readonly addresses: readonly string[] }
  /** It is on a list: nothing was sent there. `why` goes on after the name: "is on …". */
  | { readonly kind: 'listed'; readonly why: string }
  /** It leads to where a tool must not go. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string };

/**
 * Resolves a host of a URL, once, to addresses that are on the internet and on no list: one listed address among several refuses
 * them all. A listed name is not even resolved. Never rejects; ends by the signal.
 */
export async function contact(host: string, network: OwnerNetwork, signal: AbortSignal): Promise<Contact> {
  const bare = bareHost(host);
  const name = normalizeHost(bare);
  const listed = name === null ? null : network.blocked(name, null);
  if (listed !== null) return { kind: 'listed', why: `is on ${listed}` };
  const where = await untilAbort(resolved(bare, network), signal);
  if (where === null) return { kind: 'failed', why: `${bare} was not resolved in time` };
  if (where.kind !== 'ok') return where;
  const addresses = where.addresses.slice(0, ADDRESSES_TRIED);
  return listedAddress(name, addresses, network.blocked) ?? { kind: 'ok', addresses };
}

/** The port to connect to for a port of the internet. */
export function portFor(port: number, network: OwnerNetwork): number {
  return network.ports?.get(port) ?? port;
}

/** The host of a URL without the brackets of IPv6 and the dot of the root. */
export function bareHost(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host.replace(/\.$/, '');
}

async function resolved(
  bare: string,
  network: OwnerNetwork,
): Promise<Reachable | Extract<Contact, { kind: 'failed' }>> {
  try {
    return await reachable(bare, network.allowLoopback, network.lookup);
  } catch {
    return { kind: 'failed', why: `${bare} has no address` };
  }
}

function listedAddress(name: Host | null, addresses: readonly string[], blocked: Blocked): Contact | null {
  for (const address of addresses) {
    const ip: Ip | null = parseIp(address);
    const listed = ip === null ? null : blocked(name, ip);
    if (listed !== null) return { kind: 'listed', why: `leads to ${address}, which is on ${listed}` };
  }
  return null;
}
