import { cleanText } from '../../model/clean.ts';
import type { ListProgress, ListReport, ListUpdate } from '../../schema/list.ts';
import { tableLines } from '../table.ts';

const BAR_CHARS = 20;

/** `lists status` for a person: a line a list. */
export function statusLines(lists: readonly ListReport[], nowMs: number): string[] {
  const rows = lists.map((list) => [
    list.name,
    list.category,
    list.on ? 'on' : 'off',
    String(list.entries),
    `${list.hits} hits`,
    ageText(list, nowMs),
    troubleOf(list),
  ]);
  return tableLines(rows, [3, 4]);
}

function ageText(row: ListReport, nowMs: number): string {
  if (row.at !== null) return `${durationText(nowMs - row.at)} old`;
  return row.url === null ? 'your file' : 'never downloaded';
}

function troubleOf({ error, skipped, quarantined }: ListReport): string {
  const parts = [
    ...(error === null ? [] : [`error: ${error}`]),
    ...(skipped === 0 ? [] : [`${skipped} lines skipped, ${quarantined} quarantined`]),
  ];
  return cleanText(parts.join('; '));
}

/** One line about a source that was brought up to date, or was not. */
export function resultLine(result: ListUpdate): string {
  const { name, outcome, entries, added, removed, error } = result;
  switch (outcome) {
    case 'updated':
      return `${name}: ${entries} entries, ${added} new, ${removed} gone`;
    case 'unchanged':
      return `${name}: unchanged, ${entries} entries`;
    case 'refused':
    case 'failed':
      return `${name}: ${outcome}, ${cleanText(error ?? '')}; the list in force stays`;
  }
}

/** A download as a line to be drawn over: bar when the size is known, amount, rate, remaining time. */
export function progressLine(name: string, progress: Omit<ListProgress, 'name'>, elapsedMs: number): string {
  const { bytes, totalBytes } = progress;
  const rate = elapsedMs > 0 ? (bytes / elapsedMs) * 1_000 : 0;
  const amount = `${sizeText(bytes)} at ${sizeText(rate)}/s`;
  if (totalBytes === null || totalBytes === 0) return `${name} ${amount}`;
  const share = Math.min(1, bytes / totalBytes);
  const filled = Math.round(share * BAR_CHARS);
  const bar = `${'#'.repeat(filled)}${'.'.repeat(BAR_CHARS - filled)}`;
  const left = rate > 0 ? `, ${durationText(((totalBytes - bytes) / rate) * 1_000)} left` : '';
  return `${name} [${bar}] ${Math.floor(share * 100)} % of ${sizeText(totalBytes)}, ${amount}${left}`;
}

/** Milliseconds as one unit: `12 s`, `3 min`, `5 h`, `9 d`. */
export function durationText(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1_000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}

function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${Math.round(bytes)} B`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(0)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
