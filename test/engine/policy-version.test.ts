import { expect, test } from 'bun:test';
import { configSchema } from '../../src/config/schema.ts';
import { type PolicyParts, policyVersion } from '../../src/engine/policy-version.ts';
import { changedParts } from '../../src/model/policy-version.ts';

const parts = (config: object = {}, over: Partial<PolicyParts> = {}): PolicyParts => ({
  program: '1.0.0',
  config: configSchema.parse(config),
  rules: { digest: 'r' },
  lists: { digest: 'l' },
  feedback: { digest: 'f' },
  ...over,
});

test.each([
  ['settings', parts({ policy: { unattended: 'block' } })],
  ['settings', parts({ trust: { tolerance: 70 } })],
  ['settings', parts({ judge: { enabled: false } })],
  ['rules', parts({}, { rules: { digest: 'r2' } })],
  ['lists', parts({}, { lists: { digest: 'l2' } })],
  ['scores', parts({}, { feedback: { digest: 'f2' } })],
  ['program', parts({}, { program: '1.0.1' })],
])('what decides is told apart by its part: %s', (part, changed) => {
  expect(changedParts(policyVersion(parts()), policyVersion(changed)).join()).toBe(part);
});

test('what does not decide makes no other policy', () => {
  const same = parts({ screen: { notify: 'bell' }, ledger: { keepDays: 3 }, policy: { holdMs: 1_000 } });
  expect(policyVersion(same)).toEqual(policyVersion(parts()));
});
