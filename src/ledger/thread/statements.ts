import type { Database, SQLQueryBindings, Statement } from 'bun:sqlite';

/**
 * Prepared statements of one database. They are finalised before it is closed: SQLite keeps a closed database open, its file
 * and locks included, for as long as one statement of it lives.
 */
export class Statements {
  readonly db: Database;
  readonly #made: Statement[] = [];

  constructor(db: Database) {
    this.db = db;
  }

  prepare<Row, Params extends SQLQueryBindings[]>(sql: string): Statement<Row, Params> {
    const statement = this.db.prepare(sql);
    this.#made.push(statement);
    return statement as unknown as Statement<Row, Params>;
  }

  /** Finalises every statement and closes the database. */
  close(): void {
    for (const statement of this.#made.splice(0)) statement.finalize();
    this.db.close();
  }
}
