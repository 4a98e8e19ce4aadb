import { expect, test } from 'bun:test';
import type { z } from 'zod';
import type { FlowRecord } from '../../src/model/flow.ts';
import type { Inquiry, KeptVerdict } from '../../src/model/inquiry.ts';
import type { Rule } from '../../src/model/rule.ts';
import type { DeepReadonly } from '../../src/schema/deep-readonly.ts';
import { flowSchema } from '../../src/schema/flow.ts';
import type { inquirySchema, keptVerdictSchema } from '../../src/schema/judge.ts';
import type { ruleSchema } from '../../src/schema/rule.ts';
import { blockedFlow } from '../ledger/sample-flow.ts';

/** True when each can stand where the other is wanted; the compiler, not this test's run, is what holds it. */
type Agree<Schema extends z.ZodType, Record> = [DeepReadonly<z.infer<Schema>>] extends [DeepReadonly<Record>]
  ? [DeepReadonly<Record>] extends [DeepReadonly<z.infer<Schema>>]
    ? true
    : 'the record has what the schema does not let through'
  : 'the schema lets through what the record does not have';

test('a schema and the record of the model agree, in both directions', () => {
  const flow: Agree<typeof flowSchema, FlowRecord> = true;
  const rule: Agree<typeof ruleSchema, Rule> = true;
  const inquiry: Agree<typeof inquirySchema, Inquiry> = true;
  const verdict: Agree<typeof keptVerdictSchema, KeptVerdict> = true;
  // @ts-expect-error: a brand that is missing is noticed.
  const unbranded: Agree<typeof ruleSchema, Omit<Rule, 'id'> & { id: string }> = true;
  // @ts-expect-error: and a member of a union that is missing.
  const narrower: Agree<typeof ruleSchema, Omit<Rule, 'action'> & { action: 'allow' }> = true;
  expect([flow, rule, inquiry, verdict, unbranded, narrower]).toEqual(Array(6).fill(true));
});

test('what a schema read is a record as it is', () => {
  const read: FlowRecord = flowSchema.parse(JSON.parse(JSON.stringify(blockedFlow(2))));
  expect(read).toEqual(blockedFlow(2));
});
