import { z } from 'zod';
import raw from '../../../lists/sources.json' with { type: 'json' };
import { LIST_FORMATS } from '../../policy/lists/entry.ts';
import { LIST_KINDS } from '../../policy/lists/kinds.ts';

/** What a list is called in commands and files: lower-case letters, digits, dots and dashes. */
export const sourceName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{0,59}$/, 'expected lower-case letters, digits, dots and dashes, at most 60');

/** Categories that a source may have. */
const sourceCategory = z.enum(LIST_KINDS);

const listUrl = z.url({ protocol: /^https?$/ }).max(2_000);

/** One list that can be downloaded. */
export const sourceSchema = z.strictObject({
  name: sourceName,
  category: sourceCategory,
  url: listUrl,
  format: z.enum(LIST_FORMATS).default('auto'),
  licence: z.string().max(200).default('unknown'),
  homepage: listUrl.nullable().default(null),
  /** On without having been enabled, when its category is. */
  default: z.boolean().default(true),
  /** About how many entries it has; a first download with under a tenth of it is refused. 0 when nobody knows. */
  expected: z.int().min(0).max(20_000_000).default(0),
});
export type Source = z.infer<typeof sourceSchema>;

/** A list of the user's own that lies in a file. */
export const fileSourceSchema = z.strictObject({
  name: sourceName,
  category: sourceCategory,
  path: z.string().min(1).max(4_096),
});
export type FileSource = z.infer<typeof fileSourceSchema>;

/** Most sources, shipped and own together. */
export const SOURCES_MAX = 500;

/** The sources that come with the program. Throws when the embedded table is wrong, which a test prevents. */
export function shippedSources(): readonly Source[] {
  return z.array(sourceSchema).max(SOURCES_MAX).parse(raw);
}
