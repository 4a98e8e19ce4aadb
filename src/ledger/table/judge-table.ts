import type { SQLQueryBindings, Statement } from 'bun:sqlite';
import type { Inquiry, KeptVerdict } from '../../model/inquiry.ts';
import { type InquirySummary, inquirySummarySchema } from '../../schema/judge.ts';
import type { Statements } from '../thread/statements.ts';
import { isRefused } from '../thread/storage-error.ts';
import { bodyToInquiry, bodyToVerdict, type InquiryRow, type VerdictChange } from './judge-rows.ts';

/** Kept verdicts that are read and that stay: the newest. */
export const VERDICTS_KEPT = 50_000;
/** Summaries read at once. */
const PAGE_MAX_INQUIRIES = 500;

/** The columns of `inquiries` before the transcript; a summary is read from them alone. */
const SUMMARY_COLUMNS = [
  ...['id', 'at', 'domain', 'host', 'app', 'kind', 'why', 'reason', 'marks', 'rounds', 'tokens'],
  ...['duration_ms', 'model', 'replay_of'],
];
const COLUMNS = [...SUMMARY_COLUMNS, 'bytes', 'body'];

/** What the judge knows when it starts. */
export interface JudgeMemory {
  /** Unexpired, newest first, at most `VERDICTS_KEPT`. */
  readonly verdicts: readonly KeptVerdict[];
  /** Tokens of the inquiries since a moment. */
  readonly tokens: number;
  /** Rows that are no verdict by the schema. */
  readonly unreadable: number;
}

/** A page of summaries, newest first. */
export interface InquiryPage {
  readonly inquiries: readonly InquirySummary[];
  readonly unreadable: number;
}

type Row = Readonly<Record<string, string | number | null>>;

/** Transcripts and kept verdicts in the database. Throws what SQLite throws. */
export class JudgeTable {
  readonly #put: Statement<unknown, SQLQueryBindings[]>;
  readonly #keep: Statement<unknown, SQLQueryBindings[]>;
  readonly #forget: Statement<unknown, [string]>;
  readonly #page: Statement<Row, [number, number]>;
  readonly #one: Statement<{ body: string }, [number]>;
  readonly #unexpired: Statement<{ body: string }, [number, number]>;
  readonly #tokens: Statement<{ tokens: number | null }, [number]>;
  readonly #lastId: Statement<{ id: number | null }, []>;

  constructor(statements: Statements) {
    this.#put = statements.prepare(
      `INSERT OR REPLACE INTO inquiries (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`,
    );
    this.#keep = statements.prepare(
      'INSERT OR REPLACE INTO judge_verdicts (domain, app, at, expires_at, inquiry, body) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#forget = statements.prepare('DELETE FROM judge_verdicts WHERE domain = ?');
    this.#page = statements.prepare(
      `SELECT ${SUMMARY_COLUMNS.join(', ')} FROM inquiries WHERE id < ? ORDER BY id DESC LIMIT ?`,
    );
    this.#one = statements.prepare('SELECT body FROM inquiries WHERE id = ?');
    this.#unexpired = statements.prepare(
      'SELECT body FROM judge_verdicts WHERE expires_at > ? ORDER BY at DESC LIMIT ?',
    );
    this.#tokens = statements.prepare('SELECT sum(tokens) AS tokens FROM inquiries WHERE at >= ?');
    this.#lastId = statements.prepare(
      `SELECT max(ifnull((SELECT max(id) FROM inquiries), 0),
                  ifnull((SELECT max(inquiry) FROM judge_verdicts), 0)) AS id`,
    );
  }

  /** Writes a batch in the caller's transaction; says how many rows were left out because they can never be written. */
  write(inquiries: readonly InquiryRow[], verdicts: readonly VerdictChange[]): number {
    const refused = inquiries.filter((row) => isRefused(() => this.#put.run(...cellsOf(row))));
    return refused.length + verdicts.filter((change) => isRefused(() => this.#change(change))).length;
  }

  /** Up to `limit` inquiries with an id below `before`, newest first. */
  page(before: number, limit: number): InquiryPage {
    const inquiries: InquirySummary[] = [];
    let unreadable = 0;
    for (let from = before; inquiries.length < limit; ) {
      const wanted = Math.min(limit - inquiries.length, PAGE_MAX_INQUIRIES);
      const rows = this.#page.all(from, wanted);
      const read = rows.map(rowToSummary).filter((summary) => summary !== null);
      inquiries.push(...read);
      unreadable += rows.length - read.length;
      from = Number(rows.at(-1)?.id);
      if (rows.length < wanted) break;
    }
    return { inquiries, unreadable };
  }

  /** One transcript, `inquiry` null when it cannot be read; null when there is none. */
  one(id: number): { readonly inquiry: Inquiry | null } | null {
    const row = this.#one.get(id);
    return row === null ? null : { inquiry: bodyToInquiry(String(row.body)) };
  }

  /** What the judge needs to know when it starts. */
  memory(sinceMs: number, nowMs: number): JudgeMemory {
    const rows = this.#unexpired.all(nowMs, VERDICTS_KEPT);
    const verdicts = rows.map(({ body }) => bodyToVerdict(String(body))).filter((each) => each !== null);
    const tokens = Number(this.#tokens.get(sinceMs)?.tokens ?? 0);
    return { verdicts, tokens, unreadable: rows.length - verdicts.length };
  }

  /** The greatest id of an inquiry that anything here names; 0 for none. */
  lastId(): number {
    return this.#lastId.get()?.id ?? 0;
  }

  #change(change: VerdictChange): void {
    if (!change.kept) this.#forget.run(change.domain);
    else
      this.#keep.run(
        change.domain,
        change.app ?? '',
        change.at,
        change.expiresAt,
        change.inquiry,
        change.body,
      );
  }
}

/** The cells of a row in the order of `COLUMNS`. */
function cellsOf({ summary, bytes, body }: InquiryRow): SQLQueryBindings[] {
  const { durationMs, replayOf, ...rest } = summary;
  const cells: Row = { ...rest, duration_ms: durationMs, replay_of: replayOf, bytes, body };
  return COLUMNS.map((name) => cells[name] ?? null);
}

/** Null when the row does not fit. */
function rowToSummary({ duration_ms, replay_of, ...rest }: Row): InquirySummary | null {
  const summary = { ...rest, durationMs: duration_ms, replayOf: replay_of };
  return inquirySummarySchema.safeParse(summary).data ?? null;
}
