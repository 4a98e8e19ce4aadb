import type { Database, Statement } from 'bun:sqlite';
import type { AppTable } from '../table/app-table.ts';
import { JudgeRetention } from './judge-retention.ts';
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

/** Deletes records that are too old or too many, oldest first, in slices. Throws what SQLite throws. */
export class Retention {
  readonly #db: Database;
  readonly #apps: AppTable;
  readonly #judge: JudgeRetention;
  readonly #limits: Limits;
  readonly #pageBytes: number;
  readonly #byAge: Statement<unknown, [number, number]>;
  readonly #oldest: Statement<unknown, [number]>;
  readonly #oldestFlow: Statement<{ id: number; at: number }, []>;
  #shrinking = false;

  constructor(statements: Statements, apps: AppTable, limits: Limits) {
    this.#db = statements.db;
    this.#apps = apps;
    this.#judge = new JudgeRetention(statements);
    this.#limits = limits;
    this.#pageBytes = pragma(statements.db, 'page_size');
    this.#byAge = statements.prepare(
      'DELETE FROM flows WHERE id IN (SELECT id FROM flows WHERE at < ? ORDER BY at LIMIT ?)',
    );
    this.#oldest = statements.prepare(
      'DELETE FROM flows WHERE id IN (SELECT id FROM flows ORDER BY id LIMIT ?)',
    );
    this.#oldestFlow = statements.prepare('SELECT id, at FROM flows ORDER BY id LIMIT 1');
  }

  /** True when the database holds more than it may; cheap enough for after every batch. */
  overSize(): boolean {
    return this.#usedBytes() > this.#limits.databaseBytes;
  }

  /** Does one slice of what is due; true when more is due. */
  slice(nowMs: number): boolean {
    const beforeMs = nowMs - this.#limits.keepDays * DAY_MS;
    if (this.#byAge.run(beforeMs, SLICE_ROWS).changes > 0) return true;
    if (this.#judge.slice(beforeMs, nowMs)) return true;
    if (this.#trim()) return true;
    const oldest = this.#oldestFlow.get()?.id ?? Number.MAX_SAFE_INTEGER;
    if (this.#apps.sweep(oldest, SLICE_ROWS) > 0) return true;
    return this.#giveBack();
  }

  #trim(): boolean {
    const used = this.#usedBytes();
    if (used > this.#limits.databaseBytes) this.#shrinking = true;
    else if (used <= this.#limits.databaseBytes * LOW_WATER) this.#shrinking = false;
    if (!this.#shrinking) return false;
    this.#shrinking = this.#dropOldest();
    return this.#shrinking;
  }

  /** Drops a slice of whatever is oldest, flows or transcripts; verdicts only when nothing else is left. */
  #dropOldest(): boolean {
    const flowMs = this.#oldestFlow.get()?.at ?? Number.POSITIVE_INFINITY;
    const inquiryMs = this.#judge.oldestMs() ?? Number.POSITIVE_INFINITY;
    if (inquiryMs < flowMs) return this.#judge.dropInquiries();
    return this.#oldest.run(SLICE_ROWS).changes > 0 || this.#judge.dropVerdicts();
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
