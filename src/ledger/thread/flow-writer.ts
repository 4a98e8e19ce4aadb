import type { FlowRecord } from '../../model/flow.ts';
import type { Inquiry, KeptVerdict } from '../../model/inquiry.ts';
import { BlockedOnce } from '../blocked/once.ts';
import { JudgeQueue } from '../judge-queue.ts';
import type { LedgerThread } from '../ledger-thread.ts';
import { BATCH_MAX_FLOWS, FlowQueue } from '../queue.ts';
import { inquiryToRow } from '../table/inquiry-row.ts';
import { keepingVerdict } from '../table/verdict-row.ts';

/** How long a record waits for others to share its transaction. */
const BATCH_WAIT_MS = 200;
/** Rest after a failed write: doubled from the first to the second. */
const RETRY_MIN_MS = 200;
const RETRY_MAX_MS = 2_000;

/**
 * Brings what was recorded to the thread in batches, one on its way at a time: every 200 ms, at once when a batch is full or a
 * verdict changed, with growing rests while writing fails.
 */
export class FlowWriter {
  readonly #queue = new FlowQueue();
  readonly #judge = new JudgeQueue();
  readonly #blocked: BlockedOnce | null;
  readonly #thread: LedgerThread;
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
  constructor(thread: LedgerThread, issued: () => number, withBlockedFile: boolean) {
    this.#thread = thread;
    this.#issued = issued;
    this.#blocked = withBlockedFile ? new BlockedOnce() : null;
  }

  get queued(): number {
    return this.#queue.size + this.#judge.size;
  }

  get lost(): number {
    return this.#queue.lost + this.#judge.lost;
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
    this.#queue.put(flow);
    this.#blocked?.offer(flow);
    this.#soon(this.#queue.size >= BATCH_MAX_FLOWS ? 0 : BATCH_WAIT_MS);
  }

  putInquiry(inquiry: Inquiry): void {
    this.#lastInquiry = Math.max(this.#lastInquiry, inquiry.id);
    this.#judge.putInquiry(inquiryToRow(inquiry));
    this.#soon(BATCH_WAIT_MS);
  }

  /** Goes at once: they are few, and each stands for an inquiry or for what a person said. */
  keepVerdict(verdict: KeptVerdict): void {
    this.#judge.putVerdict(keepingVerdict(verdict));
    this.#soon(0);
  }

  forgetVerdict(domain: string): void {
    this.#judge.putVerdict({ domain, kept: false });
    this.#soon(0);
  }

  /** The newest state of a flow that is not known to be on disk. */
  find(id: number): FlowRecord | null {
    return this.#queue.find(id);
  }

  /** What is not known to be on disk of the judge's. */
  get judge(): Pick<JudgeQueue, 'find' | 'waiting'> {
    return this.#judge;
  }

  /** Settles when all that was put before is on disk, or when writing it failed once. */
  async flush(): Promise<void> {
    const batches = Math.ceil(this.#queue.size / BATCH_MAX_FLOWS) + this.#judge.size;
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
    this.#queue.abandon();
    this.#judge.abandon();
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
    const isFull = this.#queue.size >= BATCH_MAX_FLOWS || this.#judge.size > 0;
    if (!written || isFull || this.#blocked?.waiting === true) this.#wake(0);
    else if (this.#queue.size > 0) this.#wake(BATCH_WAIT_MS);
  }

  async #sendBatch(): Promise<boolean> {
    try {
      const lines = this.#sendLines();
      const batch = { flows: this.#queue.take(), judge: this.#judge.take() };
      const ids = { issued: this.#issued(), inquiry: this.#lastInquiry };
      const { written, refused } = await this.#thread.call('write', { ...batch, ...ids });
      await lines;
      this.#queue.settle(written, refused);
      this.#judge.settle(written);
      this.#error = null;
      return written;
    } catch (error) {
      this.#error = error instanceof Error ? error.message : String(error);
      return false;
    }
  }

  async #sendLines(): Promise<void> {
    const lines = this.#blocked?.take(BATCH_MAX_FLOWS) ?? [];
    if (lines.length > 0) await this.#thread.call('blocked', { flows: lines });
  }
}
