import type { UnixMs } from '../model/brand.ts';

/** Longest text that is looked at; what follows a date (a ticket number, a remark) may be cut. */
const DATE_MAX_CHARS = 100;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH = '(?<mon>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\\.?';
const YEAR = '(?<y>\\d{4})';
const CLOCK = '(?<h>\\d{1,2}):(?<min>\\d{2})(?::(?<s>\\d{2})(?:[.,]\\d{1,9})?)?';
const ZONE = '(?<zone>z|utc|gmt|[+-]\\d{2}(?::?\\d{2})?)';
// What follows must not look like more of the date: a cut or mistyped one is refused rather than read as another day.
const TAIL = `(?:(?:t|[\\s,]+(?:at\\s+)?)${CLOCK}\\s*${ZONE}?)?(?![\\w:/-]|\\.\\d)`;

const SHAPES: readonly { readonly pattern: RegExp; readonly order: 'stated' | 'unstated' }[] = [
  // 1995-08-14, 2003/06/01, 1996.05.22, 2000. 01. 02.
  shape(`${YEAR}(?:-(?<m>\\d{2})-|/(?<m>\\d{2})/|\\.\\s?(?<m>\\d{2})\\.\\s?)(?<d>\\d{2})\\.?${TAIL}`),
  // 19960522
  shape(`${YEAR}(?<m>\\d{2})(?<d>\\d{2})${TAIL}`),
  // 14-Aug-1995, 14 August 1995, 30th April 2003
  shape(`(?<d>\\d{1,2})(?:st|nd|rd|th)?[\\s.-]+${MONTH}[\\s,-]+${YEAR}\\.?${TAIL}`),
  // 2001-Aug-23.
  shape(`${YEAR}[\\s.-]${MONTH}[\\s.-](?<d>\\d{2})\\.?${TAIL}`),
  // August 14, 1995; Tue Dec 12 2000
  shape(`(?:[a-z]{3,9},?\\s+)?${MONTH}[\\s-]+(?<d>\\d{1,2})(?:st|nd|rd|th)?[\\s,-]+${YEAR}${TAIL}`),
  // Fri Jan 28 23:59:59 GMT 2011 (asctime)
  shape(
    `(?:[a-z]{3},?\\s+)?${MONTH}\\s+(?<d>\\d{1,2})\\s+${CLOCK}\\s+(?:[a-z]{3,4}\\s+)?${YEAR}(?![\\w:/.-])`,
  ),
  // Tue, 14 Aug 1995 10:00:00 GMT
  shape(`[a-z]{3,9},?\\s+(?<d>\\d{1,2})\\s+${MONTH}\\s+${YEAR}${TAIL}`),
  // 14.8.1995: with dots the day is first, wherever it is written so
  shape(`(?<d>\\d{1,2})\\.\\s?(?<m>\\d{1,2})\\.\\s?${YEAR}${TAIL}`),
  // 24/02/2003 and 24-02-2003: which of the two is the month differs by country
  shape(`(?<d>\\d{1,2})(?:/(?<m>\\d{1,2})/|-(?<m>\\d{1,2})-)${YEAR}${TAIL}`, 'unstated'),
];

/**
 * Reads a date as registries write it, at the beginning of a text; without a zone it is taken for UTC. Null for anything else:
 * two-digit years, impossible days, and dates whose day and month could change places.
 */
export function parseRegistryDate(text: string): UnixMs | null {
  const bounded = text.slice(0, DATE_MAX_CHARS).trimStart();
  for (const { pattern, order } of SHAPES) {
    const groups = pattern.exec(bounded)?.groups;
    if (groups !== undefined) return order === 'stated' ? timeOf(groups) : statedOrder(groups);
  }
  return null;
}

function shape(pattern: string, order: 'stated' | 'unstated' = 'stated') {
  return { pattern: new RegExp(`^${pattern}`, 'i'), order };
}

type Groups = Readonly<Record<string, string | undefined>>;

function statedOrder(groups: Groups): UnixMs | null {
  const first = Number(groups.d);
  const second = Number(groups.m);
  if (first > 12 || first === second) return timeOf(groups);
  return second > 12 ? timeOf({ ...groups, d: groups.m, m: groups.d }) : null;
}

function timeOf({ y, m, mon, d, h = '0', min = '0', s = '0', zone }: Groups): UnixMs | null {
  const month = mon === undefined ? Number(m) - 1 : MONTHS.indexOf(mon.toLowerCase());
  const [year, day, hour, minute, second] = [Number(y), Number(d), Number(h), Number(min), Number(s)];
  // 24:00 and leap seconds are written by some.
  if (hour > 24 || minute > 59 || second > 60) return null;
  const midnight = Date.UTC(year, month, day);
  const made = new Date(midnight);
  // Date.UTC moves the 31st of June to July, and years below 100 to the last century.
  if (made.getUTCFullYear() !== year || made.getUTCMonth() !== month || made.getUTCDate() !== day)
    return null;
  const time = midnight + ((hour * 60 + minute) * 60 + second) * 1_000;
  return (time - zoneMs(zone)) as UnixMs;
}

function zoneMs(zone: string | undefined): number {
  const parts = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone ?? '');
  if (parts === null) return 0;
  const [, sign, hours, minutes = '0'] = parts;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
