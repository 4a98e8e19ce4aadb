import type { Database, SQLQueryBindings, Statement } from 'bun:sqlite';
import type { FlowRecord } from '../model/flow.ts';
import type { Rule } from '../model/rule.ts';
import type { JudgeBatch } from './judge-queue.ts';
import { AppTable } from './table/app-table.ts';
import { FlowReader } from './table/flow-reader.ts';
import { flowToCells, UPSERT_FLOW } from './table/flow-row.ts';
import { HistoryReader } from './table/history-reader.ts';
import { JudgeTable } from './table/judge-table.ts';
import { readRules, writeRules } from './table/rule-table.ts';
import { divideSize, inodeOf, type OpenDatabase, openDatabase } from './thread/database.ts';
import { HighWaterMark } from './thread/high-water-mark.ts';
import { Retention } from './thread/retention.ts';
import { Statements } from './thread/statements.ts';
import { troubleOf } from './thread/storage-error.ts';
import type { StoreOptions } from './wire.ts';

/** Flow ids set aside on disk before they are given out. Inquiries are read by their number, so theirs have no gaps. */
const RESERVED_IDS = 4_096;

/** The last flow id given out, and the last id of an inquiry that was recorded; 0 for none. */
export interface Issued {
  readonly flow: number;
  readonly inquiry: number;
}

/** What one transaction writes. */
export interface Batch {
  readonly flows: readonly FlowRecord[];
  readonly judge: JudgeBatch;
  readonly issued: Issued;
  /** Ids of rules to bring to what `rules` says. */
  readonly ruleIds: ReadonlySet<string>;
  readonly rules: ReadonlyMap<string, Rule>;
}

/** One open database with its statements. Every method throws what SQLite throws; `Store` decides what is done about it. */
export class OpenLedger {
  readonly reader: FlowReader;
  readonly history: HistoryReader;
  readonly judge: JudgeTable;
  readonly retention: Retention;
  /** True when the database was empty before. */
  readonly created: boolean;
  readonly #path: string;
  readonly #inode: bigint;
  readonly #db: Database;
  readonly #statements: Statements;
  readonly #apps: AppTable;
  readonly #upsert: Statement<unknown, SQLQueryBindings[]>;
  readonly #flowMark: HighWaterMark;
  readonly #inquiryMark: HighWaterMark;

  constructor(options: StoreOptions) {
    const opened: OpenDatabase = openDatabase(options.path, options.maxSizeMb);
    const { databaseBytes } = divideSize(options.maxSizeMb);
    this.#path = options.path;
    this.#inode = opened.inode;
    this.#db = opened.db;
    this.created = opened.created;
    this.#statements = new Statements(this.#db);
    this.#apps = new AppTable(this.#statements);
    this.reader = new FlowReader(this.#statements, this.#apps.names);
    this.history = new HistoryReader(this.#statements);
    this.judge = new JudgeTable(this.#statements);
    this.#flowMark = new HighWaterMark(this.#db, 'reserved_id', RESERVED_IDS);
    this.#inquiryMark = new HighWaterMark(this.#db, 'last_inquiry', 0);
    const limits = { keepDays: options.keepDays, databaseBytes };
    this.retention = new Retention(this.#statements, this.#apps, limits);
    this.#upsert = this.#statements.prepare(UPSERT_FLOW);
  }

  /** False when the file was deleted or replaced: what is written now would be lost with it. */
  inPlace(): boolean {
    return inodeOf(this.#path) === this.#inode;
  }

  /** The last id that a flow may have been given, by this database. */
  lastId(): number {
    const row = this.#db.query<{ id: number | null }, []>('SELECT max(id) AS id FROM flows').get();
    return Math.max(row?.id ?? 0, this.#flowMark.read());
  }

  /** The last id that anything on disk knows an inquiry by. */
  lastInquiryId(): number {
    return Math.max(this.judge.lastId(), this.#inquiryMark.read());
  }

  appFirstAt(path: string): number | null {
    return this.#apps.firstAt(path);
  }

  rules(): { rules: Map<string, Rule>; unreadable: number } {
    return readRules(this.#db);
  }

  /** Writes a batch, all of it or nothing; says how many records were left out because they can never be written. */
  write({ flows, judge, issued, ruleIds, rules }: Batch): number {
    const isShort = this.#isShort(issued);
    const isFirm = ruleIds.size > 0 || judge.verdicts.length > 0;
    if (flows.length === 0 && judge.inquiries.length === 0 && !isFirm && !isShort) return 0;
    // What a person said must outlive a power cut, a record need not: only then the commit waits for the disk.
    if (isFirm) this.#db.run('PRAGMA synchronous = FULL');
    try {
      return this.#transaction(() => {
        const refused = this.#putFlows(flows) + this.judge.write(judge);
        if (ruleIds.size > 0) writeRules(this.#db, ruleIds, rules);
        if (isShort) this.#reserve(issued);
        return refused;
      });
    } finally {
      if (isFirm) this.#db.run('PRAGMA synchronous = NORMAL');
    }
  }

  /** Says which ids were the last given out, empties the log into the database and closes it. */
  finish(issued: Issued): void {
    try {
      this.#flowMark.finish(issued.flow);
      this.#db.run('PRAGMA wal_checkpoint(TRUNCATE)');
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#statements.close();
  }

  #putFlows(flows: readonly FlowRecord[]): number {
    let refused = 0;
    for (const flow of flows) {
      try {
        this.#upsert.run(...flowToCells(flow, this.#apps));
      } catch (error) {
        if (troubleOf(error) !== 'row') throw error;
        refused++;
      }
    }
    return refused;
  }

  #isShort({ flow, inquiry }: Issued): boolean {
    return this.#flowMark.isShort(flow) || this.#inquiryMark.isShort(inquiry);
  }

  #reserve({ flow, inquiry }: Issued): void {
    if (this.#flowMark.isShort(flow)) this.#flowMark.reserve(flow);
    if (this.#inquiryMark.isShort(inquiry)) this.#inquiryMark.reserve(inquiry);
  }

  #transaction<T>(work: () => T): T {
    this.#db.run('BEGIN IMMEDIATE');
    try {
      const value = work();
      this.#db.run('COMMIT');
      return value;
    } catch (error) {
      this.#apps.forget();
      this.#flowMark.forget();
      this.#inquiryMark.forget();
      // SQLite has already rolled back after some errors.
      if (this.#db.inTransaction) this.#db.run('ROLLBACK');
      throw error;
    }
  }
}
