import { Database } from 'bun:sqlite';
import { existsSync } from 'node:fs';
import type { FlowRecord } from '../model/flow.ts';
import { AppTable } from './app-table.ts';
import { FlowReader, PAGE_MAX_FLOWS } from './flow-reader.ts';
import type { FlowQuery } from './ledger.ts';
import { schemaState } from './migrations.ts';
import { describeTrouble } from './storage-error.ts';

/** How long reading waits for a process that holds the database. */
const BUSY_TIMEOUT_MS = 2_000;

/** What reading a ledger without its engine gave. */
export type FlowsRead =
  /** `unreadable`: rows that another version wrote, left out. */
  | { readonly kind: 'read'; readonly flows: readonly FlowRecord[]; readonly unreadable: number }
  /** There is no ledger: no engine ran here yet. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly error: string };

/** Reads flows straight from the database, with no engine, changing nothing; same order and bounds as `Ledger.flows`. */
export function readFlows(path: string, query: FlowQuery): FlowsRead {
  if (!existsSync(path)) return { kind: 'missing' };
  try {
    const db = new Database(path, { readonly: true, strict: true });
    try {
      return readFrom(db, path, query);
    } finally {
      db.close();
    }
  } catch (error) {
    return { kind: 'failed', error: describeTrouble(error, path) };
  }
}

function readFrom(db: Database, path: string, query: FlowQuery): FlowsRead {
  db.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  const state = schemaState(db);
  if (state !== 'ours')
    return { kind: 'failed', error: `${path} is not a ledger this version can read (${state})` };
  const reader = new FlowReader(db, new AppTable(db));
  const direction = query.after !== null || query.sinceMs !== null ? 'up' : 'down';
  const flows: FlowRecord[] = [];
  let unreadable = 0;
  for (let from = query.after; flows.length < query.limit; ) {
    const page = reader.page({ direction, from, sinceMs: query.sinceMs, limit: PAGE_MAX_FLOWS });
    flows.push(...page.flows.filter(query.filter ?? (() => true)));
    unreadable += page.unreadable;
    if (page.lastId === null) break;
    from = page.lastId;
  }
  const wanted = flows.slice(0, query.limit);
  return { kind: 'read', flows: direction === 'up' ? wanted : wanted.reverse(), unreadable };
}
