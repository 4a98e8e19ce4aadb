import type { Evidence, Verdict } from '../model/flow.ts';
import type { Effected } from './effect.ts';

/**
 * What becomes of a held connection that is decided anew; null to go on waiting. `judgeOver`: it has waited for the judge as
 * long as it may, so only an answer of the judge counts, and nobody waits for one again.
 */
export function afterWait(held: Verdict, now: Verdict, judgeOver: boolean): Verdict | null {
  if (now.kind !== 'ask') {
    const waited = held.stage === 'judge' || judgeOver;
    return waited && now.stage === 'cache' ? { ...now, stage: 'judge', reason: 'judged' } : now;
  }
  return now.stage === held.stage || (judgeOver && now.stage === 'judge') ? null : now;
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

/** A question that a person answered, with what was found before; the question itself when nobody did. */
export function answeredBy(answer: Verdict | null, asked: Verdict): Verdict {
  return answer === null ? asked : { ...answer, evidence: [...answer.evidence, ...asked.evidence] };
}
