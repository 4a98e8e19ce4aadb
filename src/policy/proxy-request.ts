import type { Ip } from '../model/brand.ts';
import type { Mode, Verdict } from '../model/flow.ts';
import type { Subject } from '../model/subject.ts';
import { decide } from './decide.ts';
import { effectOf } from './effect.ts';
import type { Policy } from './policy.ts';
import { decideUpstream } from './upstream.ts';

/**
 * Decides a connection by its first bytes. A request to a proxy is decided by the proxy's address; what it asks for there, `wanted`,
 * can only block it. Null for what is no such request.
 */
export function decideRequest(subject: Subject, wanted: Subject | null, p: Policy): Verdict {
  const verdict = decide(subject, p);
  if (verdict.kind === 'block' || wanted === null) return verdict;
  const named = decide(wanted, p);
  // Nobody is asked about what is wanted of a proxy, so nobody will ever say more than "while judging".
  return named.kind === 'block' && named.reason !== 'while_judging' ? named : verdict;
}

/** The verdict that forbids a connection which is open to `upstream`, after the policy changed; null when it may go on. */
export function forbiddenBy(
  subject: Subject,
  first: Verdict,
  upstream: Ip | null,
  p: Policy,
  settings: { readonly mode: Mode; readonly unattended: 'allow' | 'block' },
): Verdict | null {
  const again = upstream === null ? null : decideUpstream(subject, first, upstream, p);
  const now = effectOf(again ?? first, settings.mode, settings.unattended, false);
  return now.effect === 'refuse' && now.verdict.kind === 'block' ? now.verdict : null;
}
