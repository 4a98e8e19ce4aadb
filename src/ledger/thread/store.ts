import type { FlowId } from '../../model/brand.ts';
import type { FlowRecord } from '../../model/flow.ts';
import type { Rule } from '../../model/rule.ts';
import type { JudgeBatch } from '../judge-queue.ts';
import { type Issued, OpenLedger } from '../open-ledger.ts';
import { RuleMemory } from '../rule-memory.ts';
import type { HistoryQuery, HistorySlice } from '../table/history-reader.ts';
import type { InquiryPage } from '../table/judge-table.ts';
import type { CallAnswer, FlowPage, Opened, PageQuery, StoreHealth, StoreOptions } from '../wire.ts';
import { moveAside } from './database.ts';
import { readSafetyCopy, writeSafetyCopy } from './safety-copy.ts';
import { describeTrouble, troubleOf } from './storage-error.ts';

/** How far the copy's id runs ahead of the ids given out, so that it is seldom rewritten. */
const COPY_AHEAD_IDS = 1_000_000;
const NOTHING_JUDGED: JudgeBatch = { inquiries: [], verdicts: [] };

type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false };

/**
 * The ledger on disk, as the worker keeps it: opens the database, opens it anew after trouble, begins a new one when it is
 * damaged or gone, and never throws for what a disk can do. Synchronous; lives in the worker.
 */
export class Store {
  readonly #options: StoreOptions;
  readonly #now: () => number;
  readonly #memory = new RuleMemory();
  #ledger: OpenLedger | null = null;
  #issued = 0;
  /** The last id of an inquiry that was recorded. */
  #inquiry = 0;
  #copyReservedId = 0;
  #copyDue = true;
  #error: string | null = null;
  #copyError: string | null = null;
  #notice: string | null = null;

  /** `now` is the clock, in Unix milliseconds. */
  constructor(options: StoreOptions, now: () => number) {
    this.#options = options;
    this.#now = now;
  }

  health(): Omit<StoreHealth, 'blockedFileError'> {
    return {
      error: this.#error ?? this.#copyError,
      notice: this.#notice,
      unsavedRules: this.#memory.unsaved.size,
    };
  }

  open(): Opened {
    const opened = this.#attempt((ledger) => ledger.lastId());
    const copy = readSafetyCopy(this.#options.path);
    if (opened.ok) this.#issued = Math.max(this.#issued, opened.value);
    // The ids in a database that cannot be read are below these: the copy runs ahead of them, and so does the clock.
    else this.#issued = copy?.reservedId ?? this.#now() * 1_000;
    this.write([], this.#issued);
    return { firstId: (this.#issued + 1) as FlowId, open: opened.ok };
  }

  /** Writes records, and whatever rules are not yet on disk. `refused`: records that can never be written. */
  write(
    flows: readonly FlowRecord[],
    issued: number,
    judge: JudgeBatch = NOTHING_JUDGED,
    inquiry = 0,
  ): { written: boolean; refused: number } {
    this.#issued = Math.max(this.#issued, issued);
    this.#inquiry = Math.max(this.#inquiry, inquiry);
    const { unsaved: ruleIds, rules } = this.#memory;
    const done = this.#attempt((ledger) =>
      ledger.write({ flows, judge, issued: this.#lastIds(), ruleIds, rules }),
    );
    if (!done.ok) return { written: false, refused: 0 };
    this.#memory.settle();
    this.#refreshCopy();
    return { written: true, refused: done.value };
  }

  /** Puts rules in and takes rules out; `saved` is true when that is on disk. Else it is tried again at every `write`. */
  saveRules(added: readonly Rule[], removedIds: readonly string[]): { saved: boolean; error: string | null } {
    this.#memory.change(added, removedIds);
    this.#copyDue = true;
    const { written } = this.write([], this.#issued);
    return { saved: written, error: written ? null : this.#error };
  }

  /** The rules on disk; those of the copy while the database cannot be read. */
  rules(): readonly Rule[] {
    if (!this.#memory.loaded) this.#attempt(() => null);
    const known = [...this.#memory.rules.values()];
    if (this.#memory.loaded) return known;
    const copied = readSafetyCopy(this.#options.path)?.rules ?? [];
    return [...copied.filter((rule) => !this.#memory.unsaved.has(rule.id)), ...known];
  }

  /** One page of flows; null when the database cannot be read, `health` then says why. */
  page(query: PageQuery): FlowPage | null {
    const read = this.#attempt((ledger) => ledger.reader.page(query));
    if (!read.ok) return null;
    if (read.value.unreadable > 0) {
      this.#notice = this.#unreadable(read.value.unreadable, 'flows');
    }
    return read.value;
  }

  /** One flow, `flow` null when there is none; null when the database cannot be read. */
  flow(id: number): { readonly flow: FlowRecord | null } | null {
    const read = this.#attempt((ledger) => ({ flow: ledger.reader.one(id) }));
    return read.ok ? read.value : null;
  }

  appFirstAt(path: string): CallAnswer<'appFirstAt'> {
    const read = this.#attempt((ledger) => ({ at: ledger.appFirstAt(path) }));
    return read.ok ? read.value : null;
  }

  /** What the judge needs to know when it starts, and where the ids of inquiries go on. */
  judgeMemory(sinceMs: number): CallAnswer<'judgeMemory'> {
    const now = this.#now();
    const read = this.#attempt((ledger) => ({
      ...ledger.judge.memory(sinceMs, now),
      last: ledger.lastInquiryId(),
    }));
    // What cannot be read is empty, and costs inquiries. The clock is ahead of every id that was counted.
    const { verdicts, tokens, unreadable, last } = read.ok
      ? read.value
      : { verdicts: [], tokens: 0, unreadable: 0, last: Math.floor(now / 1_000) };
    if (unreadable > 0) this.#notice = this.#unreadable(unreadable, 'verdicts of the judge');
    this.#inquiry = Math.max(this.#inquiry, last);
    return { verdicts, tokens, lastInquiry: this.#inquiry };
  }

  /** One page of inquiries; null when the database cannot be read. */
  inquiries(before: number, limit: number): InquiryPage | null {
    const read = this.#attempt((ledger) => ledger.judge.page(before, limit));
    if (!read.ok) return null;
    if (read.value.unreadable > 0) this.#notice = this.#unreadable(read.value.unreadable, 'inquiries');
    return read.value;
  }

  /** One transcript, `inquiry` null when there is none; null when the database cannot be read. */
  inquiry(id: number): CallAnswer<'inquiry'> {
    const read = this.#attempt((ledger) => ledger.judge.one(id));
    if (!read.ok) return null;
    if (read.value?.inquiry === null) this.#notice = this.#unreadable(1, 'inquiries');
    return { inquiry: read.value?.inquiry ?? null };
  }

  /** A stretch of flows, for a history; null when the database cannot be read. */
  historySlice(query: HistoryQuery, before: number): HistorySlice | null {
    const read = this.#attempt((ledger) => ledger.history.slice(query, before));
    return read.ok ? read.value : null;
  }

  /** True when the database holds more than it may. */
  overSize(): boolean {
    const read = this.#attempt((ledger) => ledger.retention.overSize());
    return read.ok && read.value;
  }

  /** Does one slice of deleting what is old or too much; true when more is due. */
  retain(): boolean {
    const done = this.#attempt((ledger) => ledger.retention.slice(this.#now()));
    return done.ok && done.value;
  }

  close(issued: number): void {
    const ledger = this.#ledger;
    this.#ledger = null;
    if (ledger === null) return;
    try {
      this.#issued = Math.max(issued, this.#issued);
      ledger.finish(this.#lastIds());
    } catch (error) {
      this.#error = describeTrouble(error, this.#options.path);
    }
  }

  #lastIds(): Issued {
    return { flow: this.#issued, inquiry: this.#inquiry };
  }

  #unreadable(count: number, what: string): string {
    return `${count} ${what} in ${this.#options.path} cannot be read by this version`;
  }

  #attempt<T>(work: (ledger: OpenLedger) => T): Attempt<T> {
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

  #try<T>(work: (ledger: OpenLedger) => T): Attempt<T> {
    const value = work(this.#opened());
    this.#error = null;
    return { ok: true, value };
  }

  #fail(error: unknown): { readonly ok: false } {
    this.#error = describeTrouble(error, this.#options.path);
    const trouble = troubleOf(error);
    // After any other trouble the connection itself may be unfit: one that was opened on a read-only disk stays read-only.
    if (trouble !== 'busy' && trouble !== 'full') this.#drop();
    return { ok: false };
  }

  #opened(): OpenLedger {
    if (this.#ledger !== null && !this.#ledger.inPlace()) {
      this.#drop();
      this.#notice = `${this.#options.path} was deleted or replaced while in use; a new one was begun`;
    }
    if (this.#ledger !== null) return this.#ledger;
    const ledger = new OpenLedger(this.#options);
    try {
      this.#meet(ledger);
    } catch (error) {
      ledger.close();
      throw error;
    }
    this.#ledger = ledger;
    return ledger;
  }

  /** A database that was just opened says what it holds; an empty one is given what the copy of a lost one kept. */
  #meet(ledger: OpenLedger): void {
    const { rules, unreadable } = ledger.rules();
    const copy = ledger.created ? readSafetyCopy(this.#options.path) : null;
    if (copy !== null) {
      if (this.#issued === 0) this.#issued = copy.reservedId;
      if (!this.#memory.loaded) this.#memory.meet(new Map(copy.rules.map((rule) => [rule.id, rule])));
    }
    this.#memory.meet(rules);
    if (unreadable > 0) this.#notice = `${unreadable} rules in ${this.#options.path} cannot be read`;
  }

  #beginAnew(): void {
    this.#drop();
    const aside = moveAside(this.#options.path, this.#now());
    // Ids in the lost database are unknown when there is no copy either; the clock is ahead of them.
    if (this.#issued === 0 && readSafetyCopy(this.#options.path) === null) this.#issued = this.#now() * 1_000;
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

  #refreshCopy(): void {
    if (this.#copyReservedId - this.#issued < COPY_AHEAD_IDS / 2) this.#copyDue = true;
    if (!this.#copyDue) return;
    const reservedId = this.#issued + COPY_AHEAD_IDS;
    try {
      writeSafetyCopy(this.#options.path, { reservedId, rules: [...this.#memory.rules.values()] });
      this.#copyReservedId = reservedId;
      this.#copyDue = false;
      this.#copyError = null;
    } catch (error) {
      this.#copyError = `cannot write the copy of the rules: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}
