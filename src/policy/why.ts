import type { FlowRecord, Reason, Verdict } from '../model/flow.ts';
import { changedParts, type PolicyPart, type PolicyVersion } from '../model/policy-version.ts';

/** Whether the verdict of a stored connection falls again. */
export type Repeat =
  | 'same'
  | 'other'
  /** It rested on what only that moment knew: who answered, how many were open, where a name led. */
  | 'of_the_moment';

/** A stored verdict held against what decides today. */
export interface Why {
  readonly repeat: Repeat;
  /** The policy it fell under; null when that is not known, or changed while the connection lived. */
  readonly decidedBy: PolicyVersion | null;
  readonly today: PolicyVersion;
  /** The parts that differ; empty with an unknown `decidedBy`. */
  readonly changed: readonly PolicyPart[];
  /** What the policy of today says. */
  readonly again: Verdict;
}

/** Verdicts that the ladder alone does not give: they rest on the moment, the address or somebody's answer. */
const OF_THE_MOMENT: ReadonlySet<Reason> = new Set<Reason>([
  ...(['not_redirected', 'destination_unknown', 'own_traffic', 'redirect_loop'] as const),
  ...(['too_many_connections', 'said_nothing', 'another_host'] as const),
  ...(['name_unresolved', 'name_private', 'upstream_blocked'] as const),
  ...(['answered', 'judged', 'cached', 'while_judging'] as const),
]);
/** Three ways to say that nothing decided. */
const UNDECIDED: ReadonlySet<Reason> = new Set<Reason>(['open_question', 'nobody_to_ask', 'time_over']);

/** `under`: the policies in force while the connection lived, as the ledger knows them. */
export function whyOf(
  flow: FlowRecord,
  under: readonly PolicyVersion[],
  today: PolicyVersion,
  again: Verdict,
): Why {
  const [first] = under;
  const decidedBy = first !== undefined && under.length === 1 ? first : null;
  const changed = decidedBy === null ? [] : changedParts(decidedBy, today);
  const repeat = OF_THE_MOMENT.has(flow.verdict.reason)
    ? 'of_the_moment'
    : isSame(flow.verdict, again)
      ? 'same'
      : 'other';
  return { repeat, decidedBy, today, changed, again };
}

function isSame(a: Verdict, b: Verdict): boolean {
  if (UNDECIDED.has(a.reason) && UNDECIDED.has(b.reason)) return true;
  return a.kind === b.kind && a.stage === b.stage && a.reason === b.reason;
}
