import { Database, type Statement } from 'bun:sqlite';
import { closeSync, constants, fchmodSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ensurePrivateDir } from '../files/private-folder.ts';
import type { RegistrableDomain, UnixMs } from '../model/brand.ts';
import { normalizeHost } from '../model/host.ts';
import { expiryOf, type RegistrationAnswer, UNKNOWN_WHYS } from './answer.ts';

const SCHEMA_VERSION = 1;
const BUSY_TIMEOUT_MS = 50;
/** Rows read at a time: about a millisecond. */
const PAGE_ROWS = 128;

/** A domain and when it was registered. */
export type Entry = readonly [domain: RegistrableDomain, age: RegistrationAnswer];

const rowSchema = z.object({
  domain: z.string().refine((domain) => (normalizeHost(domain) as string | null) === domain),
  at: z.int().nullable(),
  source: z.enum(['rdap', 'whois']).nullable(),
  why: z.enum(UNKNOWN_WHYS).nullable(),
  /** When it was fetched, or when to ask again. */
  stamp: z.int(),
});
/** A row as it is stored: not checked yet. */
type Row = Readonly<Record<'domain' | 'at' | 'source' | 'why' | 'stamp' | 'expires', string | number | null>>;

/** Ages on disk: one small table. What goes wrong with it is thrown, and costs only the cache. */
export class RegistrationFile {
  readonly #db: Database;
  readonly #page: Statement<Row, [number, string, number]>;
  readonly #put: Statement<void, (string | number | null)[]>;
  readonly #trim: Statement<void, [number, number]>;

  constructor(db: Database) {
    this.#db = db;
    this.#page = db.prepare(
      'SELECT * FROM registrations WHERE expires > ? AND domain > ? ORDER BY domain LIMIT ?',
    );
    this.#put = db.prepare('INSERT OR REPLACE INTO registrations VALUES (?, ?, ?, ?, ?, ?)');
    this.#trim = db.prepare(
      `DELETE FROM registrations WHERE expires <= ? OR domain IN
         (SELECT domain FROM registrations ORDER BY expires DESC LIMIT -1 OFFSET ?)`,
    );
  }

  /** The entries that still hold, in the order of their names, from after a name on; a page at a time. Rows that are none are left out. */
  page(nowMs: number, after: string): { entries: readonly Entry[]; last: string | null } {
    const rows = this.#page.all(nowMs, after, PAGE_ROWS);
    const entries = rows.map(entryOf).filter((entry) => entry !== null);
    return { entries, last: rows.length < PAGE_ROWS ? null : String(rows.at(-1)?.domain) };
  }

  /** Writes entries in one transaction. */
  write(entries: Iterable<Entry>): void {
    const all = this.#db.transaction(() => {
      for (const [domain, age] of entries) {
        const expires = expiryOf(age);
        if (age.kind === 'registered')
          this.#put.run(domain, age.at, age.source, null, age.fetchedAt, expires);
        else this.#put.run(domain, null, null, age.why, age.retryAt, expires);
      }
    });
    all.immediate();
  }

  /** Deletes what expired, and what is more than `rowsMax`, the first to expire first. */
  trim(nowMs: number, rowsMax: number): void {
    this.#trim.run(nowMs, rowsMax);
  }

  close(): void {
    for (const statement of [this.#page, this.#put, this.#trim]) statement.finalize();
    this.#db.close();
  }
}

/** Opens the file, making folder (0700), file (0600) and table where they are missing. A file that is no database of ours is replaced. */
export function openRegistrationFile(path: string): RegistrationFile {
  ensurePrivateDir(dirname(path));
  try {
    return new RegistrationFile(openDatabase(path));
  } catch (error) {
    if (!isDamage(error)) throw error;
    // It is a cache: what cannot be read is fetched again.
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
    return new RegistrationFile(openDatabase(path));
  }
}

function openDatabase(path: string): Database {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  fchmodSync(fd, 0o600);
  closeSync(fd);
  const db = new Database(path, { readwrite: true, strict: true });
  try {
    db.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    db.run('PRAGMA journal_mode = WAL');
    // Waiting for the disk would hold up the engine; what a power cut costs is fetched again.
    db.run('PRAGMA synchronous = OFF');
    db.run('PRAGMA mmap_size = 0');
    const version = db.query<{ user_version: number }, []>('PRAGMA user_version').get()?.user_version ?? 0;
    if (version > SCHEMA_VERSION) throw new Error(`${path} was written by a newer resolagent`);
    db.run(`CREATE TABLE IF NOT EXISTS registrations (
      domain TEXT PRIMARY KEY, at INTEGER, source TEXT, why TEXT,
      stamp INTEGER NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID`);
    db.run(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function isDamage(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB';
}

function entryOf(value: Row): Entry | null {
  const row = rowSchema.safeParse(value);
  if (!row.success) return null;
  const { at, source, why } = row.data;
  const [domain, stamp] = [row.data.domain as RegistrableDomain, row.data.stamp as UnixMs];
  if (at !== null && source !== null)
    return [domain, { kind: 'registered', at: at as UnixMs, source, fetchedAt: stamp }];
  return why === null ? null : [domain, { kind: 'unknown', why, retryAt: stamp }];
}
