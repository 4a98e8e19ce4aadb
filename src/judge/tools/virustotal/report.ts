import { z } from 'zod';
import type { Host } from '../../../model/brand.ts';
import { cleanText } from '../../../model/clean.ts';
import { normalizeHost } from '../../../model/host.ts';
import { boundedJson } from '../../../net/bounded-json.ts';

/** What of a report is kept. */
export const ACCUSERS_MAX = 10;
export const CATEGORIES_MAX = 6;
export const RANKS_MAX = 3;
const WORD_MAX_CHARS = 60;
/** Members of one object or list that are looked at; about a hundred engines exist. */
const MEMBERS_MAX = 300;
const COUNT_MAX = 100_000;
/** Seconds of Unix time up to the year 5138. */
const SECONDS_MAX = 99_999_999_999;

const count = z.int().min(0).max(COUNT_MAX);
/** Unix milliseconds. */
const time = z
  .int()
  .min(1)
  .max(SECONDS_MAX)
  .transform((seconds) => seconds * 1_000)
  .nullable()
  .catch(null);
/** Text of others in a line; bounded and cleaned. */
const word = z.string().transform((text) => {
  const bounded = text.slice(0, WORD_MAX_CHARS * 4);
  return cleanText(bounded.replace(/\s+/g, ' ').trim(), WORD_MAX_CHARS);
});

/** The members of an object or list by name; those that do not fit are passed over. */
function members<S extends z.ZodType>(schema: S) {
  const member = z.tuple([word, schema]);
  return z
    .unknown()
    .optional()
    .transform((value) => {
      const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
      const read = entries.slice(0, MEMBERS_MAX).map((entry) => member.safeParse(entry));
      return read.flatMap(({ data }) => (data === undefined ? [] : [data]));
    });
}

/** A domain object (docs.virustotal.com/reference/domains-object), of which only what is looked at is kept. */
const replySchema = z.object({
  data: z.object({
    type: z.literal('domain').optional(),
    id: z.string().max(300),
    attributes: z.object({
      last_analysis_stats: z
        .object({ malicious: count, suspicious: count, harmless: count, undetected: count })
        .nullable()
        .catch(null),
      last_analysis_results: members(z.object({ category: z.literal('malicious'), result: word.catch('') })),
      reputation: z.int().min(-1_000_000).max(1_000_000).nullable().catch(null),
      categories: members(word),
      creation_date: time,
      last_analysis_date: time,
      popularity_ranks: members(z.object({ rank: z.int().min(1).max(1_000_000_000) })),
    }),
  }),
});

/** What VirusTotal says of a domain; cleaned and capped. Null where it says nothing. */
export type VirustotalReport = NonNullable<ReturnType<typeof readReport>>;

/** Reads a reply about a host; null when it is none, or about another. Members that do not fit are passed over; never throws. */
export function readReport(text: string, asked: Host) {
  const { data } = replySchema.safeParse(boundedJson(text));
  if (data === undefined || normalizeHost(data.data.id) !== asked) return null;
  const { attributes } = data.data;
  const categories = new Set(attributes.categories.flatMap(([, text]) => text.toLowerCase() || []));
  return {
    /** How many engines say so; null when it was never analysed, or the figures cannot be. */
    stats: attributes.last_analysis_stats,
    /** Engines that call it malicious, and as what. */
    accusers: attributes.last_analysis_results
      .slice(0, ACCUSERS_MAX)
      .map(([engine, { result }]) => ({ engine, as: result })),
    /** Votes of people, above zero for good. */
    reputation: attributes.reputation,
    categories: [...categories].slice(0, CATEGORIES_MAX),
    createdAt: attributes.creation_date,
    analysedAt: attributes.last_analysis_date,
    /** Places on lists of popular domains, the best first. */
    ranks: attributes.popularity_ranks
      .map(([list, { rank }]) => ({ list, rank }))
      .sort((a, b) => a.rank - b.rank)
      .slice(0, RANKS_MAX),
  };
}
