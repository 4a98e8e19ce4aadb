import { Database } from 'bun:sqlite';
import { existsSync } from 'node:fs';
import type { FlowRecord } from '../model/flow.ts';
import type { Inquiry, KeptVerdict } from '../model/inquiry.ts';
import type { InquirySummary } from '../schema/judge.ts';
import type { FlowQuery } from './ledger.ts';
import { AppNames } from './table/app-table.ts';
import { FlowReader, PAGE_MAX_FLOWS } from './table/flow-reader.ts';
import { JudgeTable } from './table/judge-table.ts';
import { pragma, schemaState } from './thread/migrations.ts';
import { Statements } from './thread/statements.ts';
import { describeTrouble } from './thread/storage-error.ts';

/** How long reading waits for a process that holds the database. */
const BUSY_TIMEOUT_MS = 2_000;
/** The first schema that holds what the judge did. */
const JUDGE_SCHEMA_VERSION = 2;

/**
 * Reads flows straight from the database, with no engine, changing nothing; same order and bounds as `Ledger.flows`. None when
 * there is no ledger yet; rows of another version are left out. Throws an error for a person when it cannot be read.
 */
export function readFlows(path: string, query: FlowQuery): FlowRecord[] {
  return withDatabase(path, [], (statements) => {
    const reader = new FlowReader(statements, new AppNames(statements));
    const direction = query.after !== null || query.sinceMs !== null ? 'up' : 'down';
    const flows: FlowRecord[] = [];
    for (let from = query.after; flows.length < query.limit; ) {
      const page = reader.page({ direction, from, sinceMs: query.sinceMs, limit: PAGE_MAX_FLOWS });
      flows.push(...page.flows.filter(query.filter ?? (() => true)));
      if (page.lastId === null) break;
      from = page.lastId;
    }
    const wanted = flows.slice(0, query.limit);
    return direction === 'up' ? wanted : wanted.reverse();
  });
}

/** Reads the rules that an older resolagent kept in its ledger, as JSON texts. None when there is no ledger. Throws an error for a person. */
export function readOldRules(path: string): readonly string[] {
  return withDatabase(path, [], ({ db }) =>
    db
      .query<{ rule: string }, []>('SELECT rule FROM rules')
      .all()
      .map(({ rule }) => rule),
  );
}

/** Reads what lists show of inquiries, newest first, below the id `before`; as `readFlows` does. */
export function readInquiries(path: string, before: number | null, limit: number): readonly InquirySummary[] {
  return withJudge(path, [], (table) => table.page(before ?? Number.MAX_SAFE_INTEGER, limit).inquiries);
}

/** Reads one transcript, as `readFlows` does; null when there is none that can be read. */
export function readInquiry(path: string, id: number): Inquiry | null {
  return withJudge(path, null, (table) => table.one(id)?.inquiry ?? null);
}

/** Reads the kept verdicts that have not expired, newest first, as `readFlows` does. */
export function readVerdicts(path: string, now: number): readonly KeptVerdict[] {
  return withJudge(path, [], (table) => table.memory(now, now).verdicts);
}

function withJudge<T>(path: string, missing: T, read: (table: JudgeTable) => T): T {
  return withDatabase(path, missing, (statements) =>
    pragma(statements.db, 'user_version') < JUDGE_SCHEMA_VERSION ? missing : read(new JudgeTable(statements)),
  );
}

function withDatabase<T>(path: string, missing: T, read: (statements: Statements) => T): T {
  if (!existsSync(path)) return missing;
  let statements: Statements | null = null;
  try {
    const db = new Database(path, { readonly: true, strict: true });
    statements = new Statements(db);
    db.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    const state = schemaState(db);
    // A file whose engine died before the first table.
    if (state === 'new') return missing;
    if (state === 'newer') throw new Error(`${path} was written by a newer resolagent; update`);
    if (state === 'foreign') throw new Error(`${path} is a database of another program`);
    return read(statements);
  } catch (error) {
    throw new Error(describeTrouble(error, path), { cause: error });
  } finally {
    statements?.close();
  }
}
