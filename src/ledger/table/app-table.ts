import type { Statement } from 'bun:sqlite';
import type { Statements } from '../thread/statements.ts';

/** Programs remembered in memory; past it all are forgotten and found again in the table. */
const CACHE_MAX_APPS = 4_096;
/** A program's `seen` is brought up to date when it lags by so many flow ids: one write in thousands. */
const SEEN_LAG_IDS = 10_000;

/** A program as flows name it: stored once, because the same few hundred are named over and over. */
export interface App {
  readonly path: string | null;
  readonly name: string | null;
  readonly signer: string | null;
}

type AppRow = App & { readonly id: number; readonly seen: number };

/** The programs behind flows, read by number; of a database of any schema that we know. */
export class AppNames {
  readonly #byId = new Map<number, App>();
  readonly #read: Statement<App, [number]>;

  constructor(statements: Statements) {
    this.#read = statements.prepare('SELECT path, name, signer FROM apps WHERE id = ?');
  }

  /** The program of a number; null when the table does not have it. */
  appOf(id: number): App | null {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const app = this.#read.get(id);
    if (app !== null) remember(this.#byId, id, app);
    return app;
  }

  /** Forgets what was cached. */
  forget(): void {
    this.#byId.clear();
  }
}

/**
 * The programs behind flows, by number. `seen` is about the id of the last flow that named one, so that a program can be
 * deleted with the last flow that names it without searching the flows.
 */
export class AppTable {
  /** The same programs, by number. */
  readonly names: AppNames;
  readonly #byKey = new Map<string, { id: number; seen: number }>();
  readonly #find: Statement<AppRow, [string | null, string | null, string | null]>;
  readonly #insert: Statement<unknown, [string | null, string | null, string | null, number, number]>;
  readonly #first: Statement<{ at: number | null }, [string]>;
  readonly #touch: Statement<unknown, [number, number]>;
  readonly #sweep: Statement<unknown, [number, number]>;

  constructor(statements: Statements) {
    this.names = new AppNames(statements);
    this.#find = statements.prepare('SELECT * FROM apps WHERE path IS ? AND name IS ? AND signer IS ?');
    this.#insert = statements.prepare(
      'INSERT INTO apps (path, name, signer, seen, first_at) VALUES (?, ?, ?, ?, ?)',
    );
    this.#first = statements.prepare('SELECT min(first_at) AS at FROM apps WHERE path = ?');
    this.#touch = statements.prepare('UPDATE apps SET seen = ? WHERE id = ?');
    this.#sweep = statements.prepare(
      'DELETE FROM apps WHERE id IN (SELECT id FROM apps WHERE seen < ? ORDER BY id LIMIT ?)',
    );
  }

  /** The number of a program, stored if it is new. `flow` is the one that names it. */
  idOf(app: App, { id: flowId, at }: { readonly id: number; readonly at: number }): number {
    const key = JSON.stringify([app.path, app.name, app.signer]);
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      if (known.seen + SEEN_LAG_IDS < flowId) this.#bringUpToDate(known, flowId);
      return known.id;
    }
    const row = this.#find.get(app.path, app.name, app.signer);
    const entry = row === null ? this.#add(app, flowId, at) : { id: row.id, seen: row.seen };
    if (row !== null && row.seen < flowId) this.#bringUpToDate(entry, flowId);
    remember(this.#byKey, key, entry);
    return entry.id;
  }

  /** When a flow first named a program, Unix milliseconds; null when none did, or before that was written down. */
  firstAt(path: string): number | null {
    return this.#first.get(path)?.at ?? null;
  }

  /** Deletes up to `limit` programs that no flow from `oldestFlowId` on can name; says how many. */
  sweep(oldestFlowId: number, limit: number): number {
    const deleted = this.#sweep.run(oldestFlowId - SEEN_LAG_IDS, limit).changes;
    if (deleted > 0) this.forget();
    return deleted;
  }

  /** Forgets what was cached: after a transaction that was rolled back, the numbers may not be on disk. */
  forget(): void {
    this.#byKey.clear();
    this.names.forget();
  }

  #add(app: App, flowId: number, at: number): { id: number; seen: number } {
    const { lastInsertRowid } = this.#insert.run(app.path, app.name, app.signer, flowId, at);
    return { id: Number(lastInsertRowid), seen: flowId };
  }

  #bringUpToDate(entry: { id: number; seen: number }, flowId: number): void {
    this.#touch.run(flowId, entry.id);
    entry.seen = flowId;
  }
}

function remember<K, V>(cache: Map<K, V>, key: K, value: V): void {
  if (cache.size >= CACHE_MAX_APPS) cache.clear();
  cache.set(key, value);
}
