import type { FlowRecord } from '../model/flow.ts';
import type { Inquiry, KeptVerdict } from '../model/inquiry.ts';
import { BlockedOnce } from './blocked/once.ts';
import type { LedgerThread } from './ledger-thread.ts';
import { BATCH_MAX, flowQueue, inquiryQueue, policyQueue, verdictQueue } from './queues.ts';
import { type InquiryRow, inquiryToRow, keepingVerdict, type VerdictChange } from './table/judge-rows.ts';
import type { PolicyRow } from './table/policy-table.ts';

/** How long a record waits for others to share its transaction. */
const BATCH_WAIT_MS = 200;
/** Rest after a failed write: doubled from the first to the second. */
const RETRY_MIN_MS = 200;
const RETRY_MAX_MS = 2_000;

/**
 * Brings what was recorded to the thread in batches, one on its way at a time: every 200 ms, at once when a batch is full or a
 * verdict changed, with growing rests while writing fails. Verdicts do not wait for the transcripts before them: what a person takes
 * back is not to stand behind megabytes.
 */
export class Writer {
  readonly #flows = flowQueue();
  readonly #inquiries = inquiryQueue();
  readonly #verdicts = verdictQueue();
  readonly #policies = policyQueue();
  readonly #queues = [this.#flows, this.#inquiries, this.#verdicts, this.#policies];
  readonly #blocked: BlockedOnce | null;
  readonly #thread: Pick<LedgerThread, 'call'>;
  readonly #issued: () => number;
  #sending: Promise<boolean> | null = null;
  #sendingSince = 0;
  #lastInquiry = 0;
  #retryMs = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #timerMs = 0;
  #stopped = false;
  #error: string | null = null;

  /** `issued` tells the last flow id given out; `withBlockedFile` whether blocked flows also go to their file. */
  constructor(thread: Pick<LedgerThread, 'call'>, issued: () => number, withBlockedFile: boolean) {
    this.#thread = thread;
    this.#issued = issued;
    this.#blocked = withBlockedFile ? new BlockedOnce() : null;
  }

  get queued(): number {
    return this.#queues.reduce((sum, queue) => sum + queue.size, 0);
  }

  get lost(): number {
    return this.#queues.reduce((sum, queue) => sum + queue.lost, 0);
  }

  /** Lines of the blocked file that were given up because there were too many at once. */
  get lostLines(): number {
    return this.#blocked?.lost ?? 0;
  }

  /** Why the last batch never got an answer; null when it got one. */
  get error(): string | null {
    return this.#error;
  }

  /** How long the batch on its way has been without an answer, milliseconds. */
  get waitingMs(): number {
    return this.#sending === null ? 0 : performance.now() - this.#sendingSince;
  }

  put(flow: FlowRecord): void {
    this.#flows.put(flow);
    this.#blocked?.offer(flow);
    this.#soon(this.#flows.isFull ? 0 : BATCH_WAIT_MS);
  }

  putInquiry(inquiry: Inquiry): void {
    this.#lastInquiry = Math.max(this.#lastInquiry, inquiry.id);
    const row = inquiryToRow(inquiry);
    if (row === null) this.#inquiries.refuse();
    else this.#inquiries.put(row);
    this.#soon(BATCH_WAIT_MS);
  }

  keepVerdict(verdict: KeptVerdict): void {
    this.#putVerdict(keepingVerdict(verdict));
  }

  putPolicy(row: PolicyRow): void {
    this.#policies.put(row);
    this.#soon(BATCH_WAIT_MS);
  }

  forgetVerdict(domain: string): void {
    this.#putVerdict({ domain, kept: false });
  }

  /** The newest state of a flow that is not known to be on disk. */
  findFlow(id: number): FlowRecord | null {
    return this.#flows.find(id);
  }

  /** The newest state of an inquiry that is not known to be on disk. */
  findInquiry(id: number): InquiryRow | null {
    return this.#inquiries.find(id);
  }

  /** The newest state of every inquiry that is not known to be on disk. */
  waitingInquiries(): readonly InquiryRow[] {
    return this.#inquiries.all();
  }

  /** Settles when all that was put before is on disk, or when writing it failed once. */
  async flush(): Promise<void> {
    const batches = Math.ceil(this.#flows.size / BATCH_MAX) + this.#inquiries.size + this.#verdicts.size + 1;
    for (let left = batches + 2; left > 0; left--) {
      if (this.queued === 0 && this.#blocked?.waiting !== true) return;
      if (!(await this.#send())) return;
    }
  }

  /** Tries again soon, though nothing may wait: to find out whether the trouble is over. */
  retrySoon(): void {
    this.#wake(RETRY_MIN_MS);
  }

  /** Takes nothing more. */
  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Gives up what waits, and counts it as lost. */
  abandon(): void {
    for (const queue of this.#queues) queue.abandon();
  }

  /** Goes at once: they are few, and each stands for an inquiry or for what a person said. */
  #putVerdict(change: VerdictChange | null): void {
    if (change === null) this.#verdicts.refuse();
    else this.#verdicts.put(change);
    this.#soon(0);
  }

  #soon(delayMs: number): void {
    if (this.#stopped) this.abandon();
    else if (this.#timer === null || this.#timerMs > 0) this.#wake(delayMs);
  }

  #wake(delayMs: number): void {
    if (this.#sending !== null || this.#stopped) return;
    // While writing fails, new records wait for the next try like the old ones.
    const waitMs = Math.max(delayMs, this.#retryMs);
    if (this.#timer !== null) {
      if (waitMs >= this.#timerMs) return;
      clearTimeout(this.#timer);
    }
    this.#timerMs = waitMs;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#send();
    }, waitMs);
  }

  /** Sends one batch, or waits for the one on its way; true when it was written. */
  #send(): Promise<boolean> {
    if (this.#sending !== null) return this.#sending;
    this.#sendingSince = performance.now();
    this.#sending = this.#sendBatch().then((written) => {
      this.#sending = null;
      this.#goOn(written);
      return written;
    });
    return this.#sending;
  }

  #goOn(written: boolean): void {
    this.#retryMs = written ? 0 : Math.min(Math.max(RETRY_MIN_MS, this.#retryMs * 2), RETRY_MAX_MS);
    const isFull = this.#flows.isFull || this.#inquiries.size + this.#verdicts.size + this.#policies.size > 0;
    if (!written || isFull || this.#blocked?.waiting === true) this.#wake(0);
    else if (this.#flows.size > 0) this.#wake(BATCH_WAIT_MS);
  }

  async #sendBatch(): Promise<boolean> {
    try {
      const batch = {
        flows: this.#flows.take(),
        inquiries: this.#inquiries.take(),
        verdicts: this.#verdicts.take(),
        policies: this.#policies.take(),
        issued: { flow: this.#issued(), inquiry: this.#lastInquiry },
      };
      const [, { written, refused }] = await Promise.all([
        this.#sendLines(),
        this.#thread.call('write', batch),
      ]);
      this.#flows.settle(written, refused);
      this.#inquiries.settle(written);
      this.#verdicts.settle(written);
      this.#policies.settle(written);
      this.#error = null;
      return written;
    } catch (error) {
      this.#error = error instanceof Error ? error.message : String(error);
      return false;
    }
  }

  async #sendLines(): Promise<void> {
    const lines = this.#blocked?.take(BATCH_MAX) ?? [];
    if (lines.length === 0) return;
    await this.#thread.call('blocked', { flows: lines });
    this.#blocked?.settle();
  }
}
