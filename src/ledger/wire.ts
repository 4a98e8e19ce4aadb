import type { FlowId } from '../model/brand.ts';
import type { FlowRecord } from '../model/flow.ts';
import type { DomainHistory } from '../model/history.ts';
import type { Inquiry } from '../model/inquiry.ts';
import type { Rule } from '../model/rule.ts';
import type { JudgeBatch } from './judge-queue.ts';
import type { HistoryQuery } from './table/history-reader.ts';
import type { InquiryPage, JudgeMemory } from './table/judge-table.ts';

/** How the ledger is kept; goes to the worker once, when it starts. */
export interface StoreOptions {
  /** Absolute path of the database. */
  readonly path: string;
  readonly keepDays: number;
  /** Database and write-ahead log together, in MiB. */
  readonly maxSizeMb: number;
  /** Absolute path of the tab-separated file of blocked flows; empty for none. */
  readonly blockedFile: string;
}

/** Which flows to read, as one page. */
export interface PageQuery {
  /** `up` reads from the oldest on, `down` from the newest back; the page itself is in the order it was read. */
  readonly direction: 'up' | 'down';
  /** Ids greater than this (`up`) or smaller than this (`down`); null is no bound. */
  readonly from: number | null;
  /** Only flows accepted at or after this moment. */
  readonly sinceMs: number | null;
  /** 1 to `PAGE_MAX_FLOWS`. */
  readonly limit: number;
}

/** A page of flows in the order they were read. */
export interface FlowPage {
  readonly flows: readonly FlowRecord[];
  /** The id of the last row read, null when there are no more. */
  readonly lastId: number | null;
  /** Rows that are not a flow by the schema: written by another version or changed by hand. */
  readonly unreadable: number;
}

/** How the worker's side stands; comes with every answer. */
export interface StoreHealth {
  /** Why the database could not be written or read at the last try; null when it could. */
  readonly error: string | null;
  /** Why the file of blocked flows could not be written at the last try. */
  readonly blockedFileError: string | null;
  /** Something that happened and is over, and that a person should know: a corrupt database was moved aside. */
  readonly notice: string | null;
  /** Rules in force that are not yet on disk; an empty `write` tries them again. */
  readonly unsavedRules: number;
}

/** Where a freshly started ledger goes on. */
export interface Opened {
  /** The first id that was never given to a flow. */
  readonly firstId: FlowId;
  /** False when the database could not be opened; it is tried again at every `write`. */
  readonly open: boolean;
}

/**
 * What can be asked of the worker, and what it answers. It all travels as JSON text: posting a string costs next to nothing,
 * cloning the objects costs three times what writing them as JSON does.
 */
interface StoreCalls {
  open: { args: StoreOptions; answer: Opened };
  /**
   * `issued` is the last flow id given out, `inquiry` the last id of an inquiry that was recorded: what is written may name it
   * before it is written itself. `refused` records can never be written.
   */
  write: {
    args: { flows: readonly FlowRecord[]; judge: JudgeBatch; issued: number; inquiry: number };
    answer: { written: boolean; refused: number };
  };
  /** Lines for the file of blocked flows. */
  blocked: { args: { flows: readonly FlowRecord[] }; answer: null };
  /** `lastId` is the last row read, null on the last page. Null: could not be read. */
  page: { args: PageQuery; answer: FlowPage | null };
  /** Null: could not be read. */
  flow: { args: { id: number }; answer: { flow: FlowRecord | null } | null };
  /** Null: could not be read. */
  appFirstAt: { args: { path: string }; answer: { at: number | null } | null };
  rules: { args: null; answer: { rules: readonly Rule[] } };
  saveRules: {
    args: { added: readonly Rule[]; removedIds: readonly string[] };
    answer: { saved: boolean; error: string | null };
  };
  /** `lastInquiry`: nothing on disk knows an inquiry by a greater id. */
  judgeMemory: {
    args: { sinceMs: number };
    answer: Omit<JudgeMemory, 'unreadable'> & { lastInquiry: number };
  };
  /** Inquiries with an id below `before`, newest first. Null: could not be read. */
  inquiries: { args: { before: number; limit: number }; answer: InquiryPage | null };
  /** Null: could not be read. */
  inquiry: { args: { id: number }; answer: { inquiry: Inquiry | null } | null };
  /** Takes several turns, in which others are answered. Null: could not be read. */
  history: { args: HistoryQuery; answer: DomainHistory | null };
  close: { args: { issued: number }; answer: null };
}

export type StoreCall = keyof StoreCalls;
export type CallArgs<K extends StoreCall> = StoreCalls[K]['args'];
export type CallAnswer<K extends StoreCall> = StoreCalls[K]['answer'];

/** A question to the worker. */
export type ToWorker = {
  [K in StoreCall]: { readonly seq: number; readonly call: K; readonly args: CallArgs<K> };
}[StoreCall];

/** Its answer: `failure` is a bug of ours, told in words. */
export interface FromWorker {
  readonly seq: number;
  readonly answer: unknown;
  readonly failure: string | null;
  readonly health: StoreHealth;
}
