import { createHash } from 'node:crypto';
import { Deadline } from '../../async/deadline.ts';
import type { UnixMs } from '../../model/brand.ts';
import { cleanText } from '../../model/clean.ts';
import type { Inquiry, JudgeInput, Outcome } from '../../model/inquiry.ts';
import { findingsOf } from '../core/findings.ts';
import { begin, step } from '../core/machine.ts';
import type { ModelLimits, ModelPort, ToolSpec } from '../core/model.ts';
import { ASKED_BEFORE, FACTS_ALONE, systemPrompt, unreadableText, VERDICT_NOW } from '../core/prompt.ts';
import { INQUIRY_TOKENS, type JudgeCommand, type JudgeEvent, type JudgeState } from '../core/state.ts';
import type { ToolContext } from '../tools/tool.ts';
import { type ToolBox, toolContext } from '../tools/tool-box.ts';

const NONCE_BYTES = 8;
const VERSION_CHARS = 12;
/** With less than so many of its slowest replies left, or this part of all time, the next reply is to be the verdict: an allow takes two. */
const LATE_REPLIES = 3;
const LATE_PART = 0.2;
/** Work ends that much before the inquiry must, so that what it has spent can still be told. */
const MARGIN_MS = 250;
const MARGIN_PART = 0.1;
const NO_TOKENS = { prompt: 0, completion: 0 };

/** How long an inquiry and its requests to the model may take; milliseconds. */
export interface InquiryLimits extends Omit<ModelLimits, 'totalMs'> {
  /** Replies of the model. */
  readonly rounds: number;
  readonly timeoutMs: number;
  /** Of one request. */
  readonly callMs: number;
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
  const startedMs = performance.now();
  const conversation = await converse(input, parts, signal);
  return {
    id,
    at,
    input,
    apiUrl: parts.apiUrl,
    model: parts.modelName,
    promptVersion: promptVersion(parts.tools.specs),
    ...conversation,
    durationMs: Math.round(performance.now() - startedMs),
    replayOf: parts.replayOf ?? null,
  };
}

/** Tells prompts apart: changes with any word of the prompt and of the tools. */
export function promptVersion(tools: readonly ToolSpec[]): string {
  const prompt = [systemPrompt(tools, ''), VERDICT_NOW, FACTS_ALONE, ASKED_BEFORE, unreadableText('')];
  const text = [...prompt, JSON.stringify(tools)].join('\0');
  return createHash('sha256').update(text).digest('hex').slice(0, VERSION_CHARS);
}

type Conversation = Pick<Inquiry, 'rounds' | 'outcome' | 'marks' | 'tokens' | 'failure'>;
type Ended = 'deadline' | 'stopped';

/** A fault of ours ends it as well: the flows that wait get their outcome all the same, and the transcript shows it. */
async function converse(input: JudgeInput, parts: InquiryParts, signal: AbortSignal): Promise<Conversation> {
  const { tools, limits, random, onProgress } = parts;
  const { timeoutMs } = limits;
  // First its work is told to end, a little later it is no longer waited for.
  const whole = new Deadline<Ended>(timeoutMs, signal, 'deadline', 'stopped');
  const workMs = timeoutMs - Math.min(MARGIN_MS, timeoutMs * MARGIN_PART);
  const work = new Deadline<Ended>(workMs, whole.signal, 'deadline', 'stopped');
  let state: JudgeState | null = null;
  try {
    const nonce = Buffer.from(random(NONCE_BYTES)).toString('hex');
    const context = toolContext(input);
    await parts.turn?.();
    state = begin(input, { rounds: limits.rounds, tokens: INQUIRY_TOKENS }, tools.specs, nonce);
    while (state.command.kind !== 'finish') {
      // Making a request and reading its answer are work of about a millisecond each.
      await parts.turn?.();
      const event = await eventOf(state.command, state.rounds, parts, context, work, whole);
      await parts.turn?.();
      state = step(state, event);
      if (event.kind === 'results') onProgress?.(findingsOf(state.rounds));
    }
    const { rounds, marks, tokens, failure } = state;
    return { rounds, outcome: state.command.outcome, marks, tokens, failure };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const reasons = [cleanText(`the judge broke: ${message}`)];
    const outcome: Outcome = { kind: 'unsure', why: 'judge_broke', reasons, evidence: [] };
    const { rounds = [], marks = [], tokens = NO_TOKENS } = state ?? {};
    return { rounds, outcome, marks, tokens, failure: null };
  } finally {
    whole.close();
  }
}

/** Does what the machine asks for, unless the time is over. */
async function eventOf(
  command: Exclude<JudgeCommand, { kind: 'finish' }>,
  rounds: Inquiry['rounds'],
  { model, tools, limits }: InquiryParts,
  context: ToolContext,
  work: Deadline<Ended>,
  whole: Deadline<Ended>,
): Promise<JudgeEvent> {
  if (work.why !== null) return { kind: work.why, tokens: NO_TOKENS };
  if (command.kind === 'ask_model') {
    const { callMs, firstByteMs, idleMs } = limits;
    const callLimits = { totalMs: Math.min(callMs, work.leftMs()), firstByteMs, idleMs };
    const answer = await whole.within(model.ask(command.request, callLimits, work.signal));
    if (typeof answer === 'string') return { kind: answer, tokens: NO_TOKENS };
    const isOver = answer.kind === 'failed' && work.why !== null;
    return isOver ? { kind: work.why, tokens: answer.tokens } : { kind: 'answer', answer };
  }
  const results = await whole.within(tools.run(command.calls, context, work.signal));
  if (typeof results === 'string') return { kind: results, tokens: NO_TOKENS };
  const slowestMs = Math.max(0, ...rounds.map(({ ms }) => ms));
  const lateMs = Math.max(slowestMs * LATE_REPLIES, limits.timeoutMs * LATE_PART);
  return { kind: 'results', results, isLate: work.leftMs() < lateMs };
}
