const NEWLINE = 0x0a;
const END = -1;

/**
 * Registrable domains known to be in wide use: ASCII names, one a line, in the order of their bytes. Searched as they lie in the
 * file, so that loading them costs nothing.
 */
export type PopularTable = Uint8Array;

/** Whether `host` from `start` on is in the table. No allocation; under a microsecond. */
export function isPopular(table: PopularTable, host: string, start: number): boolean {
  let from = 0;
  let to = table.length;
  while (from < to) {
    let at = (from + to) >>> 1;
    while (at > from && table[at - 1] !== NEWLINE) at--;
    const order = compare(table, at, host, start);
    if (order === 0) return host.length > start;
    if (order > 0) to = at;
    else {
      while (at < to && table[at] !== NEWLINE) at++;
      from = at + 1;
    }
  }
  return false;
}

/** Below zero when the line at `at` stands before the host. */
function compare(table: PopularTable, at: number, host: string, start: number): number {
  for (let i = 0; ; i++) {
    const code = table[at + i] ?? NEWLINE;
    // The end stands before every letter.
    const theirs = code === NEWLINE ? END : code;
    const ours = start + i < host.length ? host.charCodeAt(start + i) : END;
    if (theirs !== ours) return theirs - ours;
    if (theirs === END) return 0;
  }
}
