import { z } from 'zod';
import { nullableText } from './flow.ts';

/** One question to the person: the connections that wait for the same name. */
export const promptSchema = z.object({
  id: z.int().describe('for the answer'),
  host: nullableText.describe('the name; null for a bare address'),
  domain: nullableText.describe('its registrable domain; null where there is none'),
  ip: z.string().describe('the address dialled first'),
  ports: z.array(z.int()).describe('the ports dialled, up to 8'),
  apps: z
    .array(z.object({ name: nullableText, path: nullableText, user: nullableText, parent: nullableText }))
    .describe('the programs that ask, first come first, up to 8'),
  flows: z.array(z.int()).describe('ids of the flows that wait, up to 64'),
  waiting: z.int().describe('how many flows wait'),
  since: z.number().describe('when the first began to wait, Unix milliseconds'),
  deadline: z.number().describe('when the first of them is over, Unix milliseconds'),
  reason: z.string().describe('why nobody decided it, one sentence'),
  inquiry: z.int().nullable().describe("the judge's inquiry into it; null when there was none"),
  findings: z.array(z.string()).describe("the judge's findings so far, up to 8 sentences"),
});

export type Prompt = z.infer<typeof promptSchema>;

/** How a person answers: for the waiting connections alone, or as a rule. */
export const answerScopeSchema = z.discriminatedUnion('kind', [
  /** What waits now, and what the same program asks of the same name within the next minute. */
  z.strictObject({ kind: z.literal('once') }),
  z.strictObject({
    kind: z.literal('rule'),
    app: z.enum(['this', 'all']),
    /** `name`: the name alone; `domain`: its registrable domain and all below it. */
    target: z.enum(['name', 'domain']),
    /** Null for ever. */
    forMs: z.number().positive().max(31_622_400_000).nullable(),
  }),
]);

export type AnswerScope = z.infer<typeof answerScopeSchema>;
