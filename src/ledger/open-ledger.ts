import type { Database, SQLQueryBindings, Statement } from 'bun:sqlite';
import type { FlowRecord } from '../model/flow.ts';
import type { Rule } from '../model/rule.ts';
import { AppTable } from './app-table.ts';
import { divideSize, inodeOf, type OpenDatabase, openDatabase } from './database.ts';
import { FlowReader } from './flow-reader.ts';
import { flowToCells, UPSERT_FLOW } from './flow-row.ts';
import { Retention } from './retention.ts';
import { readRules, writeRules } from './rule-table.ts';
import { Statements } from './statements.ts';
import { troubleOf } from './storage-error.ts';
import type { StoreOptions } from './wire.ts';

/** Ids set aside on disk before they are given out, so that a killed engine's ids are never given again. */
const RESERVED_IDS = 4_096;

/** What one transaction writes. */
export interface Batch {
  readonly flows: readonly FlowRecord[];
  /** The last id given out. */
  readonly issued: number;
  /** Ids of rules to bring to what `rules` says. */
  readonly ruleIds: ReadonlySet<string>;
  readonly rules: ReadonlyMap<string, Rule>;
}

/** One open database with its statements. Every method throws what SQLite throws; `Store` decides what is done about it. */
export class OpenLedger {
  readonly reader: FlowReader;
  readonly retention: Retention;
  /** True when the database was empty before. */
  readonly created: boolean;
  readonly #path: string;
  readonly #inode: bigint;
  readonly #db: Database;
  readonly #statements: Statements;
  readonly #apps: AppTable;
  readonly #upsert: Statement<unknown, SQLQueryBindings[]>;
  #reserved = 0;

  constructor(options: StoreOptions) {
    const opened: OpenDatabase = openDatabase(options.path, options.maxSizeMb);
    const { databaseBytes } = divideSize(options.maxSizeMb);
    this.#path = options.path;
    this.#inode = opened.inode;
    this.#db = opened.db;
    this.created = opened.created;
    this.#statements = new Statements(this.#db);
    this.#apps = new AppTable(this.#statements);
    this.reader = new FlowReader(this.#statements, this.#apps);
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
    const row = this.#db
      .query<{ id: number | null }, []>(
        `SELECT max(ifnull((SELECT max(id) FROM flows), 0),
                    ifnull((SELECT value FROM meta WHERE key = 'reserved_id'), 0)) AS id`,
      )
      .get();
    return row?.id ?? 0;
  }

  rules(): { rules: Map<string, Rule>; unreadable: number } {
    return readRules(this.#db);
  }

  /** Writes a batch, all of it or nothing; says how many flows were left out because they can never be written. */
  write(batch: Batch): number {
    const withRules = batch.ruleIds.size > 0;
    const reserve = this.#reserved - batch.issued < RESERVED_IDS / 2;
    if (batch.flows.length === 0 && !withRules && !reserve) return 0;
    // A rule must outlive a power cut, a flow need not: only then the commit waits for the disk.
    if (withRules) this.#db.run('PRAGMA synchronous = FULL');
    try {
      return this.#transaction(() => {
        const refused = this.#putFlows(batch.flows);
        if (withRules) writeRules(this.#db, batch.ruleIds, batch.rules);
        if (reserve) this.#reserve(batch.issued + RESERVED_IDS);
        return refused;
      });
    } finally {
      if (withRules) this.#db.run('PRAGMA synchronous = NORMAL');
    }
  }

  /** Says that `issued` is the last id given out, empties the log into the database and closes it. */
  finish(issued: number): void {
    try {
      // Only over our own mark: another engine that was started by mistake must not take back what this one reserved.
      this.#db
        .query("UPDATE meta SET value = ? WHERE key = 'reserved_id' AND value = ?")
        .run(issued, this.#reserved);
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

  #reserve(id: number): void {
    this.#db
      .query(
        `INSERT INTO meta (key, value) VALUES ('reserved_id', ?)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
      )
      .run(id);
    this.#reserved = id;
  }

  #transaction<T>(work: () => T): T {
    this.#db.run('BEGIN IMMEDIATE');
    try {
      const value = work();
      this.#db.run('COMMIT');
      return value;
    } catch (error) {
      this.#apps.forget();
      this.#reserved = 0;
      // SQLite has already rolled back after some errors.
      if (this.#db.inTransaction) this.#db.run('ROLLBACK');
      throw error;
    }
  }
}
