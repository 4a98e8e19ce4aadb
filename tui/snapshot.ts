import type { FlowRecord } from '../src/model/flow.ts';
import type { Rule } from '../src/model/rule.ts';
import type { Explanation } from '../src/schema/explanation.ts';
import type { InquirySummary } from '../src/schema/judge.ts';
import type { ListProgress, ListReport } from '../src/schema/list.ts';
import type { Status } from '../src/schema/status.ts';
import { type JudgePages, NO_JUDGE_PAGES } from './judge/pages.ts';
import { NO_QUESTIONS, type QuestionQueue } from './question/queue.ts';
import { FIRST_UI, type UiState } from './ui-state.ts';

/** How the screen stands to the engine. */
export type Link =
  | { readonly state: 'attaching' }
  | { readonly state: 'live' }
  /** The engine said that it stops, and has not gone yet. */
  | { readonly state: 'stopping' }
  | { readonly state: 'gone'; readonly at: number; readonly announced: boolean };

/** What is known of the steps behind a flow. */
export type Explained =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly explanation: Explanation }
  | { readonly state: 'failed'; readonly error: string };

/** One immutable picture of everything the screen draws. */
export interface Snapshot {
  readonly now: number;
  readonly link: Link;
  readonly status: Status | null;
  /** What the filter lets through, newest first. */
  readonly flows: readonly FlowRecord[];
  /** Flows in the ring or, frozen, in the picture; before the filter. */
  readonly total: number;
  /** Flows that arrived since the freeze. */
  readonly newer: number;
  /** Events that the engine dropped because this screen was slow. */
  readonly missed: number;
  /** The row the keys act on; null when there is none. */
  readonly chosen: FlowRecord | null;
  readonly chosenIndex: number;
  /** Since when the newest row has been the newest. */
  readonly headSince: number;
  readonly rules: readonly Rule[] | null;
  readonly rulesError: string | null;
  /** Every list and source, those of a category together. */
  readonly lists: readonly ListReport[];
  /** The download under way that this screen asked for; null when there is none. */
  readonly listProgress: ListProgress | null;
  /** What is asked of the person. */
  readonly queue: QuestionQueue;
  /** A question ran out at an empty chair: nothing is asked before a key is pressed. */
  readonly askingPaused: boolean;
  /** What was read of the judge's inquiries. */
  readonly judge: JudgePages;
  /** Grows when rules changed: an explanation from before is stale. */
  readonly rulesRevision: number;
  readonly explained: ReadonlyMap<string, Explained>;
  readonly ui: UiState;
}

/** Index of the list that the keys act on. */
export function chosenList({ lists, ui }: Snapshot): number {
  return Math.max(
    0,
    lists.findIndex((list) => list.name === ui.list?.id),
  );
}

/** The inquiry that the keys act on; null when none was read. */
export function chosenInquiry({ judge, ui }: Snapshot): InquirySummary | null {
  const inquiries = judge.inquiries ?? [];
  return inquiries[chosenInquiryIndex(inquiries, ui)] ?? null;
}

/** Its place in the list; 0 when none was chosen, or the chosen one is no longer listed. */
export function chosenInquiryIndex(inquiries: readonly InquirySummary[], ui: UiState): number {
  return Math.max(
    0,
    inquiries.findIndex((inquiry) => inquiry.id === ui.inquiry?.id),
  );
}

/** The picture before anything was heard of the engine. */
export function firstSnapshot(now: number): Snapshot {
  return {
    now,
    link: { state: 'attaching' },
    status: null,
    flows: [],
    total: 0,
    newer: 0,
    missed: 0,
    chosen: null,
    chosenIndex: 0,
    headSince: now,
    rules: null,
    rulesError: null,
    lists: [],
    listProgress: null,
    queue: NO_QUESTIONS,
    askingPaused: false,
    judge: NO_JUDGE_PAGES,
    rulesRevision: 0,
    explained: new Map(),
    ui: FIRST_UI,
  };
}
