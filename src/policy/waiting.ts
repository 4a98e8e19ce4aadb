import type { Evidence, Mode, Verdict } from '../model/flow.ts';
import type { Effected } from './effect.ts';

/**
 * What becomes of a held connection that is decided anew; null to go on waiting. It goes from the judge to the person and never
 * back, so that no change of the policy begins its time anew; in a mode that asks nobody it does not wait at all.
 */
export function afterWait(held: Verdict, now: Verdict, mode: Mode): Verdict | null {
  if (now.kind !== 'ask') {
    const waited = held.stage === 'judge' || held.evidence.some(({ kind }) => kind === 'judge');
    return waited && now.stage === 'cache' ? { ...now, stage: 'judge', reason: 'judged' } : now;
  }
  const goesOn = now.stage === held.stage || now.stage === 'judge';
  return goesOn && mode === 'enforce' ? null : now;
}

/** What the judge found since a connection began to wait, and it does not know yet. */
export function newlyFound(held: Verdict, now: Verdict): readonly Evidence[] {
  const known = new Set(held.evidence.map(({ text }) => text));
  return now.evidence.filter(({ kind, text }) => kind === 'judge' && !known.has(text));
}

/** A held connection whose time with the judge is over: the person is asked. */
export function judgeTooLate(held: Verdict, waitedMs: number): Verdict {
  const seconds = (waitedMs / 1_000).toFixed(waitedMs < 10_000 ? 1 : 0);
  const late: Evidence = { kind: 'note', text: `the judge had not answered after ${seconds} s` };
  return { kind: 'ask', stage: 'person', reason: 'open_question', evidence: [...held.evidence, late] };
}

/** Whether judge or person is to hear of a verdict: it waits for one, or goes on while the judge thinks. */
export function asksSomebody(verdict: Verdict, effect: Effected['effect']): boolean {
  if (verdict.kind === 'ask') return effect === 'hold' || verdict.stage === 'judge';
  return verdict.reason === 'while_judging';
}

/** Whether an open connection stays as a person allowed it, whatever the judge says now. */
export function outlasts(given: Verdict, now: Verdict): boolean {
  const isOfJudge = now.kind === 'ask' || now.stage === 'cache' || now.stage === 'judge';
  return given.reason === 'answered' && isOfJudge;
}
