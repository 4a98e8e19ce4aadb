import type { Statement } from 'bun:sqlite';
import { VERDICTS_KEPT } from './judge-table.ts';
import type { Statements } from './statements.ts';

/** Transcripts deleted in one go: each may lie on more than a hundred pages. */
const SLICE_INQUIRIES = 16;
const SLICE_VERDICTS = 1_000;

/** Deletes transcripts and verdicts that are too old or too many, in slices. Throws what SQLite throws. */
export class JudgeRetention {
  readonly #byAge: Statement<unknown, [number, number]>;
  readonly #expired: Statement<unknown, [number, number]>;
  readonly #tooMany: Statement<unknown, [number, number]>;
  readonly #oldest: Statement<{ at: number }, []>;
  readonly #dropOldest: Statement<unknown, [number]>;
  readonly #dropVerdicts: Statement<unknown, [number]>;

  constructor(statements: Statements) {
    this.#byAge = statements.prepare(
      'DELETE FROM inquiries WHERE id IN (SELECT id FROM inquiries WHERE at < ? ORDER BY at LIMIT ?)',
    );
    this.#expired = statements.prepare(
      `DELETE FROM judge_verdicts WHERE rowid IN
         (SELECT rowid FROM judge_verdicts WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`,
    );
    this.#tooMany = statements.prepare(
      `DELETE FROM judge_verdicts WHERE rowid IN
         (SELECT rowid FROM judge_verdicts ORDER BY at DESC LIMIT ? OFFSET ?)`,
    );
    this.#oldest = statements.prepare('SELECT at FROM inquiries ORDER BY id LIMIT 1');
    this.#dropOldest = statements.prepare(
      'DELETE FROM inquiries WHERE id IN (SELECT id FROM inquiries ORDER BY id LIMIT ?)',
    );
    this.#dropVerdicts = statements.prepare(
      'DELETE FROM judge_verdicts WHERE rowid IN (SELECT rowid FROM judge_verdicts ORDER BY at LIMIT ?)',
    );
  }

  /** Deletes a slice of transcripts from before a moment and of verdicts that no longer count; false when there were none. */
  slice(beforeMs: number, nowMs: number): boolean {
    if (this.#byAge.run(beforeMs, SLICE_INQUIRIES).changes > 0) return true;
    if (this.#expired.run(nowMs, SLICE_VERDICTS).changes > 0) return true;
    return this.#tooMany.run(SLICE_VERDICTS, VERDICTS_KEPT).changes > 0;
  }

  /** When the oldest transcript began; null when there is none. */
  oldestMs(): number | null {
    return this.#oldest.get()?.at ?? null;
  }

  /** Deletes a slice of the oldest transcripts; false when there were none. */
  dropInquiries(): boolean {
    return this.#dropOldest.run(SLICE_INQUIRIES).changes > 0;
  }

  /** Deletes a slice of the oldest verdicts; false when there were none. Each that goes costs one inquiry. */
  dropVerdicts(): boolean {
    return this.#dropVerdicts.run(SLICE_VERDICTS).changes > 0;
  }
}
