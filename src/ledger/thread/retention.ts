import type { Database, Statement } from 'bun:sqlite';
import type { AppTable } from '../table/app-table.ts';
import { VERDICTS_KEPT } from '../table/judge-table.ts';
import { pragma } from './migrations.ts';
import type { Statements } from './statements.ts';

/** Rows deleted or pages given back in one go: a few milliseconds, so that inserts go on. */
const SLICE_ROWS = 1_000;
const SLICE_PAGES = 256;
/** Transcripts deleted in one go, and how long they may be together: each may lie on more than a hundred pages. */
const SLICE_INQUIRIES = 64;
const SLICE_INQUIRY_BYTES = 1_048_576;
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

/** Deletes a slice; true when there was something to delete. */
type Drop<Params extends number[]> = (...params: Params) => boolean;

/** Deletes records that are too old or too many, oldest first, in slices. Throws what SQLite throws. */
export class Retention {
  readonly #db: Database;
  readonly #apps: AppTable;
  readonly #limits: Limits;
  readonly #pageBytes: number;
  readonly #flowsBefore: Drop<[ms: number]>;
  readonly #oldestFlows: Drop<[]>;
  readonly #inquiriesBefore: Drop<[ms: number]>;
  readonly #oldestInquiries: Drop<[]>;
  readonly #expiredVerdicts: Drop<[ms: number]>;
  readonly #verdictsTooMany: Drop<[]>;
  readonly #oldestVerdicts: Drop<[]>;
  readonly #oldestFlow: Statement<{ id: number; at: number }, []>;
  readonly #oldestInquiry: Statement<{ at: number }, []>;
  #shrinking = false;

  constructor(statements: Statements, apps: AppTable, limits: Limits) {
    this.#db = statements.db;
    this.#apps = apps;
    this.#limits = limits;
    this.#pageBytes = pragma(statements.db, 'page_size');
    /** Deletes the rows that are chosen `from` a table: a condition, an order and a limit. */
    const drop = <Params extends number[]>(table: string, from: string): Drop<Params> => {
      const statement = statements.prepare<unknown, Params>(
        `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${from})`,
      );
      return (...params) => statement.run(...params).changes > 0;
    };
    const slice = `LIMIT ${SLICE_ROWS}`;
    this.#flowsBefore = drop('flows', `flows WHERE at < ? ORDER BY at ${slice}`);
    this.#oldestFlows = drop('flows', `flows ORDER BY id ${slice}`);
    this.#inquiriesBefore = drop('inquiries', shortOf('WHERE at < ?', 'at'));
    this.#oldestInquiries = drop('inquiries', shortOf('', 'id'));
    this.#expiredVerdicts = drop(
      'judge_verdicts',
      `judge_verdicts WHERE expires_at <= ? ORDER BY expires_at ${slice}`,
    );
    this.#verdictsTooMany = drop(
      'judge_verdicts',
      `judge_verdicts ORDER BY at DESC ${slice} OFFSET ${VERDICTS_KEPT}`,
    );
    this.#oldestVerdicts = drop('judge_verdicts', `judge_verdicts ORDER BY at ${slice}`);
    this.#oldestFlow = statements.prepare('SELECT id, at FROM flows ORDER BY id LIMIT 1');
    this.#oldestInquiry = statements.prepare('SELECT at FROM inquiries ORDER BY id LIMIT 1');
  }

  /** True when the database holds more than it may; cheap enough for after every batch. */
  overSize(): boolean {
    return this.#usedBytes() > this.#limits.databaseBytes;
  }

  /** Does one slice of what is due; true when more is due. */
  slice(nowMs: number): boolean {
    const beforeMs = nowMs - this.#limits.keepDays * DAY_MS;
    return (
      this.#flowsBefore(beforeMs) ||
      this.#inquiriesBefore(beforeMs) ||
      this.#expiredVerdicts(nowMs) ||
      this.#verdictsTooMany() ||
      this.#trim() ||
      this.#apps.sweep(this.#oldestFlow.get()?.id ?? Number.MAX_SAFE_INTEGER, SLICE_ROWS) > 0 ||
      this.#giveBack()
    );
  }

  #trim(): boolean {
    const used = this.#usedBytes();
    if (used > this.#limits.databaseBytes) this.#shrinking = true;
    else if (used <= this.#limits.databaseBytes * LOW_WATER) this.#shrinking = false;
    if (!this.#shrinking) return false;
    this.#shrinking = this.#dropOldest();
    return this.#shrinking;
  }

  /** Drops a slice of whatever is oldest, flows or transcripts; verdicts, each of which saves an inquiry, only when nothing else is left. */
  #dropOldest(): boolean {
    const flowMs = this.#oldestFlow.get()?.at ?? Number.POSITIVE_INFINITY;
    const inquiryMs = this.#oldestInquiry.get()?.at ?? Number.POSITIVE_INFINITY;
    if (inquiryMs < flowMs) return this.#oldestInquiries();
    return this.#oldestFlows() || this.#oldestVerdicts();
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

/** The first transcripts of an order that are short enough together; at least one. Their texts are not read. */
function shortOf(condition: string, order: string): string {
  return `(SELECT id AS rowid, sum(bytes) OVER (ORDER BY ${order} ROWS UNBOUNDED PRECEDING) - bytes AS ahead
     FROM (SELECT id, at, bytes FROM inquiries ${condition} ORDER BY ${order} LIMIT ${SLICE_INQUIRIES}))
   WHERE ahead < ${SLICE_INQUIRY_BYTES}`;
}
