import { z } from 'zod';

const count = z.int().min(0);

/** What a compiled file says of one of its lists. */
const compiledListSchema = z.object({
  name: z.string(),
  kind: z.enum([
    'malware',
    'phishing',
    'custom',
    'ads',
    'analytics',
    'gambling',
    'adult',
    'fakenews',
    'social',
    'allow',
    'popular',
    'provider',
  ]),
  digest: z.string(),
  lines: count,
  /** Different names, and address ranges. */
  names: count,
  ranges: count,
  exceptions: count,
  skipped: count,
  quarantined: count,
  samples: z.array(z.object({ line: count, reason: z.string(), text: z.string() })).max(20),
  /** Why the list could not be read; it is then empty. */
  error: z.string().nullable(),
});
export type CompiledList = z.infer<typeof compiledListSchema>;

/** The `meta` section of a compiled file. */
export const compiledMetaSchema = z.object({
  /** Digest of everything that went in; equal means that compiling again would change nothing. */
  inputs: z.string(),
  builtAt: z.number(),
  reach: z.object({ block: count, except: count, allow: count, popular: count, provider: count }),
  lists: z.array(compiledListSchema).max(2_000),
});
export type CompiledMeta = z.infer<typeof compiledMetaSchema>;

/** The sets of a compiled file. */
export const SET_NAMES = ['block', 'except', 'allow', 'popular', 'provider'] as const;
export type SetName = (typeof SET_NAMES)[number];
/** The address tables of a compiled file. */
export const RANGE_NAMES = ['block', 'except', 'allow'] as const;
export type RangeName = (typeof RANGE_NAMES)[number];
