import { afterEach, expect, test } from 'bun:test';
import type { UnixMs } from '../../../src/model/brand.ts';
import type { PolicyVersion } from '../../../src/model/policy-version.ts';
import { ended, sampleFlow } from '../sample-flow.ts';
import { cleanUp, openLedger, scratch } from '../scratch.ts';
import { optionsIn } from '../scratch-options.ts';

afterEach(cleanUp);

const version = (rules: string): PolicyVersion => ({
  program: '1',
  settings: 's',
  rules,
  lists: 'l',
  scores: 'c',
});

test('a connection knows the policy that was in force when it was accepted, over a restart too', async () => {
  const options = optionsIn(scratch());
  const ledger = await openLedger(options);
  ledger.recordPolicy(version('one'));
  const first = ended(sampleFlow(ledger.nextFlowId(), { at: (Date.now() - 60_000) as UnixMs }));
  ledger.record(first);
  ledger.recordPolicy(version('two'));
  const second = ended(sampleFlow(ledger.nextFlowId(), { at: Date.now() as UnixMs }));
  ledger.record(second);
  expect(await ledger.policiesOf(first)).toEqual([version('one')]);
  expect(await ledger.policiesOf(second)).toEqual([version('two')]);
  await ledger.close();
  const again = await openLedger(options);
  expect(await again.policiesOf(second)).toEqual([version('two')]);
});

test('one that is open, or waited, while the policy changes lived under both', async () => {
  const ledger = await openLedger(optionsIn(scratch()));
  ledger.recordPolicy(version('one'));
  const open = sampleFlow(ledger.nextFlowId(), { at: Date.now() as UnixMs, durationMs: null });
  ledger.record(open);
  ledger.recordPolicy(version('two'));
  ledger.recordPolicy(version('one'));
  expect(await ledger.policiesOf(open)).toEqual([version('one'), version('two')]);
});

test('with nothing written down no policy is known', async () => {
  const ledger = await openLedger(optionsIn(scratch()));
  const flow = sampleFlow(ledger.nextFlowId());
  ledger.record(flow);
  expect(await ledger.policiesOf(flow)).toEqual([]);
});
