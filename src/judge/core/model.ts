import type { JudgeKind, RequestedCall, Tokens, ToldFailure } from '../../model/inquiry.ts';

/** One request to a model; no tools: only a verdict is wanted. */
export interface ModelRequest {
  readonly messages: readonly Message[];
  readonly tools: readonly ToolSpec[];
  readonly maxTokens: number;
}

/** How long one request may take, milliseconds. */
export interface ModelLimits {
  readonly totalMs: number;
  readonly firstByteMs: number;
  /** Without a byte, once it began to answer. */
  readonly idleMs: number;
}

/** A model. Never rejects, and ends by the limits and the signal. */
export interface ModelPort {
  ask(request: ModelRequest, limits: ModelLimits, signal: AbortSignal): Promise<ModelAnswer>;
}

/** The tools, by the names under which a model calls them. */
export const TOOL_NAMES = ['WHOIS', 'DNS_RESOLVE', 'VIRUSTOTAL', 'FETCH', 'CERTIFICATE', 'HISTORY'] as const;
export type ToolName = (typeof TOOL_NAMES)[number];

/** The name under which a verdict is called. */
export const VERDICT_NAME = 'VERDICT';

/** One reply of a model, read. `said` is its text, cleaned and capped. */
export type ModelReply =
  | { readonly kind: 'calls'; readonly calls: readonly RequestedCall[]; readonly said: string }
  | {
      readonly kind: 'verdict';
      readonly verdict: JudgeKind;
      readonly reasons: readonly string[];
      /** Ids of tool results it cites, as it wrote them: they need not exist. */
      readonly evidence: readonly string[];
      readonly said: string;
    }
  /** Neither; `why` is one sentence that the model can be told. */
  | { readonly kind: 'unreadable'; readonly why: string; readonly said: string };

/** A conversation, whatever the server's dialect. */
export type Message =
  | { readonly role: 'system' | 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string; readonly calls: readonly RequestedCall[] }
  /** The answer to one call; `text` is fenced already. */
  | { readonly role: 'tool'; readonly callId: string | null; readonly tool: string; readonly text: string };

/** A tool as a model is told of it. */
export interface ToolSpec {
  readonly name: ToolName;
  readonly description: string;
  /** JSON schema of its arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What came of one request to a model, and what was spent on it: whole numbers, tokens as the server counts them. */
export type ModelAnswer = {
  readonly tokens: Tokens;
  readonly ms: number;
  /** Failures in passing after which it was made again; none when not given. */
  readonly retried?: readonly ToldFailure[];
} & (
  | {
      readonly kind: 'reply';
      readonly reply: ModelReply;
      /** Native tool calls, or the text protocol. */
      readonly dialect: 'native' | 'text';
      /** It came in more than one piece. */
      readonly streamed?: boolean;
    }
  | ({ readonly kind: 'failed' } & ToldFailure)
);
