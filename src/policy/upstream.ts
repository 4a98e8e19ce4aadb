import type { Ip } from '../model/brand.ts';
import { cleanText } from '../model/clean.ts';
import type { Mode, Verdict } from '../model/flow.ts';
import type { Subject } from '../model/subject.ts';
import { decide } from './decide.ts';
import { effectOf } from './effect.ts';
import type { Policy } from './policy.ts';

/**
 * Decides again once it is known which address a name leads to, when that is not the one that was dialled. Null to go on
 * with `first`; else the verdict that takes its place:
 * - a block, `upstream_blocked`, when rules, lists or scope block the connection at the real address;
 * - an open question, when `first` rested on the address dialled alone. Without this a program could reach any name by
 *   dialling an allowed address.
 * What a person or judge allowed stays, unless blocked. `subject` is the question `first` answered.
 */
export function decideUpstream(subject: Subject, first: Verdict, upstream: Ip, p: Policy): Verdict | null {
  if (first.kind === 'block' || subject.host === null || upstream === subject.ip) return null;
  const again = decide({ ...subject, ip: upstream }, p);
  if (again.kind === 'block') {
    const text = cleanText(`${subject.host} leads to ${upstream}, dialled was ${subject.ip ?? 'nothing'}`);
    const evidence = [...again.evidence, { kind: 'address', ip: upstream, text } as const];
    return { ...again, reason: 'upstream_blocked', evidence };
  }
  const wasAsked = first.stage === 'person' || first.stage === 'judge';
  return first.kind === 'allow' && again.kind === 'ask' && !wasAsked ? again : null;
}

/** Whether an address that the name of an allowed connection leads to is blocked, or needs to be allowed and is not. */
export function upstreamBlocked(
  subject: Subject,
  first: Verdict,
  upstream: Ip,
  p: Policy,
  settings: { readonly mode: Mode; readonly unattended: 'allow' | 'block' },
): boolean {
  const again = decideUpstream(subject, first, upstream, p);
  if (again === null || again.kind === 'block') return again !== null;
  return effectOf(again, settings.mode, settings.unattended, false).effect === 'refuse';
}
