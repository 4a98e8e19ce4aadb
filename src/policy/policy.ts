import type { Evidence, Verdict } from '../model/flow.ts';
import type { Subject } from '../model/subject.ts';
import type { HostLists } from './lists/host-lists.ts';
import type { RuleSet } from './rules/rule-set.ts';
import type { ScopeRules } from './scope.ts';
import type { SkippedRanges } from './skip.ts';

/** One stage of the inquiry that another part brings along: a verdict, or null to go on to the next. Never throws. */
export type Step = (subject: Subject) => Verdict | null;

/** All that a decision rests on. A step that is null or missing is not configured, and asks nothing. */
export interface Policy {
  /** The scope or jail the program runs in; null for the machine door. */
  readonly scope: ScopeRules | null;
  readonly rules: RuleSet;
  readonly lists: HostLists;
  /** Null where nothing is skipped, as in a scope. */
  readonly skipped?: SkippedRanges | null;
  readonly integrity?: Step | null;
  readonly generated?: Step | null;
  readonly trust?: Step | null;
  /** What a person answered a moment ago, for once. */
  readonly answered?: Step | null;
  readonly cache?: Step | null;
  readonly judge?: Step | null;
  /** What is known of a question that stays open: what a judge found who was unsure. */
  readonly found?: ((subject: Subject) => readonly Evidence[]) | null;
  /** What the scores say at steps 6 and 7, for explanations, also where they decide nothing. */
  readonly scores?: ((subject: Subject, stage: 'generated' | 'trust') => readonly Evidence[]) | null;
  /** Why the judge is not asked, for explanations; empty when it is. */
  readonly judgeNotes?: ((subject: Subject) => readonly Evidence[]) | null;
}
