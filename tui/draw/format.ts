const BYTE_UNITS = ['', 'K', 'M', 'G', 'T', 'P'] as const;

/** A size in at most five cells: `0`, `999`, `1.2K`, `120M`. Powers of 1,000. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1_000;
    unit++;
  }
  const digits = unit > 0 && value < 9.95 ? value.toFixed(1) : String(Math.round(value));
  return `${digits}${BYTE_UNITS[unit] ?? ''}`;
}

/** Microseconds as milliseconds in at most five cells: `0.04`, `1.2`, `312`, and `12s` from ten seconds on. */
export function formatMs(us: number): string {
  const ms = Math.max(0, us) / 1_000;
  if (ms < 0.995) return ms.toFixed(2);
  if (ms < 9.95) return ms.toFixed(1);
  if (ms < 9_999.5) return String(Math.round(ms));
  return formatAge(ms);
}

/** How long ago, in at most four cells: `3s`, `59m`, `23h`, `99d`. A clock that went back counts as now. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h`;
  return `${Math.min(999, Math.floor(seconds / 86_400))}d`;
}

/** A span in words: `0.4 ms`, `312 ms`, `3.2 s`, `4m 10s`. */
export function formatSpan(ms: number): string {
  if (ms < 1_000) return `${formatMs(ms * 1_000)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)}m ${Math.floor((ms % 60_000) / 1_000)}s`;
}

/** A count with separators: `1,204`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** The local time of day, to the millisecond: `12:03:11.123`. */
export function formatClock(unixMs: number): string {
  const at = new Date(unixMs);
  return `${at.toTimeString().slice(0, 8)}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

/** `1 sign`, `3 signs`; `plural` where that is not the noun with an s. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** Milliseconds in whole ones, and seconds: `840 ms`, `12.5 s`. */
export function lengthText(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

const LATEST_DATE_MS = 8_640_000_000_000_000;

/** A moment to the second, UTC; out of range for a date, the number it is. */
export function momentText(ms: number): string {
  if (!(Math.abs(ms) <= LATEST_DATE_MS)) return String(ms);
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
