import { expect, test } from 'bun:test';
import type { Reason, Verdict } from '../../src/model/flow.ts';
import type { PolicyVersion } from '../../src/model/policy-version.ts';
import { decide } from '../../src/policy/decide.ts';
import { whyOf } from '../../src/policy/why.ts';
import { sampleFlow } from '../ledger/sample-flow.ts';
import { policy, question, rule } from './examples.ts';

const VERSION: PolicyVersion = { program: '1', settings: 's', rules: 'r', lists: 'l', scores: 'c' };
const BLOCK: Verdict = { kind: 'block', stage: 'rules', reason: 'rule', evidence: [] };
const flow = (verdict: Verdict) => sampleFlow(1, { verdict });

test('the same policy gives the same verdict, whatever it decides', () => {
  const made = rule({ host: 'www.example.com', action: 'block' });
  for (const p of [policy([made]), policy(), policy([], { allow: ['example.com'] })]) {
    const verdict = decide(question(), p);
    const why = whyOf(flow(verdict), [VERSION], VERSION, decide(question(), p));
    expect(why).toMatchObject({ repeat: 'same', decidedBy: VERSION, changed: [] });
  }
});

test('a changed policy is named by its parts, and so is another verdict', () => {
  const today = { ...VERSION, rules: 'r2', lists: 'l2' };
  const again: Verdict = { kind: 'allow', stage: 'trust', reason: 'trusted', evidence: [] };
  expect(whyOf(flow(BLOCK), [VERSION], today, again)).toMatchObject({
    repeat: 'other',
    changed: ['rules', 'lists'],
    again,
  });
});

test('a policy that changed while the connection lived, or is not known, is not guessed', () => {
  const other = { ...VERSION, rules: 'r2' };
  for (const under of [[], [VERSION, other]])
    expect(whyOf(flow(BLOCK), under, VERSION, BLOCK)).toMatchObject({ decidedBy: null, changed: [] });
});

test.each<Reason>([
  'answered',
  'judged',
  'cached',
  'upstream_blocked',
  'name_unresolved',
  'too_many_connections',
])('a verdict by %s rested on the moment, and is not said to fall again', (reason) => {
  const why = whyOf(flow({ ...BLOCK, reason }), [VERSION], VERSION, BLOCK);
  expect(why.repeat).toBe('of_the_moment');
});

test('whoever did not answer: that nothing decided is the same verdict', () => {
  const asked = (reason: Reason): Verdict => ({ kind: 'ask', stage: 'person', reason, evidence: [] });
  const why = whyOf(flow(asked('time_over')), [VERSION], VERSION, asked('nobody_to_ask'));
  expect(why.repeat).toBe('same');
});
