import type { Database, Statement } from 'bun:sqlite';
import { VERDICTS_KEPT } from '../table/judge-table.ts';
import type { Statements } from './statements.ts';

/** Transcripts deleted in one go, and how long they may be together: each may lie on more than a hundred pages. */
const SLICE_INQUIRIES = 64;
const SLICE_INQUIRY_BYTES = 1_048_576;
const SLICE_VERDICTS = 1_000;

interface InquirySize {
  readonly id: number;
  readonly bytes: number;
}

/** Deletes transcripts and verdicts that are too old or too many, in slices. Throws what SQLite throws. */
export class JudgeRetention {
  readonly #db: Database;
  readonly #byAge: Statement<InquirySize, [number, number]>;
  readonly #expired: Statement<unknown, [number, number]>;
  readonly #tooMany: Statement<unknown, [number, number]>;
  readonly #oldest: Statement<InquirySize, [number]>;
  readonly #oldestMs: Statement<{ at: number }, []>;
  readonly #drop: Statement<unknown, [number]>;
  readonly #dropVerdicts: Statement<unknown, [number]>;

  constructor(statements: Statements) {
    this.#db = statements.db;
    const sizes = 'SELECT id, bytes FROM inquiries';
    this.#byAge = statements.prepare(`${sizes} WHERE at < ? ORDER BY at LIMIT ?`);
    this.#oldest = statements.prepare(`${sizes} ORDER BY id LIMIT ?`);
    this.#oldestMs = statements.prepare('SELECT at FROM inquiries ORDER BY id LIMIT 1');
    this.#drop = statements.prepare('DELETE FROM inquiries WHERE id = ?');
    this.#expired = statements.prepare(
      `DELETE FROM judge_verdicts WHERE rowid IN
         (SELECT rowid FROM judge_verdicts WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`,
    );
    this.#tooMany = statements.prepare(
      `DELETE FROM judge_verdicts WHERE rowid IN
         (SELECT rowid FROM judge_verdicts ORDER BY at DESC LIMIT ? OFFSET ?)`,
    );
    this.#dropVerdicts = statements.prepare(
      'DELETE FROM judge_verdicts WHERE rowid IN (SELECT rowid FROM judge_verdicts ORDER BY at LIMIT ?)',
    );
  }

  /** Deletes a slice of transcripts from before a moment and of verdicts that no longer count; false when there were none. */
  slice(beforeMs: number, nowMs: number): boolean {
    if (this.#dropSlice(this.#byAge.all(beforeMs, SLICE_INQUIRIES))) return true;
    if (this.#expired.run(nowMs, SLICE_VERDICTS).changes > 0) return true;
    return this.#tooMany.run(SLICE_VERDICTS, VERDICTS_KEPT).changes > 0;
  }

  /** When the oldest transcript began; null when there is none. */
  oldestMs(): number | null {
    return this.#oldestMs.get()?.at ?? null;
  }

  /** Deletes a slice of the oldest transcripts; false when there were none. */
  dropInquiries(): boolean {
    return this.#dropSlice(this.#oldest.all(SLICE_INQUIRIES));
  }

  /** Deletes a slice of the oldest verdicts; false when there were none. Each that goes costs one inquiry. */
  dropVerdicts(): boolean {
    return this.#dropVerdicts.run(SLICE_VERDICTS).changes > 0;
  }

  #dropSlice(inquiries: readonly InquirySize[]): boolean {
    if (inquiries.length === 0) return false;
    this.#db.transaction(() => {
      let bytes = 0;
      for (const inquiry of inquiries) {
        this.#drop.run(inquiry.id);
        bytes += inquiry.bytes;
        if (bytes >= SLICE_INQUIRY_BYTES) break;
      }
    })();
    return true;
  }
}
