import type { Host } from '../../../model/brand.ts';
import { quoteText } from '../../../model/clean.ts';
import type { Fact } from '../../../model/inquiry.ts';
import { dayText } from '../../core/day-text.ts';
import { ageFact, plainFact } from '../../core/facts.ts';
import { ACCUSERS_MAX, type VirustotalReport } from './report.ts';

/** Engines that must have found a name harmless; about ninety look at one. */
const ENGINES_MIN = 40;
/** The last place on a list of popular names that counts. */
const RANK_MAX = 100_000;

/** A report in plain lines for a model; what is not told is left out. Null of a name that nobody submitted yet. */
export function reportLines(host: Host, report: VirustotalReport | null, nowMs: number): string[] {
  if (report === null)
    return [
      `${host} is not known to VirusTotal: nobody asked about it yet, which says neither good nor bad.`,
    ];
  const { stats, accusers, reputation, categories, createdAt, analysedAt, ranks } = report;
  const engines = Object.entries(stats ?? {}).map(([verdict, count]) => `${count} ${verdict}`);
  return [
    `Domain: ${host}, as VirusTotal knows it`,
    `Engines: ${engines.join(', ') || 'not analysed'}`,
    ...listed('Called malicious by', accusers.map(accuserText), accusers.length === ACCUSERS_MAX),
    `Last analysis: ${analysedAt === null ? 'not told' : dayText(analysedAt, nowMs)}`,
    ...(reputation === null
      ? []
      : [`Votes of people: ${reputation} (below zero: bad, above: good, 0: hardly any)`]),
    ...listed('Categories', categories.map(quoted)),
    ...(createdAt === null ? [] : [`Registered, by its WHOIS: ${dayText(createdAt, nowMs)}`]),
    `Popularity: ${ranks.map(({ list, rank }) => `place ${rank} of ${quoted(list)}`).join(', ') || 'on no list'}`,
  ];
}

/**
 * What of a report nobody else wrote. That no engine minds a name says nothing while the name is young: it speaks for one that so many
 * engines found harmless, and that is old or in wide use.
 */
export function reportFacts(report: VirustotalReport | null, nowMs: number): Fact[] {
  if (report?.stats == null) return [plainFact('No engine of VirusTotal has looked at it.')];
  const { stats, createdAt, ranks } = report;
  const { malicious, suspicious, harmless } = stats;
  const text = `VirusTotal: ${harmless} engines find it harmless, ${suspicious} suspicious, ${malicious} malicious.`;
  if (malicious + suspicious > 0) return [{ leans: 'against', text }];
  const age = createdAt === null ? [] : [ageFact('By VirusTotal registered', createdAt, nowMs)];
  const [best] = ranks;
  const isWide = best !== undefined && best.rank <= RANK_MAX;
  const rank = isWide ? [plainFact(`It has place ${best.rank} on a list of popular names.`)] : [];
  const isSettled = age.some(({ leans }) => leans === 'for') || isWide;
  const isFor = isSettled && harmless >= ENGINES_MIN;
  // The date alone is what somebody else once read in a WHOIS reply.
  const others = [...age.map((one) => (one.leans === 'for' ? plainFact(one.text) : one)), ...rank];
  return [isFor ? { leans: 'for', text } : plainFact(text), ...others];
}

function accuserText({ engine, as }: VirustotalReport['accusers'][number]): string {
  return as === '' ? quoted(engine) : `${quoted(engine)} (as ${quoted(as)})`;
}

function listed(name: string, items: readonly string[], isCut = false): string[] {
  return items.length === 0 ? [] : [`${name}: ${items.join(', ')}${isCut ? ' and maybe more' : ''}`];
}

const quoted = (text: string): string => quoteText(text);
