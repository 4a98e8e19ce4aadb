import type { Host } from '../../../model/brand.ts';
import { quoteText } from '../../../model/clean.ts';
import { dayText } from '../../core/day-text.ts';
import { ACCUSERS_MAX, type VirustotalReport } from './report.ts';

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

function accuserText({ engine, as }: VirustotalReport['accusers'][number]): string {
  return as === '' ? quoted(engine) : `${quoted(engine)} (as ${quoted(as)})`;
}

function listed(name: string, items: readonly string[], isCut = false): string[] {
  return items.length === 0 ? [] : [`${name}: ${items.join(', ')}${isCut ? ' and maybe more' : ''}`];
}

const quoted = (text: string): string => quoteText(text);
