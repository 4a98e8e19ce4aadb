import { expect, test } from 'bun:test';
import type { Mode, Reason, Stage, Verdict, VerdictKind } from '../../src/model/flow.ts';
import { effectOf } from '../../src/policy/effect.ts';

type Row = [VerdictKind, Stage, Reason, Mode, 'allow' | 'block', canAsk: boolean, outcome: string];

// outcome: effect, kind and reason of the verdict that is kept, and whether it was defaulted.
const ROWS: Row[] = [
  ['allow', 'rules', 'rule', 'enforce', 'allow', true, 'forward allow rule'],
  ['allow', 'rules', 'rule', 'enforce', 'block', false, 'forward allow rule'],
  ['allow', 'rules', 'rule', 'permissive', 'block', false, 'forward allow rule'],
  ['allow', 'rules', 'rule', 'lockdown', 'block', true, 'forward allow rule'],
  ['allow', 'scope', 'in_scope', 'lockdown', 'block', true, 'forward allow in_scope'],
  ['allow', 'allowlist', 'allowlisted', 'enforce', 'block', false, 'forward allow allowlisted'],
  ['allow', 'allowlist', 'allowlisted', 'permissive', 'block', false, 'forward allow allowlisted'],
  ['allow', 'allowlist', 'allowlisted', 'lockdown', 'allow', true, 'refuse block lockdown'],
  ['allow', 'trust', 'trusted', 'lockdown', 'allow', true, 'refuse block lockdown'],
  ['allow', 'person', 'answered', 'enforce', 'block', true, 'forward allow answered'],
  ['allow', 'person', 'answered', 'lockdown', 'allow', true, 'refuse block lockdown'],

  ['block', 'rules', 'rule', 'enforce', 'allow', true, 'refuse block rule'],
  ['block', 'rules', 'rule', 'permissive', 'block', true, 'forward block rule'],
  ['block', 'rules', 'rule', 'lockdown', 'allow', true, 'refuse block rule'],
  ['block', 'blocklist', 'blocklisted', 'enforce', 'allow', false, 'refuse block blocklisted'],
  ['block', 'blocklist', 'blocklisted', 'permissive', 'allow', false, 'forward block blocklisted'],
  ['block', 'blocklist', 'upstream_blocked', 'enforce', 'allow', false, 'refuse block upstream_blocked'],
  ['block', 'blocklist', 'upstream_blocked', 'permissive', 'allow', false, 'forward block upstream_blocked'],

  ['ask', 'person', 'open_question', 'enforce', 'allow', true, 'hold ask open_question'],
  ['ask', 'person', 'open_question', 'enforce', 'block', true, 'hold ask open_question'],
  ['ask', 'person', 'open_question', 'enforce', 'allow', false, 'forward ask nobody_to_ask defaulted'],
  ['ask', 'person', 'open_question', 'enforce', 'block', false, 'refuse ask nobody_to_ask defaulted'],
  ['ask', 'person', 'open_question', 'permissive', 'allow', true, 'forward ask nobody_to_ask defaulted'],
  ['ask', 'person', 'open_question', 'permissive', 'block', true, 'forward ask nobody_to_ask defaulted'],
  ['ask', 'person', 'open_question', 'permissive', 'allow', false, 'forward ask nobody_to_ask defaulted'],
  ['ask', 'person', 'open_question', 'permissive', 'block', false, 'forward ask nobody_to_ask defaulted'],
  ['ask', 'person', 'open_question', 'lockdown', 'allow', true, 'refuse block lockdown'],
  ['ask', 'person', 'open_question', 'lockdown', 'block', true, 'refuse block lockdown'],
  ['ask', 'person', 'open_question', 'lockdown', 'allow', false, 'refuse block lockdown'],
  ['ask', 'person', 'open_question', 'lockdown', 'block', false, 'refuse block lockdown'],
  ['ask', 'integrity', 'code_changed', 'enforce', 'block', true, 'hold ask code_changed'],
  ['ask', 'integrity', 'code_changed', 'enforce', 'block', false, 'refuse ask nobody_to_ask defaulted'],
  ['ask', 'person', 'time_over', 'enforce', 'allow', true, 'forward ask time_over defaulted'],
  ['ask', 'person', 'time_over', 'enforce', 'block', true, 'refuse ask time_over defaulted'],
  ['ask', 'person', 'time_over', 'permissive', 'block', true, 'forward ask time_over defaulted'],
];

const GUARDS: [Stage, Reason][] = [
  ['accept', 'not_redirected'],
  ['accept', 'own_traffic'],
  ['accept', 'redirect_loop'],
  ['accept', 'too_many_connections'],
  ['name', 'name_unresolved'],
  ['name', 'name_private'],
];

for (const [stage, reason] of GUARDS) {
  for (const mode of ['enforce', 'permissive', 'lockdown'] as const) {
    for (const unattended of ['allow', 'block'] as const) {
      ROWS.push(['block', stage, reason, mode, unattended, true, `refuse block ${reason}`]);
      ROWS.push(['block', stage, reason, mode, unattended, false, `refuse block ${reason}`]);
    }
  }
}

test.each(ROWS)(
  '%s of %s (%s), %s, unattended %s, somebody there %p: %s',
  (kind, stage, reason, mode, unattended, canAsk, outcome) => {
    const fact = { kind: 'note', text: 'a fact' } as const;
    const verdict: Verdict = { kind, stage, reason, evidence: [fact] };
    const result = effectOf(verdict, mode, unattended, canAsk);
    const said = [
      result.effect,
      result.verdict.kind,
      result.verdict.reason,
      result.defaulted ? 'defaulted' : '',
    ];
    expect(said.join(' ').trim()).toBe(outcome);
    expect(result.verdict.stage).toBe(stage);
    expect(result.verdict.evidence[0]).toBe(fact);
    // A verdict that mode or default changed says so in one more line.
    const isChanged = result.defaulted || result.verdict.reason === 'lockdown';
    expect(result.verdict.evidence).toHaveLength(isChanged ? 2 : 1);
  },
);
