import type {
  Inquiry,
  JudgeInput,
  Mark,
  Outcome,
  OutcomeWhy,
  RequestedCall,
  Tokens,
} from '../../model/inquiry.ts';
import type { Known } from './answers.ts';
import type { CallResult, ToolCall } from './call.ts';
import type { Message, ModelAnswer, ModelRequest, ToolSpec } from './model.ts';

/** Tokens of one inquiry, read and written. */
export const INQUIRY_TOKENS = 40_000;

export interface JudgeLimits {
  /** Replies of the model, at least one. */
  readonly rounds: number;
  /** Tokens read and written; `INQUIRY_TOKENS` unless a test wants less. */
  readonly tokens: number;
}

/** What the runner is to do; `finish` is the last. */
export type JudgeCommand =
  | { readonly kind: 'ask_model'; readonly request: ModelRequest }
  | {
      readonly kind: 'run_tools';
      readonly calls: readonly ToolCall[];
      /** All that are to be answered, with those that were answered before. */
      readonly asked: readonly RequestedCall[];
    }
  | { readonly kind: 'finish'; readonly outcome: Outcome };

/** What happened. */
export type JudgeEvent =
  | { readonly kind: 'answer'; readonly answer: ModelAnswer }
  /** In the order of `run_tools`. `isLate`: there is time for one more reply at most. */
  | { readonly kind: 'results'; readonly results: readonly CallResult[]; readonly isLate: boolean }
  /** The time of the whole inquiry is over; `tokens` were spent on a reply that did not come. */
  | { readonly kind: 'deadline' | 'stopped'; readonly tokens: Tokens };

/** An inquiry between two events; made and changed by `begin` and `step` only. */
export interface JudgeState {
  /** What comes next. */
  readonly command: JudgeCommand;
  readonly input: JudgeInput;
  readonly limits: JudgeLimits;
  readonly tools: readonly ToolSpec[];
  readonly nonce: string;
  readonly messages: readonly Message[];
  /** Why no more tools are offered, as the outcome would say it; null while they are. */
  readonly last: OutcomeWhy | null;
  /** The reply before could not be read. */
  readonly wasUnreadable: boolean;
  /** A verdict without proper evidence was given back once. */
  readonly wasRepaired: boolean;
  readonly known: Known;
  readonly rounds: Inquiry['rounds'];
  readonly marks: readonly Mark[];
  readonly tokens: Tokens;
  /** An allow that was accepted and is asked for once more without the words of strangers; null before. */
  readonly allowed: Outcome | null;
  /** How the model failed, when that was the end. */
  readonly failure: Inquiry['failure'];
}
