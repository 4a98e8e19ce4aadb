import type { Evidence, LadderStep, Verdict, VerdictKind } from '../model/flow.ts';
import type { Subject } from '../model/subject.ts';
import type { Policy } from './policy.ts';
import {
  byAllowlist,
  byBlocklist,
  byRule,
  byUnreadableName,
  inScope,
  outOfScope,
  outrankedRules,
  scopeEntry,
} from './steps.ts';

/** One step in an explanation; the shape of the control schema's step. */
export interface TraceStep {
  readonly stage: LadderStep;
  /** `won` decided; `would` comes after the winner and would have decided so; `passed` had nothing to say; `off` is not configured. */
  readonly outcome: 'won' | 'would' | 'passed' | 'off';
  readonly kind: VerdictKind | null;
  readonly evidence: readonly Evidence[];
}

interface DecideStep {
  readonly stage: LadderStep;
  readonly isOn: (p: Policy) => boolean;
  readonly ask: (subject: Subject, p: Policy) => Verdict | null;
  /** What an explanation shows beside the answer. */
  readonly beside?: (subject: Subject, p: Policy) => readonly Evidence[];
}

const always = (): boolean => true;
const scoped = (p: Policy): boolean => p.scope !== null;
const OPEN_QUESTION: Verdict = { kind: 'ask', stage: 'person', reason: 'open_question', evidence: [] };

/** The inquiry: the first step that answers has decided. `scope` stands twice: it blocks first and allows late. */
const STEPS: readonly DecideStep[] = [
  { stage: 'scope', isOn: scoped, ask: outOfScope, beside: scopeEntry },
  { stage: 'rules', isOn: always, ask: byRule, beside: outrankedRules },
  { stage: 'skip', isOn: (p) => p.skipped != null, ask: inSkippedRange },
  { stage: 'allowlist', isOn: always, ask: byAllowlist },
  { stage: 'blocklist', isOn: always, ask: byBlocklist },
  { stage: 'unreadable', isOn: always, ask: byUnreadableName },
  {
    stage: 'integrity',
    isOn: (p) => p.integrity != null,
    ask: (subject, p) => p.integrity?.(subject) ?? null,
  },
  {
    stage: 'generated',
    isOn: (p) => p.generated != null,
    ask: (subject, p) => p.generated?.(subject) ?? null,
    beside: (subject, p) => p.scores?.(subject, 'generated') ?? [],
  },
  {
    stage: 'trust',
    isOn: (p) => p.trust != null,
    ask: (subject, p) => p.trust?.(subject) ?? null,
    beside: (subject, p) => p.scores?.(subject, 'trust') ?? [],
  },
  { stage: 'answered', isOn: (p) => p.answered != null, ask: byAnswer },
  { stage: 'cache', isOn: (p) => p.cache != null, ask: (subject, p) => p.cache?.(subject) ?? null },
  { stage: 'scope', isOn: scoped, ask: inScope },
  {
    stage: 'judge',
    isOn: (p) => p.judge != null,
    ask: (subject, p) => p.judge?.(subject) ?? null,
    beside: (subject, p) => p.judgeNotes?.(subject) ?? [],
  },
  { stage: 'person', isOn: always, ask: openQuestion },
];

/** Chrome and Firefox send the extension to every server, so it cannot tell by itself that the name is a cover. */
export const ECH_NOTE: Evidence = {
  kind: 'note',
  text: 'the hello carries encrypted client hello: its name may be only the outer one',
};

function inSkippedRange(subject: Subject, p: Policy): Verdict | null {
  return p.skipped?.ask(subject) ?? null;
}

/** What a person said a moment ago goes before all that a judge says; what a judge found is told beside it. */
function byAnswer(subject: Subject, p: Policy): Verdict | null {
  const said = p.answered?.(subject) ?? null;
  const found = said === null ? [] : (p.found?.(subject) ?? []);
  return said === null || found.length === 0 ? said : { ...said, evidence: [...said.evidence, ...found] };
}

function openQuestion(subject: Subject, p: Policy): Verdict {
  const evidence = p.found?.(subject) ?? [];
  return evidence.length === 0 ? OPEN_QUESTION : { ...OPEN_QUESTION, evidence };
}

/** What the firewall thinks of a connection. Microseconds, no IO; the verdict is all it makes. */
export function decide(subject: Subject, p: Policy): Verdict {
  for (const step of STEPS) {
    const verdict = step.ask(subject, p);
    if (verdict !== null) return noted(subject, verdict);
  }
  return OPEN_QUESTION; // not reached: the last step always answers
}

/** The same decision, with all the steps: those before the winner, and what each after it would have said. */
export function trace(
  subject: Subject,
  p: Policy,
): { readonly verdict: Verdict; readonly steps: readonly TraceStep[] } {
  let winner: Verdict | null = null;
  const steps: TraceStep[] = [];
  for (const step of STEPS) {
    if (step.ask === inScope && p.scope === null) continue; // its absence is told by the first step
    const answer = step.ask(subject, p);
    if (step.ask === inSkippedRange && answer === null) continue; // of no interest but to a connection that lies in one
    const beside = step.beside?.(subject, p) ?? [];
    if (answer !== null && winner === null) {
      winner = noted(subject, answer);
      steps.push(row(step.stage, 'won', winner, beside));
    } else if (answer !== null) steps.push(row(step.stage, 'would', answer, beside));
    else steps.push(row(step.stage, step.isOn(p) ? 'passed' : 'off', null, beside));
  }
  return { verdict: winner ?? OPEN_QUESTION, steps };
}

function row(
  stage: LadderStep,
  outcome: TraceStep['outcome'],
  verdict: Verdict | null,
  beside: readonly Evidence[],
): TraceStep {
  const first = verdict?.evidence ?? [];
  const told = new Set(first.map((item) => item.text));
  const evidence = [...first, ...beside.filter((item) => !told.has(item.text))];
  return { stage, outcome, kind: verdict?.kind ?? null, evidence };
}

/** A verdict on a name that may be only the outer one says so. */
function noted(subject: Subject, verdict: Verdict): Verdict {
  if (subject.host === null || subject.sniff === null || !subject.sniff.ech) return verdict;
  return { ...verdict, evidence: [...verdict.evidence, ECH_NOTE] };
}
