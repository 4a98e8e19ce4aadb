import { cleanText } from '../../model/clean.ts';
import type { Mark, RequestedCall, ToolResult } from '../../model/inquiry.ts';
import {
  boundedCall,
  type CallResult,
  callKey,
  failedCall,
  fitsArgs,
  type ToolCall,
  toolName,
} from './call.ts';
import { toolMessage } from './conversation.ts';
import type { Message, ToolSpec } from './model.ts';
import { ASKED_BEFORE, CALLS_A_ROUND } from './prompt.ts';

/** What is done about one call of a reply. */
export type PlannedCall =
  | { readonly kind: 'run'; readonly key: string; readonly call: RequestedCall; readonly run: ToolCall }
  /** It, or the same call, was answered before; or stands earlier in the same reply. */
  | { readonly kind: 'again'; readonly key: string; readonly call: RequestedCall }
  /** It cannot be run; the sentence says why. */
  | { readonly kind: 'told'; readonly call: RequestedCall; readonly sentence: string };

/** Results of an inquiry so far, by `callKey`. */
export type Known = ReadonlyMap<string, ToolResult>;

/** What a round of calls came to. */
export interface Answered {
  readonly results: readonly ToolResult[];
  readonly messages: readonly Message[];
  readonly known: Known;
  readonly marks: readonly Mark[];
}

/** Which calls of a reply are run, and what the others are answered with; what is past the limit is left out. */
export function planCalls(
  calls: readonly RequestedCall[],
  tools: readonly ToolSpec[],
  known: Known,
  nonce: string,
): readonly PlannedCall[] {
  const seen = new Set(known.keys());
  return calls.slice(0, CALLS_A_ROUND).map((requested): PlannedCall => {
    const call = boundedCall(requested, nonce);
    const name = toolName(requested.tool);
    if (!tools.some((tool) => tool.name === name)) {
      const names = tools.map((tool) => tool.name).join(', ');
      return {
        kind: 'told',
        call,
        sentence: `There is no tool ${cleanText(name, 40)}. The tools are ${names}.`,
      };
    }
    if (!fitsArgs(requested.args)) {
      return { kind: 'told', call, sentence: 'The arguments are too long.' };
    }
    const key = callKey(name, requested.args);
    if (seen.has(key)) return { kind: 'again', key, call };
    seen.add(key);
    return { kind: 'run', key, call, run: { tool: name, args: requested.args } };
  });
}

/** Gives ids to the results that are good, and answers every call of the plan, in its order. `ran` are those of the `run` calls, in order. */
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
  for (const planned of plan) {
    const { call } = planned;
    const old = planned.kind === 'again' ? known.get(planned.key) : undefined;
    if (old !== undefined) {
      results.push({ ...old, ms: 0 });
      messages.push(toolMessage(call, old, nonce, `${ASKED_BEFORE}\n`));
      continue;
    }
    const came = planned.kind === 'run' ? ran[next++] : undefined;
    const got = came ?? failedCall(planned.kind === 'told' ? planned.sentence : 'The tool did not answer.');
    const tool = planned.kind === 'run' ? planned.run.tool : call.tool;
    const result = { ...got, id: got.source === null ? null : `E${++ids}`, tool, args: call.args };
    if (planned.kind === 'run') known.set(planned.key, result);
    if (result.instructions !== null)
      marks.push(instructionsMark(result.tool, result.id, result.instructions));
    results.push(result);
    messages.push(toolMessage(call, result, nonce));
  }
  return { results, messages, known, marks };
}

/** The mark of words that give orders to the model; `where` is what held them. */
export function instructionsMark(where: string, evidence: string | null, words: string): Mark {
  return {
    kind: 'instructions',
    evidence,
    text: cleanText(`${where} holds words that give orders to the judge: ${words}`),
  };
}
