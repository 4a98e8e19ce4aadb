import { cleanText } from '../../model/clean.ts';
import type { ListProgress, ListReport, ListUpdate } from '../../schema/list.ts';

const BAR_CHARS = 20;

/** `lists status` for a person: one line a list, wide columns padded. */
export function statusLines(rows: readonly ListReport[], nowMs: number): string[] {
  const table = rows.map((row) => [
    row.name,
    row.category,
    row.on ? 'on' : 'off',
    String(row.entries),
    `${row.hits} hits`,
    ageText(row, nowMs),
    troubleOf(row),
  ]);
  const widths = [0, 1, 2, 3, 4, 5].map((i) => Math.max(0, ...table.map((cells) => (cells[i] ?? '').length)));
  return table.map((cells) =>
    cells
      .map((cell, i) => (i === 3 || i === 4 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

function ageText(row: ListReport, nowMs: number): string {
  if (row.at !== null) return `${durationText(nowMs - row.at)} old`;
  return row.url === null ? 'your file' : 'never downloaded';
}

function troubleOf(row: ListReport): string {
  const skipped = row.skipped === 0 ? '' : `${row.skipped} lines skipped, ${row.quarantined} quarantined`;
  return cleanText(
    [row.error === null ? '' : `error: ${row.error}`, skipped].filter((text) => text !== '').join('; '),
  );
}

/** One line about a source that was brought up to date, or was not. */
export function resultLine(result: ListUpdate): string {
  const { name, entries, added, removed } = result;
  switch (result.outcome) {
    case 'updated':
      return `${name}: ${entries} entries, ${added} new, ${removed} gone`;
    case 'unchanged':
      return `${name}: unchanged, ${entries} entries`;
    case 'refused':
      return `${name}: refused, ${cleanText(result.error ?? '')}; the list in force stays`;
    case 'failed':
      return `${name}: failed, ${cleanText(result.error ?? '')}; the list in force stays`;
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
