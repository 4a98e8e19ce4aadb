import type { Host, Ip, UnixMs } from '../model/brand.ts';
import type { Evidence, Origin, Sniff, Stage, Verdict, VerdictKind } from '../model/flow.ts';
import type { HostLists } from './lists.ts';
import type { RuleSet } from './rules.ts';
import type { ScopeRules } from './scope.ts';
import {
  byAllowlist,
  byBlocklist,
  byRule,
  inScope,
  outOfScope,
  outrankedRules,
  scopeEntry,
} from './steps.ts';

/** What is known of a connection when it is decided. */
export interface Question {
  readonly origin: Origin;
  /** The name the client asked for; null for a bare address. */
  readonly host: Host | null;
  /** The address dialled; null only where there is no connection (`explain` of a name that was not resolved). */
  readonly ip: Ip | null;
  readonly port: number;
  /** What the first bytes told; null where there is no connection. */
  readonly sniff: Sniff | null;
  /** The clock: rules that ended by then do not exist. */
  readonly now: UnixMs;
}

/** One stage of the inquiry that another part brings along: a verdict, or null to go on to the next. Never throws. */
export type Step = (q: Question) => Verdict | null;

/** All that a decision rests on. A step that is null or missing is not configured, and asks nothing. */
export interface Policy {
  /** The scope or jail the program runs in; null for the machine door. */
  readonly scope: ScopeRules | null;
  readonly rules: RuleSet;
  readonly lists: HostLists;
  readonly integrity?: Step | null;
  readonly generated?: Step | null;
  readonly trust?: Step | null;
  readonly cache?: Step | null;
  readonly judge?: Step | null;
  /** What is known of a question that stays open: what a judge found who was unsure. */
  readonly found?: ((q: Question) => readonly Evidence[]) | null;
  /** What the scores say at steps 6 and 7, for explanations, also where they decide nothing. */
  readonly scores?: ((q: Question, stage: 'generated' | 'trust') => readonly Evidence[]) | null;
  /** Why the judge is not asked, for explanations; empty when it is. */
  readonly judgeNotes?: ((q: Question) => readonly Evidence[]) | null;
}

/** One step in an explanation; the shape of the control schema's step. */
export interface TraceStep {
  readonly stage: Stage;
  /** `won` decided; `would` comes after the winner and would have decided so; `passed` had nothing to say; `off` is not configured. */
  readonly outcome: 'won' | 'would' | 'passed' | 'off';
  readonly kind: VerdictKind | null;
  readonly evidence: readonly Evidence[];
}

interface DecideStep {
  readonly stage: Stage;
  readonly isOn: (p: Policy) => boolean;
  readonly ask: (q: Question, p: Policy) => Verdict | null;
  /** What an explanation shows beside the answer. */
  readonly beside?: (q: Question, p: Policy) => readonly Evidence[];
}

const always = (): boolean => true;
const scoped = (p: Policy): boolean => p.scope !== null;
const OPEN_QUESTION: Verdict = { kind: 'ask', stage: 'person', reason: 'open_question', evidence: [] };

/** The inquiry: the first step that answers has decided. `scope` stands twice: it blocks first and allows late. */
const STEPS: readonly DecideStep[] = [
  { stage: 'scope', isOn: scoped, ask: outOfScope, beside: scopeEntry },
  { stage: 'rules', isOn: always, ask: byRule, beside: outrankedRules },
  { stage: 'allowlist', isOn: always, ask: byAllowlist },
  { stage: 'blocklist', isOn: always, ask: byBlocklist },
  { stage: 'integrity', isOn: (p) => p.integrity != null, ask: (q, p) => p.integrity?.(q) ?? null },
  {
    stage: 'generated',
    isOn: (p) => p.generated != null,
    ask: (q, p) => p.generated?.(q) ?? null,
    beside: (q, p) => p.scores?.(q, 'generated') ?? [],
  },
  {
    stage: 'trust',
    isOn: (p) => p.trust != null,
    ask: (q, p) => p.trust?.(q) ?? null,
    beside: (q, p) => p.scores?.(q, 'trust') ?? [],
  },
  { stage: 'cache', isOn: (p) => p.cache != null, ask: (q, p) => p.cache?.(q) ?? null },
  { stage: 'scope', isOn: scoped, ask: inScope },
  {
    stage: 'judge',
    isOn: (p) => p.judge != null,
    ask: (q, p) => p.judge?.(q) ?? null,
    beside: (q, p) => p.judgeNotes?.(q) ?? [],
  },
  { stage: 'person', isOn: always, ask: openQuestion },
];

/** Chrome and Firefox send the extension to every server, so it cannot tell by itself that the name is a cover. */
export const ECH_NOTE: Evidence = {
  kind: 'note',
  text: 'the hello carries encrypted client hello: its name may be only the outer one',
};

function openQuestion(q: Question, p: Policy): Verdict {
  const evidence = p.found?.(q) ?? [];
  return evidence.length === 0 ? OPEN_QUESTION : { ...OPEN_QUESTION, evidence };
}

/** What the firewall thinks of a connection. Microseconds, no IO; the verdict is all it makes. */
export function decide(q: Question, p: Policy): Verdict {
  for (const step of STEPS) {
    const verdict = step.ask(q, p);
    if (verdict !== null) return noted(q, verdict);
  }
  return OPEN_QUESTION; // not reached: the last step always answers
}

/** The same decision, with all the steps: those before the winner, and what each after it would have said. */
export function trace(
  q: Question,
  p: Policy,
): { readonly verdict: Verdict; readonly steps: readonly TraceStep[] } {
  let winner: Verdict | null = null;
  const steps: TraceStep[] = [];
  for (const step of STEPS) {
    if (step.ask === inScope && p.scope === null) continue; // its absence is told by the first step
    const answer = step.ask(q, p);
    const beside = step.beside?.(q, p) ?? [];
    if (answer !== null && winner === null) {
      winner = noted(q, answer);
      steps.push(row(step.stage, 'won', winner, beside));
    } else if (answer !== null) steps.push(row(step.stage, 'would', answer, beside));
    else steps.push(row(step.stage, step.isOn(p) ? 'passed' : 'off', null, beside));
  }
  return { verdict: winner ?? OPEN_QUESTION, steps };
}

function row(
  stage: Stage,
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
function noted(q: Question, verdict: Verdict): Verdict {
  if (q.host === null || q.sniff === null || !q.sniff.ech) return verdict;
  return { ...verdict, evidence: [...verdict.evidence, ECH_NOTE] };
}
