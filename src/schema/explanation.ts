import { z } from 'zod';
import { EFFECTS, LADDER_STEPS, MODES, VERDICT_KINDS } from '../model/flow.ts';
import type { DeepReadonly } from './deep-readonly.ts';
import { evidenceSchema, nullableText, verdictSchema } from './flow.ts';

/** One step of decide, as `explain` and the breakdown show it. */
export const stepSchema = z.object({
  stage: z.enum(LADDER_STEPS).catch('newer').describe('the step; newer: one that this version does not know'),
  /** `won` decided; `would` comes after the winner and would have decided so; `passed` had nothing to say; `off` is not configured. */
  outcome: z
    .enum(['won', 'would', 'passed', 'off'])
    .describe(
      'won decided; would comes after the winner and would have decided so; passed had nothing to say; off is not configured',
    ),
  kind: z.enum(VERDICT_KINDS).nullable().describe('what the step says; null when nothing'),
  evidence: z.array(evidenceSchema).describe('what it rests on'),
});

export type StepReport = DeepReadonly<z.infer<typeof stepSchema>>;

export const explanationSchema = z.object({
  target: z
    .object({
      host: nullableText.describe('the name asked about'),
      ip: nullableText.describe('the address asked about'),
      port: z.int().describe('the port asked about'),
    })
    .describe('what was asked about'),
  verdict: verdictSchema.describe('the verdict of the step that won'),
  owner: z
    .object({
      name: z.string().describe('who runs the name'),
      kind: z.string().describe('cdn, cloud, platform, hosting, service, ads, analytics or social'),
    })
    .nullable()
    .describe('whose the name is, by the provider lists; null when they do not tell'),
  mode: z.enum(MODES).describe('mode of the engine'),
  effect: z.enum(EFFECTS).describe('what would happen in this mode'),
  defaulted: z.boolean().describe('nothing decides it, and policy.unattended does'),
  steps: z.array(stepSchema).describe('every step in order, losing ones too'),
});

export type Explanation = DeepReadonly<z.infer<typeof explanationSchema>>;
