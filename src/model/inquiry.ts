import type { Host, RegistrableDomain, UnixMs } from './brand.ts';
import type { Evidence } from './flow.ts';

/** Whose words a result holds; all but `reputation` and `machine` are written or chosen by whoever owns the name. */
export const EVIDENCE_SOURCES = ['registry', 'dns', 'reputation', 'page', 'certificate', 'machine'] as const;
export type EvidenceSource = (typeof EVIDENCE_SOURCES)[number];

/** What a fact says of a name. */
export const LEANINGS = ['for', 'against', 'neither'] as const;

/**
 * What code read in the result of a tool: a sentence of our own with numbers and dates in it, and no word that a stranger wrote. An
 * allow rests on facts; see `verdict.ts` of the judge.
 */
export interface Fact {
  readonly leans: (typeof LEANINGS)[number];
  readonly text: string;
}

/** What a verdict of the judge can be. */
export const JUDGE_KINDS = ['allow', 'block', 'unsure'] as const;
export type JudgeKind = (typeof JUDGE_KINDS)[number];

/** The connection that an inquiry is about; all of it is hostile text. */
export interface JudgeInput {
  readonly host: Host;
  readonly domain: RegistrableDomain;
  readonly port: number;
  readonly app: {
    readonly name: string | null;
    readonly path: string | null;
    readonly signer: string | null;
    readonly user: string | null;
    /** Names of the programs that led to it, parent first. */
    readonly parents: readonly string[];
    /** When this machine first saw the program; null when never before, or not known. */
    readonly firstSeen: UnixMs | null;
  };
  /** What the embedded scores say. */
  readonly scores: readonly Evidence[];
  /** The scores put the name past a block threshold: the judge may not allow it. */
  readonly pastBlock: boolean;
  /** What our own tables say for the name, in a sentence; null when they do not know it. */
  readonly listed: string | null;
  readonly now: UnixMs;
}

/** A call that a model asks for, as it was read; the tool need not exist and the arguments need not fit. */
export interface RequestedCall {
  /** The server's id of a native call; null in the text protocol. */
  readonly callId: string | null;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface Tokens {
  readonly prompt: number;
  readonly completion: number;
}

/** Why a model gave no reply. */
export const MODEL_FAILURES = [
  'unreachable',
  'timed_out',
  'refused', // the server does not take the key
  'rate_limited',
  'bad_request', // the server cannot do what was asked, such as a model it does not have
  'server_error',
  'broken', // the reply ended in the middle, or is no reply
  'too_long',
] as const;
export type ModelFailure = (typeof MODEL_FAILURES)[number];

/** How a model failed, and what its server said: for a person, cleaned, without a key. */
export interface ToldFailure {
  readonly why: ModelFailure;
  readonly detail: string;
}

/** One result of a tool within an inquiry. */
export interface ToolResult {
  /** "E1", "E2", … by which a verdict cites it; null when the tool failed, so that nothing can rest on it. */
  readonly id: string | null;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly source: EvidenceSource | null;
  /** Cleaned and capped, not fenced. */
  readonly text: string;
  /** What of it is no stranger's word. */
  readonly facts: readonly Fact[];
  /** The first words in it that order a reader to do something, cleaned; null when there are none. */
  readonly instructions: string | null;
  readonly ms: number;
}

/** What a sign of an attempt on the judge can be. */
export const MARK_KINDS = [
  'instructions', // what a tool returned speaks to the model, or of verdicts
  'page_only', // an allow that rests on nothing but the page itself
  'unknown_evidence', // a verdict that cites what no tool returned
  'past_block_threshold', // an allow of a name that the scores block
] as const;

/** A sign of an attempt on the judge. */
export interface Mark {
  readonly kind: (typeof MARK_KINDS)[number];
  /** The tool result it was found in; null when it is about the verdict. */
  readonly evidence: string | null;
  /** One sentence for a person, cleaned. */
  readonly text: string;
}

/** Why an inquiry ended as it did. */
export const OUTCOME_WHYS = [
  'judged',
  'allow_refused', // the model allowed, and that was not accepted: unsure
  'block_refused', // the model blocked, and its evidence does not exist: unsure
  'no_answer', // replies that could not be read, even after the repair round
  'time_over',
  'rounds_over',
  'tokens_over',
  'model_failed',
  'judge_broke', // a fault of ours
  'stopped', // the engine ended
] as const;
export type OutcomeWhy = (typeof OUTCOME_WHYS)[number];

export interface Outcome {
  readonly kind: JudgeKind;
  readonly why: OutcomeWhy;
  /** Sentences for a person, cleaned and capped; the error of the server with `model_failed`. */
  readonly reasons: readonly string[];
  /** Ids of results that were really returned. */
  readonly evidence: readonly string[];
}

/** One round: what the model said, and what the tools it asked for returned. */
export interface InquiryRound {
  /** The model was asked with all words of strangers taken out. */
  readonly isBlind: boolean;
  readonly dialect: 'native' | 'text' | null;
  /** What the model said, cleaned and capped. */
  readonly said: string;
  readonly calls: readonly RequestedCall[];
  readonly results: readonly ToolResult[];
  /** What was wrong with the reply, or why there was none; null when it was fine. */
  readonly problem: string | null;
  /** Failures in passing after which the model was asked again, in their order. */
  readonly retried: readonly ToldFailure[];
  readonly tokens: Tokens;
  readonly ms: number;
}

/** The transcript of one inquiry. */
export interface Inquiry {
  /** Grows by one an inquiry, over restarts too. */
  readonly id: number;
  readonly at: UnixMs;
  readonly input: JudgeInput;
  readonly apiUrl: string;
  readonly model: string;
  readonly promptVersion: string;
  readonly rounds: readonly InquiryRound[];
  readonly outcome: Outcome;
  readonly marks: readonly Mark[];
  readonly tokens: Tokens;
  readonly durationMs: number;
  /** How the model failed, with `model_failed`; null else. */
  readonly failure: ToldFailure | null;
  /** The inquiry whose tool results this one was run from again; null for a real one. */
  readonly replayOf: number | null;
}

/** A verdict of the judge on a domain for a program as it is kept: the cache, and where it allows the learned allowlist. */
export interface KeptVerdict {
  readonly domain: RegistrableDomain;
  /** The path of the program that it is for; null for programs that are not known. */
  readonly app: string | null;
  readonly kind: JudgeKind;
  readonly reasons: readonly string[];
  /** Marks of its inquiry, as sentences. */
  readonly marks: readonly string[];
  readonly inquiry: number;
  readonly model: string;
  readonly promptVersion: string;
  readonly at: UnixMs;
  readonly expiresAt: UnixMs;
}
