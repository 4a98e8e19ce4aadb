import { Database } from 'bun:sqlite';
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ensurePrivateDir } from '../../files/private-folder.ts';
import { migrate, SCHEMA_VERSION, schemaState } from './migrations.ts';

/** How long one statement waits for another process that holds the database. */
const BUSY_TIMEOUT_MS = 100;
/** Corrupt databases that are kept for a person to look at; the oldest goes first. */
const CORRUPT_KEPT = 3;
const MIB = 1_048_576;
/** What one batch may add before anything old is deleted: one of the longest transcripts, and flows. */
const BATCH_ROOM_BYTES = MIB;

/** An open database, and which file it is: a file that was deleted or replaced under us is noticed by its inode. */
export interface OpenDatabase {
  readonly db: Database;
  readonly inode: bigint;
  /** True when there was nothing in it before. */
  readonly created: boolean;
}

/** How a size limit is divided between the database and its write-ahead log. */
export function divideSize(maxSizeMb: number): { databaseBytes: number; walBytes: number } {
  const walBytes = Math.min(8, Math.max(1, maxSizeMb / 16)) * MIB;
  // Twice: the log grows past its mark while a checkpoint runs.
  return { databaseBytes: maxSizeMb * MIB - 2 * walBytes - BATCH_ROOM_BYTES, walBytes };
}

/**
 * Opens the ledger's database for writing, making folder (0700), file (0600) and schema where they are missing. Throws an
 * error in words, or what SQLite throws.
 */
export function openDatabase(path: string, maxSizeMb: number): OpenDatabase {
  ensurePrivateDir(dirname(path));
  makeFile(path);
  const db = new Database(path, { readwrite: true, strict: true });
  try {
    const created = prepare(db, path, divideSize(maxSizeMb).walBytes);
    return { db, inode: inodeOf(path), created };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Makes the file if it is missing, with a mode that SQLite gives to the log beside it too. */
function makeFile(path: string): void {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  fchmodSync(fd, 0o600);
  closeSync(fd);
}

/** Settings and schema; true when the database was empty. */
function prepare(db: Database, path: string, walBytes: number): boolean {
  db.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  const state = schemaState(db);
  if (state === 'foreign') throw new Error(`${path} is a database of another program; move it away`);
  if (state === 'newer') {
    throw new Error(
      `${path} was written by a newer resolagent (this one knows schema ${SCHEMA_VERSION}); update, or move it away`,
    );
  }
  // Only before the first table.
  if (state === 'new') db.run('PRAGMA auto_vacuum = INCREMENTAL');
  db.run('PRAGMA journal_mode = WAL');
  // A power cut may cost the last transactions, never the database; rules are written with FULL.
  db.run('PRAGMA synchronous = NORMAL');
  db.run(`PRAGMA journal_size_limit = ${walBytes}`);
  db.run(`PRAGMA wal_autocheckpoint = ${Math.floor(walBytes / 4096)}`);
  // A mapped file that another program cuts short kills the process that maps it.
  db.run('PRAGMA mmap_size = 0');
  migrate(db);
  return state === 'new';
}

/** The inode a path leads to; 0 when it leads nowhere. */
export function inodeOf(path: string): bigint {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino ?? 0n;
  } catch (error) {
    // A file stands where a folder was.
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return 0n;
    throw error;
  }
}

/** Moves a database that SQLite cannot read out of the way, log and all; says where it is now. */
export function moveAside(path: string, nowMs: number): string {
  const aside = `${path}.corrupt-${nowMs}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  const prefix = `${basename(path)}.corrupt-`;
  const kept = readdirSync(dirname(path)).filter((name) => name.startsWith(prefix) && /\d$/.test(name));
  for (const name of kept.sort().slice(0, -CORRUPT_KEPT)) {
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(dirname(path), name + suffix), { force: true });
  }
  return aside;
}
