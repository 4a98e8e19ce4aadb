import type { Ip } from '../model/brand.ts';
import { isPrivate } from '../model/ip.ts';

/** Why no address of a name may be connected to. */
export type NoCandidate = 'name_unresolved' | 'name_private' | 'upstream_blocked';

export type Candidates =
  | { readonly kind: 'some'; readonly ips: readonly Ip[]; readonly mismatch: boolean }
  | { readonly kind: 'none'; readonly why: NoCandidate };

/**
 * The addresses a flow may be connected to, best first: the dialled one when it is the name's, then others of the name.
 * A name never leads to a private or loopback address that the program did not dial itself (rebinding would make the
 * exempt engine its tool), nor to one that `blocked` refuses.
 */
export function candidates(
  dialled: Ip,
  match: boolean,
  named: readonly Ip[],
  blocked: (ip: Ip) => boolean,
): Candidates {
  if (!match && named.length === 0) return { kind: 'none', why: 'name_unresolved' };
  const ips: Ip[] = match ? [dialled] : [];
  let refused: NoCandidate = 'name_private';
  for (const ip of named) {
    if (ips.length >= CANDIDATES_MAX) break;
    if (ip === dialled || isPrivate(ip)) continue;
    if (blocked(ip)) refused = 'upstream_blocked';
    else ips.push(ip);
  }
  return ips.length === 0 ? { kind: 'none', why: refused } : { kind: 'some', ips, mismatch: !match };
}

/** Addresses tried for one flow. */
const CANDIDATES_MAX = 4;
