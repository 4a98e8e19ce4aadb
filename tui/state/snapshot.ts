import type { FlowRecord } from '../../src/model/flow.ts';
import type { Inquiry } from '../../src/model/inquiry.ts';
import type { Rule } from '../../src/model/rule.ts';
import type { Explanation } from '../../src/schema/explanation.ts';
import type { InquirySummary } from '../../src/schema/judge.ts';
import type { ListProgress, ListReport } from '../../src/schema/list.ts';
import type { Status } from '../../src/schema/status.ts';
import { LOADING, type Loaded } from './loaded.ts';
import { NO_QUESTIONS, type QuestionQueue } from './question-queue.ts';
import { FIRST_UI, type UiState } from './ui-state.ts';

/** How the screen stands to the engine. */
export type Link =
  | { readonly state: 'attaching' }
  | { readonly state: 'live' }
  /** The engine said that it stops, and has not gone yet. */
  | { readonly state: 'stopping' }
  | { readonly state: 'gone'; readonly at: number; readonly announced: boolean };

/** What was read of the judge's inquiries. */
export interface JudgePages {
  /** Newest first. */
  readonly inquiries: Loaded<readonly InquirySummary[]>;
  /** There are older ones that were not read. */
  readonly more: boolean;
  readonly transcripts: ReadonlyMap<number, Loaded<Inquiry>>;
  /** The inquiry that runs again now, by this screen's wish. */
  readonly replaying: number | null;
}

/** One immutable snapshot of everything the screen draws. */
export interface Snapshot {
  readonly now: number;
  readonly link: Link;
  readonly status: Status | null;
  /** What the filter lets through, newest first. */
  readonly flows: readonly FlowRecord[];
  /** Flows in the ring or, frozen, in the snapshot; before the filter. */
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
  /** What a person made last stands first, what files say last. */
  readonly rules: Loaded<readonly Rule[]>;
  /** Every list and source, those of a category together. */
  readonly lists: readonly ListReport[];
  /** The download under way that this screen asked for; null when there is none. */
  readonly listProgress: ListProgress | null;
  /** What is asked of the person. */
  readonly queue: QuestionQueue;
  /** A question ran out at an empty chair: nothing is asked before a key is pressed. */
  readonly askingPaused: boolean;
  readonly judge: JudgePages;
  /** Grows when rules changed: an explanation from before is stale. */
  readonly rulesRevision: number;
  /** The steps behind flows, by `explainKey`. */
  readonly explained: ReadonlyMap<string, Loaded<Explanation>>;
  readonly ui: UiState;
}

/** Under which name the explanation of a flow is kept: a new verdict or new rules ask for a new one. */
export function explainKey(flow: FlowRecord, rulesRevision: number): string {
  return `${flow.id}/${flow.verdict.stage}/${flow.effect}/${rulesRevision}`;
}

/** The snapshot before anything was heard of the engine. */
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
    rules: LOADING,
    lists: [],
    listProgress: null,
    queue: NO_QUESTIONS,
    askingPaused: false,
    judge: { inquiries: LOADING, more: false, transcripts: new Map(), replaying: null },
    rulesRevision: 0,
    explained: new Map(),
    ui: FIRST_UI,
  };
}
