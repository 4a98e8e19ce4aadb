import type { Statement } from 'bun:sqlite';
import type { Statements } from '../thread/statements.ts';

/** Programs remembered in memory; past it all are forgotten and found again in the table. */
const CACHE_MAX_APPS = 4_096;

/** A program as flows name it: stored once, because the same few hundred are named over and over. */
export interface App {
  readonly path: string | null;
  readonly name: string | null;
  readonly signer: string | null;
}

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
    const row = this.#read.get(id);
    if (row === null) return null;
    if (this.#byId.size >= CACHE_MAX_APPS) this.#byId.clear();
    const app = { path: row.path, name: row.name, signer: row.signer };
    this.#byId.set(id, app);
    return app;
  }

  /** Forgets what was cached. */
  forget(): void {
    this.#byId.clear();
  }
}
