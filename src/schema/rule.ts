import { z } from 'zod';
import { RULE_ACTIONS, RULE_ORIGINS } from '../model/rule.ts';
import { ruleId, unixMs } from './brands.ts';
import { nullableText } from './flow.ts';

/** One rule, as `rules list --json` prints it. */
export const ruleSchema = z.object({
  id: ruleId.describe('eight hexadecimal characters; file: and its place for a rule from rules.d'),
  action: z.enum(RULE_ACTIONS).describe('what it does with connections it matches'),
  host: z
    .string()
    .describe(
      'example.com with all below it, =example.com alone, *.example.com only below, an address, a range, or *',
    ),
  port: z.int().nullable().describe('null for any'),
  app: nullableText.describe('path of an executable, or a bare file name; null for any'),
  user: nullableText.describe('user name or numeric id; null for any'),
  until: unixMs.nullable().describe('void from this moment on, Unix milliseconds; null for ever'),
  createdAt: unixMs.describe('Unix milliseconds'),
  origin: z.enum(RULE_ORIGINS).describe('how it was made'),
  note: nullableText.describe('what its maker wrote beside it'),
});

/** A rule to be made; the engine gives it its id and time, and refuses a host it cannot read. */
export const ruleDraftSchema = z.strictObject({
  action: z.enum(RULE_ACTIONS),
  host: z.string().min(1).max(260),
  port: z.int().min(1).max(65_535).nullable().default(null),
  app: z.string().min(1).max(4_096).nullable().default(null),
  user: z.string().min(1).max(64).nullable().default(null),
  until: z.number().positive().nullable().default(null),
  note: z.string().max(500).nullable().default(null),
});

export type RuleDraft = z.infer<typeof ruleDraftSchema>;
