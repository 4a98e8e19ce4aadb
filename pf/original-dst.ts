import type { PcbRow } from '../src/attribute/darwin/pcblist.ts';
import type { Accepted, OriginalDst } from '../src/intercept/interceptor.ts';
import type { Endpoint } from '../src/model/endpoint.ts';

/** What pf itself says of an accepted connection. */
export type NatAnswer =
  | { readonly kind: 'dst'; readonly dst: Endpoint }
  /** pf keeps no state for it: it was not redirected. */
  | { readonly kind: 'no_state' }
  | { readonly kind: 'unavailable'; readonly error: string };

/**
 * Brings together the two sources of the original destination: the client's own socket, which still holds what the
 * program dialled, and pf's state. Where both speak they must agree. `sockets` are those with the client's address and
 * port; null when the list could not be read.
 */
export function settleOriginalDst(
  accepted: Accepted,
  sockets: readonly PcbRow[] | null,
  nat: NatAnswer,
): OriginalDst {
  const dialled = distinctRemotes(sockets ?? []);
  if (nat.kind === 'dst') {
    if (sameEndpoint(nat.dst, accepted.local)) return { kind: 'direct' };
    const agrees = dialled.length === 0 || dialled.some((dst) => sameEndpoint(dst, nat.dst));
    if (agrees) return { kind: 'redirected', dst: nat.dst };
    return failed(`pf says ${text(nat.dst)}, the client's socket says ${dialled.map(text).join(' or ')}`);
  }
  const [only, ...others] = dialled;
  if (only === undefined) {
    if (nat.kind === 'no_state') return { kind: 'direct' };
    return failed(
      `${sockets === null ? 'the list of sockets could not be read' : 'the client is gone'}; ${nat.error}`,
    );
  }
  if (nat.kind === 'no_state' && dialled.some((dst) => sameEndpoint(dst, accepted.local)))
    return { kind: 'direct' };
  if (others.length > 0) {
    return failed(`the client uses one port for ${dialled.map(text).join(' and ')}`);
  }
  return sameEndpoint(only, accepted.local) ? { kind: 'direct' } : { kind: 'redirected', dst: only };
}

function distinctRemotes(sockets: readonly PcbRow[]): Endpoint[] {
  const remotes = new Map<string, Endpoint>();
  // Port 0: bound or listening, not a connection.
  for (const { remote } of sockets) if (remote.port !== 0) remotes.set(text(remote), remote);
  return [...remotes.values()];
}

function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.ip === b.ip && a.port === b.port;
}

function text({ ip, port }: Endpoint): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function failed(error: string): OriginalDst {
  return { kind: 'failed', error };
}
