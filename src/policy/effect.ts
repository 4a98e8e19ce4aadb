import type { Evidence, Mode, Reason, Stage, Verdict } from '../model/flow.ts';
import { assertNever } from '../model/never.ts';

/** What is done with a connection, and the verdict as the ledger keeps it. */
export interface Effected {
  /** `hold`: ask, and call again with what came of it. */
  readonly effect: 'forward' | 'refuse' | 'hold';
  readonly verdict: Verdict;
  /** True when nothing decided and nobody was there to ask. */
  readonly defaulted: boolean;
}

// There is nothing these connections could truthfully be forwarded to, or no room to do it, so no mode changes them.
const GUARDS: ReadonlySet<Reason> = new Set<Reason>([
  'not_redirected',
  'destination_unknown',
  'own_traffic',
  'redirect_loop',
  'too_many_connections',
  'name_unresolved',
  'name_private',
]);

/**
 * Turns a verdict into an effect, once, last. `canAsk`: somebody can answer an `ask` now. Modes other than enforce ask
 * nobody: permissive forwards what would be blocked and the verdict still says so; lockdown passes what a rule allows or a
 * scope names. In scopes and jails the caller gives `enforce` and `block`, whatever the machine is set to.
 */
export function effectOf(
  verdict: Verdict,
  mode: Mode,
  unattended: 'allow' | 'block',
  canAsk: boolean,
): Effected {
  if (GUARDS.has(verdict.reason)) return settled('refuse', verdict);
  if (mode === 'lockdown') return inLockdown(verdict);
  switch (verdict.kind) {
    case 'allow':
      return settled('forward', verdict);
    case 'block':
      return settled(mode === 'permissive' ? 'forward' : 'refuse', verdict);
    case 'ask':
      if (canAsk && mode === 'enforce' && !wasAsked(verdict)) return settled('hold', verdict);
      return unanswered(verdict, mode, unattended);
    default:
      return assertNever(verdict.kind);
  }
}

const UNANSWERED = {
  permissive: note('nothing decided and nobody answered: permissive mode forwards it'),
  allow: note('nothing decided and nobody answered: policy.unattended = "allow"'),
  block: note('nothing decided and nobody answered: policy.unattended = "block"'),
} as const;

function settled(effect: Effected['effect'], verdict: Verdict): Effected {
  return { effect, verdict, defaulted: false };
}

/** What a rule allows or a scope names; and what is not filtered in any mode. */
const LOCKDOWN_PASSES: ReadonlySet<Stage> = new Set<Stage>(['rules', 'scope', 'skip']);

function inLockdown(verdict: Verdict): Effected {
  if (verdict.kind === 'block') return settled('refuse', verdict);
  if (verdict.kind === 'allow' && LOCKDOWN_PASSES.has(verdict.stage)) return settled('forward', verdict);
  const was = verdict.kind === 'allow' ? `the ${verdict.stage} step alone allows it` : 'nothing allows it';
  const evidence = [...verdict.evidence, note(`lockdown passes only what a rule allows; ${was}`)];
  return settled('refuse', { ...verdict, kind: 'block', reason: 'lockdown', evidence });
}

/** A held connection that came back without an answer is not held again. */
function wasAsked(verdict: Verdict): boolean {
  return verdict.reason === 'time_over' || verdict.reason === 'nobody_to_ask';
}

function unanswered(
  verdict: Verdict,
  mode: 'enforce' | 'permissive',
  unattended: 'allow' | 'block',
): Effected {
  const forward = mode === 'permissive' || unattended === 'allow';
  const reason = wasAsked(verdict) ? verdict.reason : 'nobody_to_ask';
  const evidence = [...verdict.evidence, UNANSWERED[mode === 'permissive' ? mode : unattended]];
  return {
    effect: forward ? 'forward' : 'refuse',
    verdict: { ...verdict, reason, evidence },
    defaulted: true,
  };
}

function note(text: string): Evidence {
  return { kind: 'note', text };
}
