import type { Host, Ip } from '../model/brand.ts';
import type { Mode, Verdict } from '../model/flow.ts';
import { decide, type Policy, type Question } from './decide.ts';
import { effectOf } from './effect.ts';
import { decideUpstream } from './upstream.ts';

/**
 * Decides a connection that may be a request to a proxy. Such a one is decided by the proxy's address; what it asks for
 * there, `proxyHost`, can only block it.
 */
export function decideRequest(q: Question, proxyHost: Host | null, p: Policy): Verdict {
  const verdict = decide(q, p);
  if (proxyHost === null || verdict.kind === 'block') return verdict;
  const named = decide({ ...q, host: proxyHost }, p);
  return named.kind === 'block' ? named : verdict;
}

/** The verdict that forbids a connection which is open to `upstream`, after the policy changed; null when it may go on. */
export function forbiddenBy(
  q: Question,
  first: Verdict,
  upstream: Ip | null,
  p: Policy,
  settings: { readonly mode: Mode; readonly unattended: 'allow' | 'block' },
): Verdict | null {
  const again = upstream === null ? null : decideUpstream(q, first, upstream, p);
  const now = effectOf(again ?? first, settings.mode, settings.unattended, false);
  return now.effect === 'refuse' && now.verdict.kind === 'block' ? now.verdict : null;
}
