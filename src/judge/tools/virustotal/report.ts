import { z } from 'zod';
import type { Host } from '../../../model/brand.ts';
import { cleanText } from '../../../model/clean.ts';
import { normalizeHost } from '../../../model/host.ts';
import { boundedJson } from '../../../net/bounded-json.ts';

/** What of a report is kept. */
export const ACCUSERS_MAX = 10;
export const CATEGORIES_MAX = 6;
export const TAGS_MAX = 6;
export const RANKS_MAX = 3;
const WORD_MAX_CHARS = 60;
/** Members of one object or list that are looked at; about a hundred engines exist. */
const MEMBERS_MAX = 300;
const COUNT_MAX = 100_000;
/** Seconds of Unix time up to the year 5138. */
const SECONDS_MAX = 99_999_999_999;

const count = z.int().min(0).max(COUNT_MAX);
const time = z
  .int()
  .min(1)
  .max(SECONDS_MAX)
  .transform((seconds) => seconds * 1_000)
  .nullable()
  .catch(null);
const dictionary = z.record(z.string(), z.unknown()).catch({});

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
      last_analysis_results: dictionary,
      reputation: z.int().min(-1_000_000).max(1_000_000).nullable().catch(null),
      categories: dictionary,
      creation_date: time,
      last_analysis_date: time,
      tags: z.array(z.unknown()).catch([]),
      popularity_ranks: dictionary,
    }),
  }),
});
const resultSchema = z.object({ category: z.literal('malicious'), result: z.string().catch('') });
const rankSchema = z.object({ rank: z.int().min(1).max(1_000_000_000) });

/** What VirusTotal says of a domain; cleaned and capped. Null where it says nothing. */
export interface VirustotalReport {
  /** How many engines say so; null when it was never analysed, or the figures cannot be. */
  readonly stats: Readonly<Record<'malicious' | 'suspicious' | 'harmless' | 'undetected', number>> | null;
  /** Engines that call it malicious, and as what. */
  readonly accusers: readonly { readonly engine: string; readonly as: string }[];
  /** Votes of people, above zero for good. */
  readonly reputation: number | null;
  readonly categories: readonly string[];
  /** Unix milliseconds. */
  readonly createdAt: number | null;
  readonly analysedAt: number | null;
  readonly tags: readonly string[];
  /** Places on lists of popular domains, the best first. */
  readonly ranks: readonly { readonly list: string; readonly rank: number }[];
}

/** Reads a reply about a host; null when it is none, or about another. Members that do not fit are passed over; never throws. */
export function readReport(text: string, asked: Host): VirustotalReport | null {
  const parsed = replySchema.safeParse(boundedJson(text));
  if (!parsed.success || normalizeHost(parsed.data.data.id) !== asked) return null;
  const { attributes } = parsed.data.data;
  return {
    stats: attributes.last_analysis_stats,
    accusers: members(attributes.last_analysis_results, resultSchema)
      .slice(0, ACCUSERS_MAX)
      .map(([engine, { result }]) => ({ engine: word(engine), as: word(result) })),
    reputation: attributes.reputation,
    categories: words(Object.values(attributes.categories), CATEGORIES_MAX),
    createdAt: attributes.creation_date,
    analysedAt: attributes.last_analysis_date,
    tags: words(attributes.tags, TAGS_MAX),
    ranks: members(attributes.popularity_ranks, rankSchema)
      .map(([list, { rank }]) => ({ list: word(list), rank }))
      .sort((a, b) => a.rank - b.rank)
      .slice(0, RANKS_MAX),
  };
}

/** The members of an object that fit, by name. */
function members<S extends z.ZodType>(
  object: Readonly<Record<string, unknown>>,
  schema: S,
): [string, z.infer<S>][] {
  return Object.entries(object)
    .slice(0, MEMBERS_MAX)
    .flatMap(([name, value]) => {
      const parsed = schema.safeParse(value);
      return parsed.success ? [[name, parsed.data] as [string, z.infer<S>]] : [];
    });
}

/** The different texts of a list, in small letters, those that come oftener first. */
function words(values: readonly unknown[], most: number): string[] {
  const counts = new Map<string, number>();
  for (const value of values.slice(0, MEMBERS_MAX)) {
    const text = typeof value === 'string' ? word(value).toLowerCase() : '';
    if (text !== '') counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([text]) => text);
}

function word(text: string): string {
  const bounded = text.slice(0, WORD_MAX_CHARS * 4);
  return cleanText(bounded.replace(/\s+/g, ' ').trim(), WORD_MAX_CHARS);
}
