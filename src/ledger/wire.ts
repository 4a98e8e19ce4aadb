import type { FlowId } from '../model/brand.ts';
import type { FlowRecord } from '../model/flow.ts';
import type { DomainHistory } from '../model/history.ts';
import type { Inquiry } from '../model/inquiry.ts';
import type { PolicyVersion } from '../model/policy-version.ts';
import type { HistoryQuery } from './table/history-reader.ts';
import type { InquiryRow, VerdictChange } from './table/judge-rows.ts';
import type { InquiryPage, JudgeMemory } from './table/judge-table.ts';
import type { PolicyQuery, PolicyRow } from './table/policy-table.ts';

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
}

/** Where a freshly started ledger goes on. */
export interface Opened {
  /** The first id that was never given to a flow. */
  readonly firstId: FlowId;
  /** False when the database could not be opened; it is tried again at every `write`. */
  readonly open: boolean;
}

/**
 * The last flow id given out, and the last id of an inquiry that was recorded; 0 for none. What is written may name an inquiry before
 * that is written itself.
 */
export interface Issued {
  readonly flow: number;
  readonly inquiry: number;
}

/** What one transaction writes. */
export interface Batch {
  readonly flows: readonly FlowRecord[];
  readonly inquiries: readonly InquiryRow[];
  readonly verdicts: readonly VerdictChange[];
  readonly policies: readonly PolicyRow[];
  readonly issued: Issued;
}

/**
 * What can be asked of the worker, and what it answers. It all travels as JSON text: posting a string costs next to nothing,
 * cloning the objects costs three times what writing them as JSON does. Where an answer is null, it could not be read.
 */
interface StoreCalls {
  open: { args: StoreOptions; answer: Opened };
  /** `refused` records can never be written. */
  write: { args: Batch; answer: { readonly written: boolean; readonly refused: number } };
  /** Lines for the file of blocked flows. */
  blocked: { args: { readonly flows: readonly FlowRecord[] }; answer: null };
  page: { args: PageQuery; answer: FlowPage | null };
  flow: { args: { readonly id: number }; answer: { readonly flow: FlowRecord | null } | null };
  /** The policies a connection lived under. */
  policies: { args: PolicyQuery; answer: readonly PolicyVersion[] | null };
  appFirstAt: { args: { readonly path: string }; answer: { readonly at: number | null } | null };
  /** `lastInquiry`: nothing on disk knows an inquiry by a greater id. */
  judgeMemory: {
    args: { readonly sinceMs: number };
    answer: Omit<JudgeMemory, 'unreadable'> & { readonly lastInquiry: number };
  };
  /** Inquiries with an id below `before`, newest first. */
  inquiries: { args: { readonly before: number; readonly limit: number }; answer: InquiryPage | null };
  inquiry: { args: { readonly id: number }; answer: { readonly inquiry: Inquiry | null } | null };
  /** Takes several turns, in which others are answered. */
  history: { args: HistoryQuery; answer: DomainHistory | null };
  /** Whether the worker answers. */
  beat: { args: null; answer: null };
  /** `issued` is the last flow id given out. */
  close: { args: { readonly issued: number }; answer: null };
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
