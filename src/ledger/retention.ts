import type { Database, Statement } from 'bun:sqlite';
import type { AppTable } from './app-table.ts';
import { pragma } from './migrations.ts';
import type { Statements } from './statements.ts';

/** Rows deleted or pages given back in one go: a few milliseconds, so that inserts go on. */
const SLICE_ROWS = 1_000;
const SLICE_PAGES = 256;
/** Free pages kept for the next inserts: below it the file is not made smaller. */
const FREE_PAGES_KEPT = 256;
const DAY_MS = 86_400_000;
/** Deleting for size goes on to this share of the limit, so that it does not start again at the next insert. */
const LOW_WATER = 0.97;

/** How much is kept. `databaseBytes` leaves room for the write-ahead log in what the person asked for. */
export interface Limits {
  readonly keepDays: number;
  readonly databaseBytes: number;
}

/** Deletes flows that are too old or too many, oldest first, in slices. Throws what SQLite throws. */
export class Retention {
  readonly #db: Database;
  readonly #apps: AppTable;
  readonly #limits: Limits;
  readonly #pageBytes: number;
  readonly #byAge: Statement<unknown, [number, number]>;
  readonly #oldest: Statement<unknown, [number]>;
  readonly #oldestId: Statement<{ id: number | null }, []>;
  #shrinking = false;

  constructor(statements: Statements, apps: AppTable, limits: Limits) {
    this.#db = statements.db;
    this.#apps = apps;
    this.#limits = limits;
    this.#pageBytes = pragma(statements.db, 'page_size');
    this.#byAge = statements.prepare(
      'DELETE FROM flows WHERE id IN (SELECT id FROM flows WHERE at < ? ORDER BY at LIMIT ?)',
    );
    this.#oldest = statements.prepare(
      'DELETE FROM flows WHERE id IN (SELECT id FROM flows ORDER BY id LIMIT ?)',
    );
    this.#oldestId = statements.prepare('SELECT min(id) AS id FROM flows');
  }

  /** True when the database holds more than it may; cheap enough for after every batch. */
  overSize(): boolean {
    return this.#usedBytes() > this.#limits.databaseBytes;
  }

  /** Does one slice of what is due; true when more is due. */
  slice(nowMs: number): boolean {
    if (this.#byAge.run(nowMs - this.#limits.keepDays * DAY_MS, SLICE_ROWS).changes > 0) return true;
    if (this.#trim()) return true;
    const oldest = this.#oldestId.get()?.id ?? Number.MAX_SAFE_INTEGER;
    if (this.#apps.sweep(oldest, SLICE_ROWS) > 0) return true;
    return this.#giveBack();
  }

  #trim(): boolean {
    const used = this.#usedBytes();
    if (used > this.#limits.databaseBytes) this.#shrinking = true;
    else if (used <= this.#limits.databaseBytes * LOW_WATER) this.#shrinking = false;
    if (!this.#shrinking) return false;
    this.#shrinking = this.#oldest.run(SLICE_ROWS).changes > 0;
    return this.#shrinking;
  }

  /** Gives free pages back to the file system, from the end of the file. */
  #giveBack(): boolean {
    const free = pragma(this.#db, 'freelist_count');
    const total = pragma(this.#db, 'page_count');
    if (free <= Math.max(FREE_PAGES_KEPT, total / 8)) return false;
    this.#db.run(`PRAGMA incremental_vacuum(${SLICE_PAGES})`);
    return pragma(this.#db, 'freelist_count') < free;
  }

  #usedBytes(): number {
    return (pragma(this.#db, 'page_count') - pragma(this.#db, 'freelist_count')) * this.#pageBytes;
  }
}
