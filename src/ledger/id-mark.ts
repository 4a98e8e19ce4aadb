import type { Database } from 'bun:sqlite';

/** Ids set aside on disk before they are given out, so that a killed engine's ids are never given again. */
const RESERVED_IDS = 4_096;

/** How far ids of one kind have been set aside, in `meta`. Throws what SQLite throws. */
export class IdMark {
  readonly #db: Database;
  readonly #key: string;
  #reserved = 0;

  constructor(db: Database, key: string) {
    this.#db = db;
    this.#key = key;
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
    return this.#reserved - issued < RESERVED_IDS / 2;
  }

  /** Sets more aside, in the caller's transaction. */
  reserve(issued: number): void {
    const reserved = issued + RESERVED_IDS;
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
