import type { Fact, RequestedCall, ToolResult } from '../../model/inquiry.ts';
import { cleanBlock, defang } from './fence.ts';

/** Longest arguments of a call that are kept, as JSON. */
const ARGS_MAX_CHARS = 600;

/** What running one call gave; the machine adds what it was and its id. `source` is null when it failed: nothing can rest on it. */
export type CallResult = Pick<ToolResult, 'source' | 'text' | 'facts' | 'instructions' | 'ms'>;

/** A call that is to be run; the tool need not exist and the arguments need not fit. */
export type ToolCall = Pick<RequestedCall, 'tool' | 'args'>;

/** What running a call gave, its text cleaned and capped; of one that failed it is a sentence for the model. */
export function callResult(
  source: CallResult['source'],
  text: string,
  ms = 0,
  instructions: string | null = null,
  facts: readonly Fact[] = [],
): CallResult {
  return { source, text: cleanBlock(text), facts, instructions, ms };
}

/** The same for calls that ask for the same, whatever the order of their arguments. */
export function callKey({ tool, args }: ToolCall): string {
  const sorted = (members: object): object =>
    Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${tool} ${jsonOf(args, sorted, (text) => text.trim())}`;
}

/** A call as it is run and shown again: without anything that a chat template could take for markup, and without long arguments. */
export function boundedCall({ callId, tool, args }: RequestedCall, nonce: string): RequestedCall {
  const plain = (text: string): string => defang(text, nonce);
  const named = (members: object): object =>
    Object.fromEntries(Object.entries(members).map(([key, value]) => [plain(key), value]));
  const json = jsonOf(args, named, plain);
  return { callId, tool: plain(tool), args: json.length > ARGS_MAX_CHARS ? {} : JSON.parse(json) };
}

/** Arguments as JSON, their objects and texts changed. */
function jsonOf(
  args: ToolCall['args'],
  ofObject: (members: object) => object,
  ofText: (text: string) => string,
): string {
  return JSON.stringify(args, (_, value) => {
    if (typeof value === 'string') return ofText(value);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? ofObject(value) : value;
  });
}
