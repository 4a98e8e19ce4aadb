import type { Database } from 'bun:sqlite';

/** The high-water mark of one kind of ids, in the table `meta`: none at or below it is given out again. Throws what SQLite throws. */
export class HighWaterMark {
  readonly #db: Database;
  readonly #key: string;
  readonly #ahead: number;
  #reserved = 0;

  /** `ahead`: how many are set aside at once; a killed engine's are passed over. 0: the mark is where the last one is. */
  constructor(db: Database, key: string, ahead: number) {
    this.#db = db;
    this.#key = key;
    this.#ahead = ahead;
  }

  /** What an engine before has set aside; 0 when none has. */
  read(): number {
    const row = this.#db
      .query<{ value: number }, [string]>('SELECT value FROM meta WHERE key = ?')
      .get(this.#key);
    return row?.value ?? 0;
  }

  /** True when few are left above the last id given out. */
  isShort(issued: number): boolean {
    return this.#reserved - issued < this.#ahead / 2;
  }

  /** Sets more aside when few are left, in the caller's transaction. */
  keepAhead(issued: number): void {
    if (!this.isShort(issued)) return;
    const reserved = issued + this.#ahead;
    this.#db
      .query(
        'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
      )
      .run(this.#key, reserved);
    this.#reserved = reserved;
  }

  /** The transaction was rolled back: what was set aside in it may not be. */
  forget(): void {
    this.#reserved = 0;
  }

  /**
   * Gives back what was not given out. Only over our own mark: another engine that was started by mistake must not take back
   * what this one reserved.
   */
  finish(issued: number): void {
    this.#db
      .query('UPDATE meta SET value = ? WHERE key = ? AND value = ?')
      .run(issued, this.#key, this.#reserved);
  }
}
