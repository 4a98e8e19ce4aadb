import type { Host, Ip } from '../model/brand.ts';
import { type Candidates, candidates } from './candidates.ts';
import { familyOf, type Resolve, type Verified } from './resolver.ts';

/**
 * Where a flow that may pass is to be connected: the name-is-true rule. Answers at once when the cache does. With a
 * name, only addresses of that name come back; IPv6 gets the name's IPv4 addresses as a second choice, because a client
 * that sees our accept can no longer fall back itself.
 */
export function reach(
  resolver: Resolve,
  host: Host | null,
  dialled: Ip,
  blocked: (ip: Ip) => boolean,
): Candidates | Promise<Candidates> {
  if (host === null) return { kind: 'some', ips: [dialled], mismatch: false };
  const verified = resolver.verify(host, dialled);
  if (!(verified instanceof Promise) && !wantsOther(verified, dialled)) {
    return candidates(dialled, verified.match, verified.ips, blocked);
  }
  return withOther(resolver, host, dialled, verified).then((both) =>
    candidates(dialled, both.match, both.ips, blocked),
  );
}

function wantsOther(verified: Verified, dialled: Ip): boolean {
  return familyOf(dialled) === 6 || (!verified.match && verified.ips.length === 0);
}

async function withOther(
  resolver: Resolve,
  host: Host,
  dialled: Ip,
  pending: Verified | Promise<Verified>,
): Promise<Verified> {
  const verified = await pending;
  if (!wantsOther(verified, dialled)) return verified;
  const others = await resolver.addresses(host, familyOf(dialled) === 6 ? 4 : 6);
  return { match: verified.match, ips: [...verified.ips.slice(0, 2), ...others] };
}
