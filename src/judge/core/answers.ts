import { cleanText } from '../../model/clean.ts';
import type { Mark, RequestedCall, ToolResult } from '../../model/inquiry.ts';
import { type CallResult, callKey, callResult, type ToolCall } from './call.ts';
import { toolMessage } from './conversation.ts';
import type { Message } from './model.ts';
import { ASKED_BEFORE } from './prompt.ts';

/** Results of an inquiry so far, by `callKey`. */
export type Known = ReadonlyMap<string, ToolResult>;

/** What of these calls is to be run, in their order: each once, and none that was answered before. */
export function callsToRun(calls: readonly ToolCall[], known: Known): readonly ToolCall[] {
  const runs = new Map(calls.map(({ tool, args }) => [callKey({ tool, args }), { tool, args }]));
  for (const key of known.keys()) runs.delete(key);
  return [...runs.values()];
}

/** What a round came to: ids for the results that are good, and an answer to each call. `ran` are the results of `callsToRun`. */
export function answersTo(
  calls: readonly RequestedCall[],
  ran: readonly CallResult[],
  before: Known,
  nonce: string,
) {
  const known = new Map(before);
  const results: ToolResult[] = [];
  const messages: Message[] = [];
  const marks: Mark[] = [];
  let next = 0;
  let ids = [...before.values()].filter(({ id }) => id !== null).length;
  for (const call of calls) {
    const { tool, args } = call;
    const key = callKey(call);
    const old = known.get(key);
    if (old !== undefined) {
      results.push({ ...old, ms: 0 });
      messages.push(toolMessage(call, old, nonce, `${ASKED_BEFORE}\n`));
      continue;
    }
    const got = ran[next++] ?? callResult(null, 'The tool did not answer.');
    const id = got.source === null ? null : `E${++ids}`;
    const result = { ...got, id, tool, args };
    known.set(key, result);
    results.push(result);
    messages.push(toolMessage(call, result, nonce));
    if (got.instructions !== null) marks.push(instructionsMark(tool, id, got.instructions));
  }
  return { results, messages, known, marks };
}

/** The mark of words that speak to the model or of its verdicts; `where` is what held them. */
export function instructionsMark(where: string, evidence: string | null, words: string): Mark {
  const text = cleanText(`${where} holds orders to the judge, or talk of its verdicts: ${words}`);
  return { kind: 'instructions', evidence, text };
}
