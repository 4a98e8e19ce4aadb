import { inTime } from '../async/in-time.ts';
import type { FlowId, UnixMs } from '../model/brand.ts';
import type { FlowRecord } from '../model/flow.ts';
import type { DomainHistory } from '../model/history.ts';
import type { Inquiry, KeptVerdict } from '../model/inquiry.ts';
import type { PolicyVersion } from '../model/policy-version.ts';
import type { InquirySummary } from '../schema/judge.ts';
import { LedgerThread } from './ledger-thread.ts';
import { PAGE_MAX_FLOWS } from './table/flow-reader.ts';
import type { HistoryQuery } from './table/history-reader.ts';
import { bodyToInquiry } from './table/judge-rows.ts';
import { endOf } from './table/policy-table.ts';
import type { CallAnswer, StoreOptions } from './wire.ts';
import { Writer } from './writer.ts';

/** The engine does not wait longer than this for the last records to be written. */
const FLUSH_WAIT_MS = 3_000;
/** A disk that has not answered for so long is told as trouble. */
const STALL_MS = 3_000;

/** Which flows to read. */
export interface FlowQuery {
  /** Only flows accepted at or after this moment. */
  readonly sinceMs: number | null;
  readonly limit: number;
  /** Only flows with a greater id. */
  readonly after: number | null;
  /** Only flows this says yes to. */
  readonly filter?: (flow: FlowRecord) => boolean;
}

/** How the ledger stands. `failing` costs history, never a connection. */
export interface LedgerStatus {
  readonly state: 'ok' | 'failing';
  /** What is wrong and what to do; with `ok` something that happened and is over. */
  readonly error: string | null;
  /** Records that wait for the disk. */
  readonly queued: number;
  /** Records given up since the start. */
  readonly lost: number;
  readonly path: string;
}

/**
 * The history of flows, and what the judge knows. The disk is a worker thread's business: nothing here waits for it but what returns a
 * promise. One `Ledger` a database.
 */
export class Ledger {
  readonly #options: StoreOptions;
  readonly #thread: LedgerThread;
  readonly #writer: Writer;
  #nextId = 1;
  #closed = false;

  private constructor(
    options: StoreOptions,
    private readonly notice: (text: string) => void,
  ) {
    this.#options = options;
    this.#thread = new LedgerThread(options, { onTrouble: () => this.#writer.retrySoon(), notice });
    this.#writer = new Writer(this.#thread, () => this.#nextId - 1, options.blockedFile !== '');
  }

  /**
   * Opens the ledger, making folder and file where they are missing. Never rejects: a ledger that cannot be opened starts
   * as `failing`, keeps what it is given up to its bound, and goes on trying. `notice` hears, in a line, of its thread's death and of
   * what is lost at the end.
   */
  static async open(options: StoreOptions, notice: (text: string) => void = () => {}): Promise<Ledger> {
    const ledger = new Ledger(options, notice);
    const opened = await ledger.#thread.opened();
    // With no answer the last id is unknown; the clock in microseconds is ahead of it.
    ledger.#nextId = opened?.firstId ?? Date.now() * 1_000;
    if (opened?.open !== true) ledger.#writer.retrySoon();
    return ledger;
  }

  /** An id that no flow ever had: greater than every one before, those of a killed engine too. */
  nextFlowId(): FlowId {
    return this.#nextId++ as FlowId;
  }

  /** Takes a flow's state for writing, over any earlier state of it; a few microseconds, whatever the disk does. */
  record(flow: FlowRecord): void {
    this.#writer.put(flow);
  }

  /** From the next flow on connections are decided so. */
  recordPolicy(version: PolicyVersion): void {
    this.#writer.putPolicy({ firstFlow: this.#nextId, at: Date.now(), version });
  }

  /** The policies in force from a flow's id to its end, each once, oldest first. Rejects with the reason when they cannot be read. */
  async policiesOf(flow: FlowRecord): Promise<readonly PolicyVersion[]> {
    await this.flush();
    const policies = await this.#thread.call('policies', { flow: flow.id, untilMs: endOf(flow, Date.now()) });
    if (policies === null) throw this.#unreadable();
    return policies;
  }

  /** Settles when all that was recorded before is on disk, or when writing it failed once. */
  flush(): Promise<void> {
    return this.#writer.flush();
  }

  /**
   * Flows in the order of their ids: the first `limit` from `after` or `sinceMs` on, the latest `limit` when neither is
   * given. Rejects with the reason when the database cannot be read.
   */
  async flows(query: FlowQuery): Promise<FlowRecord[]> {
    const { sinceMs, limit, after, filter } = query;
    await this.flush();
    const direction = after !== null || sinceMs !== null ? 'up' : 'down';
    const found: FlowRecord[] = [];
    for (let from = after; found.length < limit; ) {
      const pageLimit = filter === undefined ? limit - found.length : PAGE_MAX_FLOWS;
      const page = await this.#thread.call('page', { direction, from, sinceMs, limit: pageLimit });
      if (page === null) throw this.#unreadable();
      found.push(...(filter === undefined ? page.flows : page.flows.filter(filter)));
      if (page.lastId === null) break;
      from = page.lastId;
    }
    const wanted = found.slice(0, limit);
    return direction === 'up' ? wanted : wanted.reverse();
  }

  /** One flow, null when the ledger does not have it. Rejects with the reason when the database cannot be read. */
  async flow(id: number): Promise<FlowRecord | null> {
    const waiting = this.#writer.findFlow(id);
    if (waiting !== null) return waiting;
    const answer = await this.#thread.call('flow', { id });
    if (answer === null) throw this.#unreadable();
    return answer.flow;
  }

  /** When a flow first named a program; null when none did, that was not written down yet, or the database cannot be read. */
  async appFirstSeen(path: string | null): Promise<UnixMs | null> {
    if (path === null) return null;
    const answer = await this.#thread.call('appFirstAt', { path }).catch(() => null);
    return (answer?.at ?? null) as UnixMs | null;
  }

  /** Takes an inquiry's transcript for writing, over any earlier state of it. Its longest texts are cut to half a megabyte. */
  recordInquiry(inquiry: Inquiry): void {
    this.#writer.putInquiry(inquiry);
  }

  /** Takes a verdict for writing, in place of any earlier one of its domain and program. */
  keepVerdict(verdict: KeptVerdict): void {
    this.#writer.keepVerdict(verdict);
  }

  /** Takes back the verdicts on a domain, for all programs. */
  forgetVerdict(domain: string): void {
    this.#writer.forgetVerdict(domain);
  }

  /**
   * What the judge needs when it starts: the newest unexpired verdicts, up to 50,000; the tokens of inquiries since a moment; and the
   * last id that a transcript, a verdict or a flow on disk knows an inquiry by. Never rejects: what cannot be read is empty.
   */
  async judgeMemory(sinceMs: number): Promise<CallAnswer<'judgeMemory'>> {
    const answer = await this.#thread.callInTime('judgeMemory', { sinceMs });
    // With no answer the last id is unknown; the clock in seconds is ahead of it.
    return answer ?? { verdicts: [], tokens: 0, lastInquiry: Math.floor(Date.now() / 1_000) };
  }

  /**
   * Inquiries with an id below `before` (null: all), newest first, those that wait for the disk too. Rejects with the reason when
   * the database cannot be read.
   */
  async inquiries(query: { limit: number; before: number | null }): Promise<InquirySummary[]> {
    const before = query.before ?? Number.MAX_SAFE_INTEGER;
    const waiting = this.#writer.waitingInquiries();
    const page = await this.#thread.call('inquiries', { before, limit: query.limit });
    if (page === null) throw this.#unreadable();
    const found = new Map(page.inquiries.map((summary) => [summary.id, summary]));
    for (const { summary } of waiting) if (summary.id < before) found.set(summary.id, summary);
    return [...found.values()].sort((a, b) => b.id - a.id).slice(0, query.limit);
  }

  /** One transcript, null when the ledger does not have it. Rejects with the reason when the database cannot be read. */
  async inquiry(id: number): Promise<Inquiry | null> {
    const waiting = this.#writer.findInquiry(id);
    if (waiting !== null) return bodyToInquiry(waiting.body);
    const answer = await this.#thread.call('inquiry', { id });
    if (answer === null) throw this.#unreadable();
    return answer.inquiry;
  }

  /**
   * What this machine saw of a domain and all below it, and of a program, in the newest flows, up to 200,000; other domains of
   * the program from `sinceMs` on. Null when it cannot be read; never rejects.
   */
  async domainHistory(
    domain: string,
    app: HistoryQuery['app'],
    sinceMs: number,
  ): Promise<DomainHistory | null> {
    await this.flush();
    if (this.#closed) return null;
    const { name, path } = app;
    return this.#thread.call('history', { domain, app: { name, path }, sinceMs }).catch(() => null);
  }

  /** Looks whether the thread answers; to be called once a second. */
  look(): void {
    this.#thread.look();
  }

  status(): LedgerStatus {
    const trouble = this.#trouble();
    return {
      state: trouble === null ? 'ok' : 'failing',
      error: trouble ?? this.#thread.notice,
      queued: this.#writer.queued,
      lost: this.#writer.lost,
      path: this.#options.path,
    };
  }

  /** Writes what waits, closes the database and ends the thread, in a few seconds at most. What is left counts as lost. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#writer.stop();
    await inTime(this.flush(), FLUSH_WAIT_MS);
    const { queued } = this.#writer;
    if (queued > 0) this.notice(`${queued} records of the ledger could not be written and are lost`);
    this.#writer.abandon();
    await this.#thread.callInTime('close', { issued: this.#nextId - 1 });
    this.#thread.stop();
  }

  #trouble(): string | null {
    if (this.#thread.error !== null) return this.#thread.error;
    if (this.#writer.error !== null) return this.#writer.error;
    const waitingMs = this.#writer.waitingMs;
    if (waitingMs > STALL_MS) return `the disk has not answered for ${Math.round(waitingMs / 1_000)} s`;
    if (this.#thread.blockedFileError !== null) return this.#thread.blockedFileError;
    const lines = this.#writer.lostLines;
    return lines === 0 ? null : `${lines} lines of the blocked file were given up: too many at once`;
  }

  #unreadable(): Error {
    return new Error(this.#thread.error ?? `${this.#options.path} cannot be read`);
  }
}
