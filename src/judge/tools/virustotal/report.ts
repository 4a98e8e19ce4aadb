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
const seconds = z.int().min(1).max(SECONDS_MAX).optional().catch(undefined);
const dictionary = z.record(z.string(), z.unknown()).optional().catch(undefined);

/** A domain object (docs.virustotal.com/reference/domains-object), of which only what is looked at is kept. */
const replySchema = z.object({
  data: z.object({
    type: z.string().optional(),
    id: z.string().max(300),
    attributes: z.object({
      last_analysis_stats: z
        .object({ malicious: count, suspicious: count, harmless: count, undetected: count })
        .optional()
        .catch(undefined),
      last_analysis_results: dictionary,
      reputation: z.int().min(-1_000_000).max(1_000_000).optional().catch(undefined),
      categories: dictionary,
      creation_date: seconds,
      last_analysis_date: seconds,
      tags: z.array(z.unknown()).optional().catch(undefined),
      popularity_ranks: dictionary,
    }),
  }),
});
const resultSchema = z.object({ category: z.string(), result: z.string().catch('') });
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
  if (!parsed.success) return null;
  const { type, id, attributes } = parsed.data.data;
  if ((type !== undefined && type !== 'domain') || normalizeHost(id) !== asked) return null;
  const {
    last_analysis_stats: stats,
    reputation,
    creation_date: created,
    last_analysis_date: analysed,
  } = attributes;
  return {
    stats: stats ?? null,
    accusers: accusersOf(attributes.last_analysis_results),
    reputation: reputation ?? null,
    categories: words(Object.values(attributes.categories ?? {}).slice(0, MEMBERS_MAX), CATEGORIES_MAX),
    createdAt: created === undefined ? null : created * 1_000,
    analysedAt: analysed === undefined ? null : analysed * 1_000,
    tags: words((attributes.tags ?? []).slice(0, MEMBERS_MAX), TAGS_MAX),
    ranks: ranksOf(attributes.popularity_ranks),
  };
}

function accusersOf(results: Readonly<Record<string, unknown>> = {}): VirustotalReport['accusers'] {
  return members(results, resultSchema)
    .filter(([, { category }]) => category === 'malicious')
    .slice(0, ACCUSERS_MAX)
    .map(([engine, { result }]) => ({ engine: word(engine), as: word(result) }));
}

function ranksOf(ranks: Readonly<Record<string, unknown>> = {}): VirustotalReport['ranks'] {
  return members(ranks, rankSchema)
    .map(([list, { rank }]) => ({ list: word(list), rank }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, RANKS_MAX);
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
  for (const value of values) {
    const text = typeof value === 'string' ? word(value).toLowerCase() : '';
    if (text !== '') counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([text]) => text);
}

function word(text: string): string {
  return cleanText(
    text
      .slice(0, WORD_MAX_CHARS * 4)
      .replace(/\s+/g, ' ')
      .trim(),
    WORD_MAX_CHARS,
  );
}
