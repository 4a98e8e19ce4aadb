import type { Statement } from 'bun:sqlite';
import type { FlowRecord } from '../../model/flow.ts';
import { flowSchema } from '../../schema/flow.ts';
import type { Statements } from '../thread/statements.ts';
import type { FlowPage, PageQuery } from '../wire.ts';
import type { AppNames } from './app-table.ts';
import { type FlowRow, rowToFlow } from './flow-row.ts';

/** Flows read at once: a few milliseconds of work, so that writing goes on in between. */
export const PAGE_MAX_FLOWS = 500;
/** Beyond every id that can be. */
const NO_BOUND = Number.MAX_SAFE_INTEGER;

/** Reads flows back, each checked by the schema. Throws what SQLite throws. */
export class FlowReader {
  readonly #apps: AppNames;
  readonly #one: Statement<FlowRow, [number]>;
  readonly #firstSince: Statement<{ id: number | null }, [number]>;
  readonly #up: Statement<FlowRow, [number, number, number, number]>;
  readonly #down: Statement<FlowRow, [number, number, number, number]>;

  constructor(statements: Statements, apps: AppNames) {
    this.#apps = apps;
    this.#one = statements.prepare('SELECT * FROM flows WHERE id = ?');
    this.#firstSince = statements.prepare('SELECT min(id) AS id FROM flows WHERE at >= ?');
    // The plus keeps the index on `at` out of it: rows come in the order of ids, and the clock may have been set back.
    const page = 'SELECT * FROM flows WHERE id > ? AND id < ? AND +at >= ? ORDER BY id';
    this.#up = statements.prepare(`${page} LIMIT ?`);
    this.#down = statements.prepare(`${page} DESC LIMIT ?`);
  }

  /** One flow, null when the ledger does not have it or cannot read it. */
  one(id: number): FlowRecord | null {
    const row = this.#one.get(id);
    return row === null ? null : this.#decode(row);
  }

  page(query: PageQuery): FlowPage {
    const limit = Math.min(Math.max(query.limit, 1), PAGE_MAX_FLOWS);
    const since = query.sinceMs ?? Number.MIN_SAFE_INTEGER;
    const first = this.#lowestId(query);
    if (first === null) return { flows: [], lastId: null, unreadable: 0 };
    const rows =
      query.direction === 'up'
        ? this.#up.all(Math.max(query.from ?? -1, first - 1), NO_BOUND, since, limit)
        : this.#down.all(first - 1, query.from ?? NO_BOUND, since, limit);
    const flows = rows.map((row) => this.#decode(row)).filter((flow) => flow !== null);
    const last = rows.length === limit ? Number(rows.at(-1)?.id) : null;
    return { flows, lastId: last, unreadable: rows.length - flows.length };
  }

  /** The least id the query can name, by the index on `at`; paging up, only the first page needs it. */
  #lowestId(query: PageQuery): number | null {
    if (query.sinceMs === null || (query.direction === 'up' && query.from !== null)) return 0;
    return this.#firstSince.get(query.sinceMs)?.id ?? null;
  }

  #decode(row: FlowRow): FlowRecord | null {
    const parsed = flowSchema.safeParse(rowToFlow(row, this.#apps));
    return parsed.success ? parsed.data : null;
  }
}
