const DAY_MS = 86_400_000;
/** The largest time that a date can be made of (ECMA-262, time values). */
const LAST_MS = 8_640_000_000_000_000;

/** A day in UTC: `2019-08-14`. */
export function day(at: number): string {
  return Math.abs(at) <= LAST_MS ? new Date(at).toISOString().slice(0, 10) : 'on no day that can be';
}

/** A day and how far it is from now: `2019-08-14 (2655 days ago)`, `2027-08-13 (in 265 days)`. */
export function dayText(at: number, nowMs: number): string {
  if (!(Math.abs(at) <= LAST_MS)) return day(at);
  const days = Math.floor(Math.abs(nowMs - at) / DAY_MS);
  const far = days === 0 ? 'less than a day' : days === 1 ? '1 day' : `${days} days`;
  return `${day(at)} (${at <= nowMs ? `${far} ago` : `in ${far}`})`;
}
