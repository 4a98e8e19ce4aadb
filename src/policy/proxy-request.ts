import type { Host, Ip } from '../model/brand.ts';
import { cleanText } from '../model/clean.ts';
import type { Mode, Verdict } from '../model/flow.ts';
import type { Subject } from '../model/subject.ts';
import { decide } from './decide.ts';
import { effectOf } from './effect.ts';
import type { Policy } from './policy.ts';
import { decideUpstream } from './upstream.ts';

/**
 * Decides a connection by its first bytes. A request to a proxy is decided by the proxy's address; what it asks for there, like any
 * other name that it goes by beside its own, `wanted`, can only block it.
 */
export function decideRequest(subject: Subject, wanted: readonly Subject[], p: Policy): Verdict {
  const verdict = decide(subject, p);
  if (verdict.kind === 'block') return verdict;
  return blockOf(wanted, p) ?? verdict;
}

/** What blocks one of these names; null when nothing does. */
export function blockOf(wanted: readonly Subject[], p: Policy): Verdict | null {
  for (const each of wanted) {
    const named = decide(each, p);
    // Nobody is asked about what is wanted of a proxy, so nobody will ever say more than "while judging".
    if (named.kind === 'block' && named.reason !== 'while_judging') return withName(named, each.host);
  }
  return null;
}

function withName(verdict: Verdict, host: Host | null): Verdict {
  const text = cleanText(`${host} is not the name of the connection, but it goes by it too`);
  return { ...verdict, evidence: [...verdict.evidence, { kind: 'note', text }] };
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
