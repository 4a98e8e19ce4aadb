import { cleanText } from '../../model/clean.ts';
import type { Mark, RequestedCall, ToolResult } from '../../model/inquiry.ts';
import { boundedCall, type CallResult, callKey, failedCall, fitsArgs, type ToolCall } from './call.ts';
import { toolMessage } from './conversation.ts';
import type { Message, ToolSpec } from './model.ts';
import { ASKED_BEFORE, CALLS_A_ROUND } from './prompt.ts';

/** One call of a reply, and why it cannot be run, in a sentence for the model; null when it can. */
export interface PlannedCall {
  readonly call: RequestedCall;
  readonly fault: string | null;
}

/** Results of an inquiry so far, by `callKey`. */
export type Known = ReadonlyMap<string, ToolResult>;

/** What a round of calls came to. */
export interface Answered {
  readonly results: readonly ToolResult[];
  readonly messages: readonly Message[];
  readonly known: Known;
  readonly marks: readonly Mark[];
}

/** The calls of a reply that are answered; what is past the limit is left out. */
export function planCalls(
  calls: readonly RequestedCall[],
  tools: readonly ToolSpec[],
  nonce: string,
): readonly PlannedCall[] {
  return calls.slice(0, CALLS_A_ROUND).map((call) => ({
    call: boundedCall(call, nonce),
    fault: faultOf(call, tools),
  }));
}

function faultOf({ tool, args }: RequestedCall, tools: readonly ToolSpec[]): string | null {
  if (!tools.some(({ name }) => name === tool)) {
    const names = tools.map(({ name }) => name).join(', ');
    return `There is no tool ${cleanText(tool, 40)}. The tools are ${names}.`;
  }
  return fitsArgs(args) ? null : 'The arguments are too long.';
}

/** What of a plan is to be run, in its order: each call once, and none that was answered before. */
export function callsToRun(plan: readonly PlannedCall[], known: Known): readonly ToolCall[] {
  const runs = new Map<string, ToolCall>();
  for (const { call, fault } of plan) {
    const key = callKey(call);
    if (fault === null && !known.has(key)) runs.set(key, { tool: call.tool, args: call.args });
  }
  return [...runs.values()];
}

/** Gives ids to the results that are good, and answers every call of the plan; `ran` are the results of `callsToRun`, in order. */
export function answerCalls(
  plan: readonly PlannedCall[],
  ran: readonly CallResult[],
  before: Known,
  nonce: string,
): Answered {
  const known = new Map(before);
  const results: ToolResult[] = [];
  const messages: Message[] = [];
  const marks: Mark[] = [];
  let next = 0;
  let ids = [...before.values()].filter(({ id }) => id !== null).length;
  for (const { call, fault } of plan) {
    const key = callKey(call);
    const old = fault === null ? known.get(key) : undefined;
    if (old !== undefined) {
      results.push({ ...old, ms: 0 });
      messages.push(toolMessage(call, old, nonce, `${ASKED_BEFORE}\n`));
      continue;
    }
    const got = (fault === null ? ran[next++] : null) ?? failedCall(fault ?? 'The tool did not answer.');
    const id = got.source === null ? null : `E${++ids}`;
    const result = { ...got, id, tool: call.tool, args: call.args };
    if (fault === null) known.set(key, result);
    if (got.instructions !== null) marks.push(instructionsMark(call.tool, id, got.instructions));
    results.push(result);
    messages.push(toolMessage(call, result, nonce));
  }
  return { results, messages, known, marks };
}

/** The mark of words that give orders to the model; `where` is what held them. */
export function instructionsMark(where: string, evidence: string | null, words: string): Mark {
  const text = cleanText(`${where} holds words that give orders to the judge: ${words}`);
  return { kind: 'instructions', evidence, text };
}
