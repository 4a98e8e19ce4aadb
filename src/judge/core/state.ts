import { cleanText } from '../../model/clean.ts';
import type {
  InquiryRound,
  JudgeInput,
  Mark,
  ModelFailure,
  Outcome,
  OutcomeWhy,
  RequestedCall,
  Tokens,
} from '../../model/inquiry.ts';
import type { CallResult, ToolCall } from './call.ts';
import { cleanBlock } from './fence.ts';
import type { Message, ModelAnswer, ToolSpec } from './model.ts';
import type { Known, PlannedCall } from './plan.ts';

/** Tokens of one inquiry, read and written. */
export const INQUIRY_TOKENS = 40_000;
/** Most of what a model said that a transcript keeps. */
const SAID_MAX_CHARS = 2_000;
/** More than any reply takes: what a server claims beyond it is not believed. */
const TOKENS_MAX = 10_000_000;

export interface JudgeLimits {
  /** Replies of the model, at least one. */
  readonly rounds: number;
  /** Tokens read and written; `INQUIRY_TOKENS` unless a test wants less. */
  readonly tokens: number;
}

/** What the runner is to do; at most one at a time, and `finish` is the last. */
export type JudgeCommand =
  /** No tools: only a verdict is wanted. */
  | {
      readonly kind: 'ask_model';
      readonly messages: readonly Message[];
      readonly tools: readonly ToolSpec[];
      readonly maxTokens: number;
    }
  | { readonly kind: 'run_tools'; readonly calls: readonly ToolCall[] }
  | { readonly kind: 'finish'; readonly outcome: Outcome; readonly marks: readonly Mark[] };

/** What happened. */
export type JudgeEvent =
  | { readonly kind: 'answer'; readonly answer: ModelAnswer }
  /** In the order of `run_tools`. `isLate`: there is time for one more reply at most. */
  | { readonly kind: 'results'; readonly results: readonly CallResult[]; readonly isLate: boolean }
  /** The time of the whole inquiry is over; `tokens` were spent on a reply that did not come. */
  | { readonly kind: 'deadline' | 'stopped'; readonly tokens: Tokens };

/** An inquiry between two events; made and changed by `begin` and `step` only. */
export interface JudgeState {
  readonly phase: 'asking' | 'running' | 'finished';
  readonly input: JudgeInput;
  readonly limits: JudgeLimits;
  readonly tools: readonly ToolSpec[];
  readonly nonce: string;
  readonly messages: readonly Message[];
  /** Replies asked for. */
  readonly asked: number;
  /** Why no more tools are offered, as the outcome would say it; null while they are. */
  readonly last: OutcomeWhy | null;
  /** The reply before could not be read. */
  readonly wasUnreadable: boolean;
  /** A verdict without proper evidence was given back once. */
  readonly wasRepaired: boolean;
  readonly plan: readonly PlannedCall[];
  readonly known: Known;
  readonly rounds: readonly InquiryRound[];
  readonly marks: readonly Mark[];
  readonly tokens: Tokens;
  /** How the model failed, when that was the end. */
  readonly failure: { readonly why: ModelFailure; readonly detail: string } | null;
}

export interface Transition {
  readonly state: JudgeState;
  readonly commands: readonly JudgeCommand[];
}

/** What a transcript says of a reply beside its tokens and time. */
interface RoundNote {
  readonly said?: string;
  readonly calls?: readonly RequestedCall[];
  readonly problem: string | null;
}

/** Adds a reply to the transcript. */
export function withRound(
  state: JudgeState,
  answer: ModelAnswer,
  { said = '', calls = [], problem }: RoundNote,
): JudgeState {
  const round: InquiryRound = {
    dialect: answer.kind === 'reply' ? answer.dialect : null,
    said: cleanBlock(said, SAID_MAX_CHARS),
    calls,
    results: [],
    problem: problem === null ? null : cleanText(problem),
    tokens: answer.tokens,
    ms: answer.ms,
  };
  return { ...state, rounds: [...state.rounds, round] };
}

/** Adds up what servers claim: numbers that cannot be count as none. */
export function sum(a: Tokens, b: Tokens): Tokens {
  return { prompt: a.prompt + count(b.prompt), completion: a.completion + count(b.completion) };
}

function count(claimed: number): number {
  return claimed > 0 ? Math.min(TOKENS_MAX, Math.round(claimed)) : 0;
}
