import { INQUIRY_MAX_BYTES, type InquiryRow } from './table/inquiry-row.ts';
import type { VerdictChange } from './table/verdict-row.ts';

/** Transcripts that wait for the disk; past either bound the oldest are given up. */
const INQUIRIES_MAX = 4_096;
const INQUIRIES_MAX_BYTES = 64 * 1_048_576;
/** Domains whose change waits; past it the oldest change is given up. */
const VERDICTS_MAX = 16_384;
/** Transcripts that go to the database in one transaction; one that is longer goes alone. */
const BATCH_MAX_BYTES = INQUIRY_MAX_BYTES;
const BATCH_MAX_VERDICTS = 512;
/** What a row weighs beside its text. */
const ROW_BASE_BYTES = 1_000;

/** What one transaction writes for the judge. */
export interface JudgeBatch {
  readonly inquiries: readonly InquiryRow[];
  readonly verdicts: readonly VerdictChange[];
}

/**
 * What waits to be written for the judge: the newest state of each inquiry and each domain. A batch that was taken stays in
 * flight until it is settled as written; until then `take` gives the same batch again. Verdicts do not wait for the transcripts
 * before them: what a person takes back is not to stand behind megabytes.
 */
export class JudgeQueue {
  readonly #inquiries = new Map<number, InquiryRow>();
  readonly #verdicts = new Map<string, VerdictChange>();
  readonly #maxBytes: number;
  #inFlight: JudgeBatch | null = null;
  #bytes = 0;
  #lost = 0;

  constructor(maxBytes: number = INQUIRIES_MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Records not yet known to be on disk. */
  get size(): number {
    const flying = this.#inFlight;
    const inFlight = flying === null ? 0 : flying.inquiries.length + flying.verdicts.length;
    return this.#inquiries.size + this.#verdicts.size + inFlight;
  }

  /** Records given up since the start. */
  get lost(): number {
    return this.#lost;
  }

  /** Takes the newest state of an inquiry; null is one that can never be written. */
  putInquiry(row: InquiryRow | null): void {
    if (row === null) {
      this.#lost++;
      return;
    }
    const id = row.summary.id;
    this.#drop(id);
    this.#inquiries.set(id, row);
    this.#bytes += weigh(row);
    while (
      this.#inquiries.size > INQUIRIES_MAX ||
      (this.#bytes > this.#maxBytes && this.#inquiries.size > 1)
    ) {
      this.#giveUpOldest();
    }
  }

  /** Takes the newest state of a domain; null is one that can never be written. */
  putVerdict(change: VerdictChange | null): void {
    if (change === null) {
      this.#lost++;
      return;
    }
    this.#verdicts.set(change.domain, change);
    if (this.#verdicts.size <= VERDICTS_MAX) return;
    const [oldest] = this.#verdicts.keys();
    if (oldest !== undefined && this.#verdicts.delete(oldest)) this.#lost++;
  }

  /** The next batch, oldest first. The caller settles it before it takes another. */
  take(): JudgeBatch {
    this.#inFlight ??= { inquiries: this.#takeInquiries(), verdicts: this.#takeVerdicts() };
    return this.#inFlight;
  }

  /** Says how the batch in flight went: written and forgotten, or to be tried again. */
  settle(written: boolean): void {
    if (written) this.#inFlight = null;
  }

  /** The newest state of an inquiry that is not known to be on disk. */
  find(id: number): InquiryRow | null {
    return this.#inquiries.get(id) ?? this.#inFlight?.inquiries.find((row) => row.summary.id === id) ?? null;
  }

  /** The newest state of every inquiry that is not known to be on disk. */
  waiting(): readonly InquiryRow[] {
    const flying = this.#inFlight?.inquiries.filter((row) => !this.#inquiries.has(row.summary.id)) ?? [];
    return [...flying, ...this.#inquiries.values()];
  }

  /** Gives up all that waits, and counts it. */
  abandon(): void {
    this.#lost += this.size;
    this.#inquiries.clear();
    this.#verdicts.clear();
    this.#inFlight = null;
    this.#bytes = 0;
  }

  #takeInquiries(): readonly InquiryRow[] {
    const taken: InquiryRow[] = [];
    let bytes = 0;
    for (const [id, row] of this.#inquiries) {
      bytes += Buffer.byteLength(row.body);
      if (taken.length > 0 && bytes > BATCH_MAX_BYTES) break;
      taken.push(row);
      this.#drop(id);
    }
    return taken;
  }

  #takeVerdicts(): readonly VerdictChange[] {
    const taken: VerdictChange[] = [];
    for (const [domain, change] of this.#verdicts) {
      if (taken.length >= BATCH_MAX_VERDICTS) break;
      taken.push(change);
      this.#verdicts.delete(domain);
    }
    return taken;
  }

  #drop(id: number): void {
    const row = this.#inquiries.get(id);
    if (row === undefined) return;
    this.#inquiries.delete(id);
    this.#bytes -= weigh(row);
  }

  #giveUpOldest(): void {
    const [oldest] = this.#inquiries.keys();
    if (oldest !== undefined) this.#drop(oldest);
    this.#lost++;
  }
}

/** Estimates the bytes a row holds in memory: two a character. */
function weigh(row: InquiryRow): number {
  return ROW_BASE_BYTES + 2 * row.body.length;
}
