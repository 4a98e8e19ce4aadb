import type { ListProgress, ListReport, ListUpdate } from '../../src/schema/list.ts';
import { formatAge, formatBytes, formatCount } from '../draw/format.ts';
import { clean, type Line, type Segment, seg } from '../draw/text.ts';

/** Lists older than this are said to be old. */
export const STALE_MS = 7 * 86_400_000;

/** How old a list's content is, in at most five cells: `3h`, `file`, `never`. */
export function listAge(list: ListReport, now: number): string {
  if (list.at !== null) return formatAge(now - list.at);
  return list.url === null ? 'file' : 'never';
}

/** When the oldest download in force was made, or the built-in lists where nothing was downloaded; `at` is null with no list. */
export function oldestContent(lists: readonly ListReport[]): {
  readonly at: number | null;
  /** Downloads in force. */
  readonly downloads: number;
} {
  const made = lists.filter((list) => list.on && list.at !== null);
  const downloads = made.filter((list) => list.url !== null);
  const times = (downloads.length > 0 ? downloads : made).map((list) => list.at ?? 0);
  return { at: times.length === 0 ? null : Math.min(...times), downloads: downloads.length };
}

/** How old the lists in force are; null with no list. */
export function listsAge(lists: readonly ListReport[], now: number): Segment | null {
  const { at } = oldestContent(lists);
  if (at === null) return null;
  return seg(`lists ${formatAge(now - at)} old`, now - at > STALE_MS ? 'warn' : 'dim');
}

/** A list that could not be read, or of which there has been nothing new for long. A download that failed today is no alarm. */
export function isAlarming(list: ListReport, now: number): boolean {
  if (list.error === null) return false;
  return list.url === null || (list.on && list.at !== null && now - list.at > STALE_MS);
}

/** What came of an update, the failures first. */
export function updateOutcome(results: readonly ListUpdate[]): Segment {
  if (results.length === 0) return seg('no source is on', 'dim');
  const [first, ...others] = results.filter(({ outcome }) => outcome === 'failed' || outcome === 'refused');
  const updated = results.filter(({ outcome }) => outcome === 'updated').length;
  const counts = `${updated} of ${results.length} sources had something new`;
  if (first === undefined) return seg(counts, 'strong');
  const more = others.length === 0 ? '' : ` (+${others.length} more)`;
  const why = clean(`${first.name} ${first.outcome}: ${first.error ?? 'no reason given'}`);
  return seg(`${why}${more} · what is in force stays · ${counts}`, 'bad');
}

/** What there is to say about the chosen list, in the line above the keys. */
export function listLine(list: ListReport): Line {
  if (list.error !== null) return [seg(`${clean(list.name)}: ${clean(list.error)}`, 'bad')];
  const parts: string[] = [];
  if (list.skipped > 0) {
    const strangers = list.quarantined === 0 ? '' : `, ${formatCount(list.quarantined)} quarantined`;
    parts.push(`${formatCount(list.skipped)} lines skipped${strangers}`);
  }
  if (list.licence !== null) parts.push(`licence ${clean(list.licence)}`);
  if (list.url !== null) parts.push(clean(list.url));
  return [seg(parts.join(' · '), 'dim')];
}

/** How far a download is. */
export function progressLine({ name, bytes, totalBytes }: ListProgress): Line {
  const amount =
    totalBytes === null || totalBytes === 0
      ? `${formatBytes(bytes)}B`
      : `${Math.floor(Math.min(1, bytes / totalBytes) * 100)}% of ${formatBytes(totalBytes)}B`;
  return [seg(`downloading ${clean(name)} · ${amount}`, 'info')];
}
