import type { Database } from 'bun:sqlite';

/** Marks the file as ours (`file ledger.db` shows it): "RsAg". */
const APPLICATION_ID = 0x52734167;

/**
 * Each entry brings the schema from its index to the next version, in one transaction with the new `user_version`.
 * Append only: a released entry is never edited.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE apps (
     id INTEGER PRIMARY KEY,
     path TEXT, name TEXT, signer TEXT,
     seen INTEGER NOT NULL);
   CREATE INDEX apps_path ON apps (path);
   CREATE TABLE flows (
     id INTEGER PRIMARY KEY,
     at INTEGER NOT NULL,
     app INTEGER NOT NULL,
     pid INTEGER, uid INTEGER, user TEXT, parents TEXT, responsible_pid INTEGER, unknown TEXT,
     host TEXT, ip TEXT NOT NULL, port INTEGER NOT NULL,
     protocol TEXT NOT NULL, sni TEXT, http_host TEXT, alpn TEXT, ja4 TEXT, malformed TEXT,
     kind TEXT NOT NULL, stage TEXT NOT NULL, reason TEXT NOT NULL, evidence TEXT NOT NULL,
     mode TEXT NOT NULL, effect TEXT NOT NULL, flags INTEGER NOT NULL,
     upstream_ip TEXT, state TEXT NOT NULL, detail TEXT,
     bytes_in INTEGER NOT NULL, bytes_out INTEGER NOT NULL,
     decision_us REAL NOT NULL, connect_us REAL, duration_ms REAL);
   CREATE INDEX flows_at ON flows (at);
   CREATE TABLE rules (id TEXT PRIMARY KEY, rule TEXT NOT NULL) WITHOUT ROWID;`,
  // The transcript stands last: reading the columns before it leaves its pages alone.
  `CREATE TABLE inquiries (
     id INTEGER PRIMARY KEY,
     at INTEGER NOT NULL,
     domain TEXT NOT NULL, host TEXT NOT NULL, app TEXT,
     kind TEXT NOT NULL, why TEXT NOT NULL, reason TEXT,
     marks INTEGER NOT NULL, rounds INTEGER NOT NULL, tokens INTEGER NOT NULL, duration_ms REAL NOT NULL,
     model TEXT NOT NULL, replay_of INTEGER,
     bytes INTEGER NOT NULL, body TEXT NOT NULL);
   CREATE INDEX inquiries_at ON inquiries (at);
   CREATE TABLE judge_verdicts (
     domain TEXT PRIMARY KEY,
     at INTEGER NOT NULL, expires_at INTEGER NOT NULL, inquiry INTEGER NOT NULL,
     body TEXT NOT NULL);
   CREATE INDEX judge_verdicts_at ON judge_verdicts (at);
   CREATE INDEX judge_verdicts_expires_at ON judge_verdicts (expires_at);
   ALTER TABLE apps ADD COLUMN first_at INTEGER;`,
  `CREATE TABLE policies (
     id INTEGER PRIMARY KEY,
     first_flow INTEGER NOT NULL, at INTEGER NOT NULL,
     version TEXT NOT NULL);
   CREATE INDEX policies_first_flow ON policies (first_flow);`,
  // Verdicts of before were given on another prompt, and so count no more; '' stands for programs that are not known.
  `DROP TABLE judge_verdicts;
   CREATE TABLE judge_verdicts (
     domain TEXT NOT NULL, app TEXT NOT NULL,
     at INTEGER NOT NULL, expires_at INTEGER NOT NULL, inquiry INTEGER NOT NULL,
     body TEXT NOT NULL,
     PRIMARY KEY (domain, app));
   CREATE INDEX judge_verdicts_at ON judge_verdicts (at);
   CREATE INDEX judge_verdicts_expires_at ON judge_verdicts (expires_at);`,
];

/** The schema version this program writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** What a database file turned out to be. */
export type SchemaState = 'new' | 'ours' | 'foreign' | 'newer';

/** Tells whose file it is, before anything is changed in it. */
export function schemaState(db: Database): SchemaState {
  const version = pragma(db, 'user_version');
  if (pragma(db, 'application_id') === APPLICATION_ID) return version > SCHEMA_VERSION ? 'newer' : 'ours';
  const tables = db.query<{ n: number }, []>('SELECT count(*) AS n FROM sqlite_master').get();
  return version === 0 && tables?.n === 0 ? 'new' : 'foreign';
}

/** Brings the schema up to `SCHEMA_VERSION`; throws what SQLite throws, with nothing half done. */
export function migrate(db: Database): void {
  for (let version = pragma(db, 'user_version'); version < SCHEMA_VERSION; version++) {
    const steps = MIGRATIONS[version] ?? '';
    db.transaction(() => {
      db.run(steps);
      db.run(`PRAGMA application_id = ${APPLICATION_ID}`);
      db.run(`PRAGMA user_version = ${version + 1}`);
    }).immediate();
  }
}

/** Reads a pragma whose answer is one number. */
export function pragma(db: Database, name: string): number {
  const row = db.query<Record<string, number>, []>(`PRAGMA ${name}`).get();
  return row === null ? 0 : (Object.values(row)[0] ?? 0);
}
