import type { FlowId } from '../../model/brand.ts';
import type { HistoryQuery, HistorySlice } from '../table/history-reader.ts';
import type { PolicyQuery } from '../table/policy-table.ts';
import type {
  Batch,
  CallAnswer,
  FlowPage,
  Issued,
  Opened,
  PageQuery,
  StoreHealth,
  StoreOptions,
} from '../wire.ts';
import { moveAside } from './database.ts';
import { IdFile } from './id-file.ts';
import { OpenLedger } from './open-ledger.ts';
import { describeTrouble, troubleOf } from './storage-error.ts';

/**
 * The ledger on disk, as the worker keeps it: opens the database, opens it anew after trouble, begins a new one when it is
 * damaged or gone, and never throws for what a disk can do: then an answer is null, and `health` says why. Synchronous; lives in the
 * worker.
 */
export class Store {
  readonly #options: StoreOptions;
  readonly #now: () => number;
  readonly #ids: IdFile;
  #ledger: OpenLedger | null = null;
  #issued: Issued = { flow: 0, inquiry: 0 };
  #error: string | null = null;
  #notice: string | null = null;

  /** `now` is the clock, in Unix milliseconds. */
  constructor(options: StoreOptions, now: () => number) {
    this.#options = options;
    this.#now = now;
    this.#ids = new IdFile(options.path);
  }

  health(): Omit<StoreHealth, 'blockedFileError'> {
    return { error: this.#error ?? this.#ids.error, notice: this.#notice };
  }

  open(): Opened {
    const last = this.#attempt((ledger) => ledger.lastIds().flow);
    this.#note({ flow: last ?? this.#idBeyond() });
    this.write({ flows: [], inquiries: [], verdicts: [], policies: [], issued: this.#issued });
    return { firstId: (this.#issued.flow + 1) as FlowId, open: last !== null };
  }

  write(batch: Batch): CallAnswer<'write'> {
    this.#note(batch.issued);
    const refused = this.#attempt((ledger) => ledger.write({ ...batch, issued: this.#issued }));
    if (refused === null) return { written: false, refused: 0 };
    this.#ids.keepAhead(this.#issued.flow);
    return { written: true, refused };
  }

  /** One page of flows. */
  page(query: PageQuery): FlowPage | null {
    const page = this.#attempt((ledger) => ledger.reader.page(query));
    this.#told(page?.unreadable, 'flows');
    return page;
  }

  flow(id: number): CallAnswer<'flow'> {
    return this.#attempt((ledger) => ({ flow: ledger.reader.one(id) }));
  }

  policies(query: PolicyQuery): CallAnswer<'policies'> {
    return this.#attempt((ledger) => ledger.policies.under(query));
  }

  appFirstAt(path: string): CallAnswer<'appFirstAt'> {
    return this.#attempt((ledger) => ({ at: ledger.appFirstAt(path) }));
  }

  /** What the judge needs to know when it starts, and where the ids of inquiries go on. */
  judgeMemory(sinceMs: number): CallAnswer<'judgeMemory'> {
    const now = this.#now();
    const memory = this.#attempt((ledger) => ({
      ...ledger.judge.memory(sinceMs, now),
      lastInquiry: ledger.lastIds().inquiry,
    }));
    this.#told(memory?.unreadable, 'verdicts of the judge');
    // What cannot be read is empty, and costs inquiries. The clock is ahead of every id that was counted.
    this.#note({ inquiry: memory?.lastInquiry ?? Math.floor(now / 1_000) });
    const { verdicts = [], tokens = 0 } = memory ?? {};
    return { verdicts, tokens, lastInquiry: this.#issued.inquiry };
  }

  /** One page of inquiries. */
  inquiries(before: number, limit: number): CallAnswer<'inquiries'> {
    const page = this.#attempt((ledger) => ledger.judge.page(before, limit));
    this.#told(page?.unreadable, 'inquiries');
    return page;
  }

  inquiry(id: number): CallAnswer<'inquiry'> {
    const found = this.#attempt((ledger) => ({ row: ledger.judge.one(id) }));
    if (found?.row?.inquiry === null) this.#told(1, 'inquiries');
    return found === null ? null : { inquiry: found.row?.inquiry ?? null };
  }

  /** A stretch of flows, for a history. */
  historySlice(query: HistoryQuery, before: number): HistorySlice | null {
    return this.#attempt((ledger) => ledger.history.slice(query, before));
  }

  /** True when the database holds more than it may. */
  overSize(): boolean {
    return this.#attempt((ledger) => ledger.retention.overSize()) ?? false;
  }

  /** Does one slice of deleting what is old or too much; true when more is due. */
  retain(): boolean {
    return this.#attempt((ledger) => ledger.retention.slice(this.#now())) ?? false;
  }

  close(issued: number): void {
    const ledger = this.#ledger;
    this.#ledger = null;
    if (ledger === null) return;
    try {
      this.#note({ flow: issued });
      ledger.finish(this.#issued.flow);
    } catch (error) {
      this.#error = describeTrouble(error, this.#options.path);
    }
  }

  /** Ids only grow. */
  #note({ flow = 0, inquiry = 0 }: Partial<Issued>): void {
    this.#issued = {
      flow: Math.max(this.#issued.flow, flow),
      inquiry: Math.max(this.#issued.inquiry, inquiry),
    };
  }

  /** An id that no flow has reached, when the database cannot tell: what runs ahead beside it, else the clock, which is ahead too. */
  #idBeyond(): number {
    return this.#ids.read() ?? this.#now() * 1_000;
  }

  #told(unreadable: number | undefined, what: string): void {
    if (unreadable === undefined || unreadable === 0) return;
    this.#notice = `${unreadable} ${what} in ${this.#options.path} cannot be read by this version`;
  }

  /** What a piece of work gives, null when the disk does not let it; a damaged database is replaced on the way. */
  #attempt<T>(work: (ledger: OpenLedger) => T): T | null {
    try {
      return this.#try(work);
    } catch (error) {
      if (troubleOf(error) !== 'corrupt') return this.#fail(error);
    }
    try {
      this.#beginAnew();
      return this.#try(work);
    } catch (error) {
      return this.#fail(error);
    }
  }

  #try<T>(work: (ledger: OpenLedger) => T): T {
    const value = work(this.#opened());
    this.#error = null;
    return value;
  }

  #fail(error: unknown): null {
    this.#error = describeTrouble(error, this.#options.path);
    const trouble = troubleOf(error);
    // After any other trouble the connection itself may be unfit: one that was opened on a read-only disk stays read-only.
    if (trouble !== 'busy' && trouble !== 'full') this.#drop();
    return null;
  }

  #opened(): OpenLedger {
    if (this.#ledger !== null && !this.#ledger.inPlace()) {
      this.#drop();
      this.#notice = `${this.#options.path} was deleted or replaced while in use; a new one was begun`;
    }
    if (this.#ledger !== null) return this.#ledger;
    const ledger = new OpenLedger(this.#options);
    if (ledger.created) this.#ids.forget();
    // In place of a database that was deleted.
    if (ledger.created && this.#issued.flow === 0) this.#note({ flow: this.#ids.read() ?? 0 });
    this.#ledger = ledger;
    return ledger;
  }

  #beginAnew(): void {
    this.#drop();
    const aside = moveAside(this.#options.path, this.#now());
    if (this.#issued.flow === 0) this.#note({ flow: this.#idBeyond() });
    this.#notice = `${this.#options.path} was damaged; it is kept as ${aside}, and a new one was begun`;
  }

  #drop(): void {
    try {
      this.#ledger?.close();
    } catch (error) {
      this.#error = describeTrouble(error, this.#options.path);
    }
    this.#ledger = null;
  }
}
