import { SQLiteError } from 'bun:sqlite';

/** What kind of trouble an error of the database is; decides what is done about it. */
export type Trouble =
  | 'busy' // another process holds it: try again, same connection
  | 'full' // no room: try again, same connection
  | 'corrupt' // not readable as a database: move it aside and begin a new one
  | 'row' // this row can never be written: leave it out
  | 'other'; // open it anew and try again

/** Sorts what SQLite or the file system threw (https://sqlite.org/rescode.html). */
export function troubleOf(error: unknown): Trouble {
  if (!(error instanceof SQLiteError)) return error instanceof TypeError ? 'row' : 'other';
  const code = error.code ?? '';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'busy';
  if (code === 'SQLITE_FULL') return 'full';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return 'corrupt';
  if (code.startsWith('SQLITE_CONSTRAINT') || code === 'SQLITE_TOOBIG' || code === 'SQLITE_MISMATCH')
    return 'row';
  return 'other';
}

/** Writes one row: true when it can never be written and is left out. Throws when the database cannot be written. */
export function isRefused(write: () => unknown): boolean {
  try {
    write();
    return false;
  } catch (error) {
    if (troubleOf(error) !== 'row') throw error;
    return true;
  }
}

/** Says in words what failed, on what, and what a person can do about it. */
export function describeTrouble(error: unknown, path: string): string {
  const said = error instanceof Error ? error.message : String(error);
  // Ours, in words already; those of the system carry a code.
  if (error instanceof Error && !('code' in error) && !(error instanceof TypeError)) return said;
  const code = error instanceof SQLiteError ? (error.code ?? '') : '';
  switch (troubleOf(error)) {
    case 'busy':
      return `${path} is locked by another program; close it (fuser ${path} names it)`;
    case 'full':
      return `no room to write ${path}; free some space on its disk`;
    case 'corrupt':
      return `${path} is damaged: ${said}`;
    case 'row':
      return `cannot write a flow to ${path}: ${said}`;
    case 'other':
      break;
  }
  if (code.startsWith('SQLITE_READONLY')) return `${path} is read-only; make it and its disk writable`;
  if (code.startsWith('SQLITE_CANTOPEN')) return `cannot open ${path}; check its folder and permissions`;
  return `cannot use ${path}: ${said}${code === '' ? '' : ` (${code})`}`;
}
