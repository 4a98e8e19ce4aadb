import type { ListProgress, ListReport, ListUpdate } from '../src/schema/list.ts';
import { formatAge, formatBytes, formatCount } from './draw/format.ts';
import { clean, type Line, type Segment, seg, type Tone } from './draw/text.ts';

/** Lists older than this are said to be old. */
export const STALE_MS = 7 * 86_400_000;

/** How old a list's content is, in at most five cells: `3h`, `file`, `never`. */
export function listAge(list: ListReport, now: number): string {
  if (list.at !== null) return formatAge(now - list.at);
  return list.url === null ? 'file' : 'never';
}

/** How old the lists in force are: the oldest download, or the built-in ones where nothing was downloaded; null with no list. */
export function listsAge(lists: readonly ListReport[], now: number): Segment | null {
  const dated = lists.filter((list) => list.on && list.at !== null);
  const downloads = dated.filter((list) => list.url !== null);
  const from = downloads.length > 0 ? downloads : dated;
  if (from.length === 0) return null;
  const ageMs = now - Math.min(...from.map((list) => list.at ?? now));
  return seg(`lists ${formatAge(ageMs)} old`, ageMs > STALE_MS ? 'warn' : 'dim');
}

/** A list that could not be read, or of which there has been nothing new for long. A download that failed today is no alarm. */
export function isAlarming(list: ListReport, now: number): boolean {
  if (list.error === null) return false;
  return list.url === null || (list.on && list.at !== null && now - list.at > STALE_MS);
}

/** What came of an update, the failures first. */
export function updateOutcome(results: readonly ListUpdate[]): {
  readonly text: string;
  readonly tone: Tone;
} {
  const isBad = ({ outcome }: ListUpdate): boolean => outcome === 'failed' || outcome === 'refused';
  const bad = results.filter(isBad);
  const updated = results.filter(({ outcome }) => outcome === 'updated').length;
  const counts = `${updated} of ${results.length} sources had something new`;
  const [first] = bad;
  if (results.length === 0) return { text: 'no source is on', tone: 'dim' };
  if (first === undefined) return { text: counts, tone: 'strong' };
  const others = bad.length === 1 ? '' : ` (+${bad.length - 1} more)`;
  const why = `${first.name} ${first.outcome}: ${first.error ?? 'no reason given'}`;
  return { text: `${clean(why)}${others} · what is in force stays · ${counts}`, tone: 'bad' };
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
  const share = totalBytes === null || totalBytes === 0 ? null : Math.min(1, bytes / totalBytes);
  const amount =
    share === null
      ? `${formatBytes(bytes)}B`
      : `${Math.floor(share * 100)}% of ${formatBytes(totalBytes ?? 0)}B`;
  return [seg(`downloading ${clean(name)} · ${amount}`, 'info')];
}
