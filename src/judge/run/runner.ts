import { createHash } from 'node:crypto';
import type { UnixMs } from '../../model/brand.ts';
import { cleanText } from '../../model/clean.ts';
import type { Inquiry, JudgeInput, Outcome } from '../../model/inquiry.ts';
import { type CallResult, failedCall, type ToolCall } from '../core/call.ts';
import { findingsOf } from '../core/findings.ts';
import { begin, step } from '../core/machine.ts';
import type { ModelAnswer, ModelPort, ModelRequest, ToolSpec } from '../core/model.ts';
import { ASKED_BEFORE, systemPrompt, unreadableText, VERDICT_NOW } from '../core/prompt.ts';
import { INQUIRY_TOKENS, type JudgeCommand, type JudgeEvent, type JudgeState } from '../core/state.ts';
import type { ToolContext } from '../tools/tool.ts';
import { type ToolBox, toolContext } from '../tools/tool-box.ts';
import { InquiryTime } from './inquiry-time.ts';

const NONCE_BYTES = 8;
const VERSION_CHARS = 12;
/** With less than so many of its slowest replies left, or this part of all time, the next reply is to be the verdict. */
const LATE_REPLIES = 2;
const LATE_PART = 0.2;
const NO_TOKENS = { prompt: 0, completion: 0 };

export interface InquiryLimits {
  /** Replies of the model. */
  readonly rounds: number;
  /** Of the whole inquiry, milliseconds. */
  readonly timeoutMs: number;
  /** Of one request to the model; the rest as in `ModelLimits`. */
  readonly callMs: number;
  readonly firstByteMs: number;
  readonly idleMs: number;
  /** Tokens read and written; `INQUIRY_TOKENS` when not given. */
  readonly tokens?: number;
}

/** What an inquiry is made with. */
export interface InquiryParts {
  readonly model: ModelPort;
  readonly tools: ToolBox;
  /** Where the model is and what it is called, for the transcript; holds no key. */
  readonly apiUrl: string;
  readonly modelName: string;
  readonly limits: InquiryLimits;
  readonly clock: () => UnixMs;
  /** So many unguessable bytes. */
  readonly random: (bytes: number) => Uint8Array;
  /** Told of all findings so far whenever tools have run; must not throw. */
  readonly onProgress?: (findings: readonly string[]) => void;
  /** Settles when it may work, so that inquiries work one after the other; at once when not given. */
  readonly turn?: () => Promise<void>;
  /** The inquiry that is run again. */
  readonly replayOf?: number;
}

/** One inquiry, from the question to its outcome. Never rejects; ends within `limits.timeoutMs`, or at once when the signal comes. */
export async function runInquiry(
  input: JudgeInput,
  parts: InquiryParts,
  id: number,
  signal: AbortSignal,
): Promise<Inquiry> {
  const at = parts.clock();
  const time = new InquiryTime(parts.limits.timeoutMs, signal);
  const conversation = await converse(input, parts, time).catch(faulty);
  time.close();
  return {
    id,
    at,
    input,
    apiUrl: parts.apiUrl,
    model: parts.modelName,
    promptVersion: promptVersion(parts.tools.specs),
    ...conversation,
    durationMs: Math.round(time.spentMs()),
    replayOf: parts.replayOf ?? null,
  };
}

/** Tells prompts apart: changes with any word of the prompt and of the tools. */
export function promptVersion(tools: readonly ToolSpec[]): string {
  const texts = [
    systemPrompt(tools, ''),
    VERDICT_NOW,
    ASKED_BEFORE,
    unreadableText(''),
    JSON.stringify(tools),
  ];
  return createHash('sha256').update(texts.join('\0')).digest('hex').slice(0, VERSION_CHARS);
}

type Conversation = Pick<Inquiry, 'rounds' | 'outcome' | 'marks' | 'tokens' | 'failure'>;

async function converse(input: JudgeInput, parts: InquiryParts, time: InquiryTime): Promise<Conversation> {
  const { tools, limits, random, onProgress } = parts;
  const nonce = Buffer.from(random(NONCE_BYTES)).toString('hex');
  const context = toolContext(input);
  const bounds = { rounds: limits.rounds, tokens: limits.tokens ?? INQUIRY_TOKENS };
  await parts.turn?.();
  let { state, commands } = begin(input, bounds, tools.specs, nonce);
  for (;;) {
    const [command] = commands;
    if (command?.kind === 'finish') {
      const { rounds, tokens, failure } = state;
      return { rounds, outcome: command.outcome, marks: command.marks, tokens, failure };
    }
    // Making a request and reading its answer are work of about a millisecond each.
    await parts.turn?.();
    const event = await eventOf(command, state, parts, context, time);
    await parts.turn?.();
    ({ state, commands } = step(state, event));
    if (event.kind === 'results') onProgress?.(findingsOf(state.rounds));
  }
}

/** Does what the machine asks for, unless the time is over. */
async function eventOf(
  command: Exclude<JudgeCommand, { kind: 'finish' }> | undefined,
  state: JudgeState,
  parts: InquiryParts,
  context: ToolContext,
  time: InquiryTime,
): Promise<JudgeEvent> {
  // A state that asks for nothing does not exist; were there one, the inquiry would still have to end.
  if (command === undefined) return { kind: 'stopped', tokens: NO_TOKENS };
  if (time.endedBy !== null) return { kind: time.endedBy, tokens: NO_TOKENS };
  if (command.kind === 'ask_model') return askModel(command, parts, time);
  return runTools(command.calls, state, parts, context, time);
}

async function askModel(request: ModelRequest, parts: InquiryParts, time: InquiryTime): Promise<JudgeEvent> {
  const { callMs, firstByteMs, idleMs } = parts.limits;
  const { messages, tools, maxTokens } = request;
  const limits = { totalMs: Math.min(callMs, time.leftMs()), firstByteMs, idleMs };
  const asking = async (): Promise<ModelAnswer> =>
    parts.model.ask({ messages, tools, maxTokens }, limits, time.signal);
  const answer = await time.within(asking().catch(brokenPort));
  if (answer?.kind === 'reply') return { kind: 'answer', answer };
  if (time.endedBy !== null) return { kind: time.endedBy, tokens: answer?.tokens ?? NO_TOKENS };
  // Null only at the end of time, which came between the two looks at it.
  if (answer === null || time.leftMs() === 0) {
    return { kind: 'deadline', tokens: answer?.tokens ?? NO_TOKENS };
  }
  return { kind: 'answer', answer };
}

async function runTools(
  calls: readonly ToolCall[],
  state: JudgeState,
  parts: InquiryParts,
  context: ToolContext,
  time: InquiryTime,
): Promise<JudgeEvent> {
  const running = async (): Promise<readonly CallResult[]> => parts.tools.run(calls, context, time.signal);
  // A box that rejects is a fault of ours, which the transcript shows.
  const broken = (error: unknown): readonly CallResult[] =>
    calls.map(() => failedCall(`The tools broke: ${messageOf(error)}`));
  const results = await time.within(running().catch(broken));
  if (results === null) return { kind: time.endedBy ?? 'deadline', tokens: NO_TOKENS };
  const slowestMs = Math.max(0, ...state.rounds.map(({ ms }) => ms));
  const lateMs = Math.max(slowestMs * LATE_REPLIES, parts.limits.timeoutMs * LATE_PART);
  return { kind: 'results', results, isLate: time.leftMs() < lateMs };
}

/** A port that rejects is a fault of ours; the inquiry ends as with a model that fails. */
function brokenPort(error: unknown): ModelAnswer {
  return { kind: 'failed', why: 'broken', detail: messageOf(error), tokens: NO_TOKENS, ms: 0 };
}

/** A fault of ours in between; the flows that wait get their outcome all the same, and the transcript shows it. */
function faulty(error: unknown): Conversation {
  const reasons = [cleanText(`the judge broke: ${messageOf(error)}`)];
  const outcome: Outcome = { kind: 'unsure', why: 'no_answer', reasons, evidence: [] };
  return { rounds: [], outcome, marks: [], tokens: NO_TOKENS, failure: null };
}

function messageOf(error: unknown): string {
  return cleanText(error instanceof Error ? error.message : String(error));
}
