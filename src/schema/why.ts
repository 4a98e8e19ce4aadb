import { z } from 'zod';
import { POLICY_PARTS } from '../model/policy-version.ts';
import { explanationSchema } from './explanation.ts';
import { flowSchema, verdictSchema } from './flow.ts';

/** The policy a verdict fell under; also how the ledger keeps it. */
export const policyVersionSchema = z.object({
  program: z.string().describe('version of the program'),
  settings: z.string().describe('keys of the configuration that decide'),
  rules: z.string().describe('the rules'),
  lists: z.string().describe('the lists that are on, with their content'),
  scores: z.string().describe('weights, thresholds, and what overrides taught'),
});

/** What `why --json` prints. */
export const whySchema = z.object({
  flow: flowSchema.describe('the connection as it is stored'),
  decidedBy: policyVersionSchema
    .nullable()
    .describe('the policy it was decided by; null when not known, or changed while it lived'),
  today: policyVersionSchema.describe('the policy of today'),
  changed: z.array(z.enum(POLICY_PARTS)).describe('the parts that differ'),
  repeat: z
    .enum(['same', 'other', 'of_the_moment'])
    .describe(
      'whether the policy of today gives the same verdict; of_the_moment: it rested on what only that moment knew',
    ),
  again: verdictSchema.describe('what the policy of today says of it'),
  steps: explanationSchema.shape.steps.describe('every step today, in order, losing ones too'),
});
export type WhyReport = z.infer<typeof whySchema>;
