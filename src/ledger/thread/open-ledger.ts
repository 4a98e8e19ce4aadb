import type { Database, SQLQueryBindings, Statement } from 'bun:sqlite';
import { AppTable } from '../table/app-table.ts';
import { FlowReader } from '../table/flow-reader.ts';
import { flowToCells, UPSERT_FLOW } from '../table/flow-row.ts';
import { HistoryReader } from '../table/history-reader.ts';
import { JudgeTable } from '../table/judge-table.ts';
import { PolicyTable } from '../table/policy-table.ts';
import type { Batch, Issued, StoreOptions } from '../wire.ts';
import { divideSize, inodeOf, openDatabase } from './database.ts';
import { HighWaterMark } from './high-water-mark.ts';
import { Retention } from './retention.ts';
import { Statements } from './statements.ts';
import { isRefused } from './storage-error.ts';

/** Flow ids set aside on disk before they are given out. Inquiries are read by their number, so theirs have no gaps. */
const RESERVED_IDS = 4_096;

/** One open database with its statements. Every method throws what SQLite throws; `Store` decides what is done about it. */
export class OpenLedger {
  readonly reader: FlowReader;
  readonly history: HistoryReader;
  readonly judge: JudgeTable;
  readonly policies: PolicyTable;
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
    const opened = openDatabase(options.path, options.maxSizeMb);
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
    this.policies = new PolicyTable(this.#statements);
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

  /** The last ids that anything on disk may know, those a killed engine set aside too. */
  lastIds(): Issued {
    const flow = this.#db.query<{ id: number | null }, []>('SELECT max(id) AS id FROM flows').get()?.id ?? 0;
    return {
      flow: Math.max(flow, this.#flowMark.read()),
      inquiry: Math.max(this.judge.lastId(), this.#inquiryMark.read()),
    };
  }

  appFirstAt(path: string): number | null {
    return this.#apps.firstAt(path);
  }

  /** Writes a batch, all of it or nothing; says how many records were left out because they can never be written. */
  write({ flows, inquiries, verdicts, policies, issued }: Batch): number {
    const isShort = this.#flowMark.isShort(issued.flow) || this.#inquiryMark.isShort(issued.inquiry);
    const isEmpty = flows.length + inquiries.length + verdicts.length + policies.length === 0;
    if (isEmpty && !isShort) return 0;
    // What a person said must outlive a power cut, a record need not: only then the commit waits for the disk.
    if (verdicts.length > 0) this.#db.run('PRAGMA synchronous = FULL');
    try {
      return this.#transaction(() => {
        this.#flowMark.keepAhead(issued.flow);
        this.#inquiryMark.keepAhead(issued.inquiry);
        const refused = flows.filter((flow) =>
          isRefused(() => this.#upsert.run(...flowToCells(flow, this.#apps))),
        );
        this.policies.write(policies);
        return refused.length + this.judge.write(inquiries, verdicts);
      });
    } finally {
      if (verdicts.length > 0) this.#db.run('PRAGMA synchronous = NORMAL');
    }
  }

  /** Says which flow id was the last given out, empties the log into the database and closes it. */
  finish(issued: number): void {
    try {
      this.#flowMark.finish(issued);
      this.#db.run('PRAGMA wal_checkpoint(TRUNCATE)');
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#statements.close();
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
