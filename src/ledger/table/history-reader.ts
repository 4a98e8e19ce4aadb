import type { Statement } from 'bun:sqlite';
import type { Statements } from '../thread/statements.ts';
import { DEFAULTED } from './flow-row.ts';

/** Flows looked through in one go: a few milliseconds of work, so that writing goes on in between. */
export const SLICE_FLOWS = 2_000;
/** Numbers that one program may have, when its signer or name changed. */
const APP_IDS_MAX = 64;

/** What is asked of the history. */
export interface HistoryQuery {
  /** The domain, which stands for itself and all below it. */
  readonly domain: string;
  /** The program, by its path, or by its name when it has none. */
  readonly app: { readonly name: string | null; readonly path: string | null };
  /** Unix milliseconds; other domains of the program are told from then on. */
  readonly sinceMs: number;
}

/** Flows that have all of this in common. */
export interface FlowGroup {
  readonly host: string | null;
  readonly effect: string;
  /** 1 when nobody decided. */
  readonly defaulted: number;
  /** 1 when it is of the program that was asked about; of the domain, when it is not. */
  readonly isApp: number;
  /** 1 from `sinceMs` on. */
  readonly isRecent: number;
  readonly name: string | null;
  readonly path: string | null;
  readonly flows: number;
  /** Unix milliseconds. */
  readonly first: number;
  readonly last: number;
}

/** A stretch of the ledger, looked through for a query. */
export interface HistorySlice {
  readonly groups: readonly FlowGroup[];
  /** Flows in it, of interest or not; fewer than `SLICE_FLOWS` when it is the last one. */
  readonly flows: number;
  /** The smallest id in it; the next slice is before this. Null in an empty one. */
  readonly firstId: number | null;
  /** When the earliest of them was accepted, Unix milliseconds. */
  readonly since: number | null;
}

interface Bounds {
  readonly firstId: number | null;
  readonly since: number | null;
  readonly flows: number;
}

type GroupParams = [number, number, number, string, string, number, string];

/**
 * Looks through flows for a domain and a program, from the newest back. There is no index of hosts, which every flow would pay
 * for: whoever asks bounds how many slices are read. Throws what SQLite throws.
 */
export class HistoryReader {
  readonly #bounds: Statement<Bounds, [number, number]>;
  readonly #groups: Statement<FlowGroup, GroupParams>;
  readonly #byPath: Statement<{ id: number }, [string, number]>;
  readonly #byName: Statement<{ id: number }, [string, number]>;

  constructor(statements: Statements) {
    this.#bounds = statements.prepare(
      `SELECT min(id) AS firstId, min(at) AS since, count(*) AS flows
       FROM (SELECT id, at FROM flows WHERE id < ? ORDER BY id DESC LIMIT ?)`,
    );
    this.#groups = statements.prepare(
      `SELECT found.*, apps.name, apps.path FROM
         (SELECT host, effect, (flags & ${DEFAULTED}) <> 0 AS defaulted, at >= ?1 AS isRecent, app,
            app IN (SELECT value FROM json_each(?7)) AS isApp, count(*) AS flows, min(at) AS first, max(at) AS last
          FROM flows
          WHERE id >= ?2 AND id < ?3
            AND (host = ?4 OR substr(host, ?6) = ?5 OR app IN (SELECT value FROM json_each(?7)))
          GROUP BY host, effect, defaulted, isRecent, app) AS found
       LEFT JOIN apps ON apps.id = found.app`,
    );
    this.#byPath = statements.prepare('SELECT id FROM apps WHERE path = ? LIMIT ?');
    this.#byName = statements.prepare('SELECT id FROM apps WHERE path IS NULL AND name = ? LIMIT ?');
  }

  /** The flows before an id, as many as one slice holds. */
  slice({ domain, app, sinceMs }: HistoryQuery, before: number): HistorySlice {
    const bounds = this.#bounds.get(before, SLICE_FLOWS) ?? { firstId: null, since: null, flows: 0 };
    if (bounds.firstId === null) return { groups: [], ...bounds };
    const below = `.${domain}`;
    const ids = JSON.stringify(this.#appIds(app));
    const groups = this.#groups.all(sinceMs, bounds.firstId, before, domain, below, -below.length, ids);
    return { groups, ...bounds };
  }

  #appIds({ path, name }: HistoryQuery['app']): number[] {
    const rows =
      path !== null
        ? this.#byPath.all(path, APP_IDS_MAX)
        : name !== null
          ? this.#byName.all(name, APP_IDS_MAX)
          : [];
    return rows.map(({ id }) => id);
  }
}
