import type { EvidenceSource, RequestedCall, ToolResult } from '../../model/inquiry.ts';
import { cleanBlock, defang } from './fence.ts';

/** Longest arguments of a call that is run, as JSON. */
const ARGS_MAX_CHARS = 600;

type Args = RequestedCall['args'];

/** What running one call gave; the machine adds what it was and its id. `source` is null when it failed. */
export type CallResult = Pick<ToolResult, 'source' | 'text' | 'instructions' | 'ms'>;

/** A call that is to be run: a tool that exists, by its proper name. */
export type ToolCall = Pick<RequestedCall, 'tool' | 'args'>;

/** A result on which nothing can rest; `why` is one sentence for the model. */
export function failedCall(why: string, ms = 0, instructions: string | null = null): CallResult {
  return { source: null, text: cleanBlock(why), instructions, ms };
}

/** A result that can be cited. */
export function goodCall(
  source: EvidenceSource,
  text: string,
  ms: number,
  instructions: string | null,
): CallResult {
  return { source, text: cleanBlock(text), instructions, ms };
}

/** The same for calls that ask for the same, whatever the order of their arguments. */
export function callKey({ tool, args }: ToolCall): string {
  const sorted = (members: object): object =>
    Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${tool} ${jsonOf(args, sorted, (text) => text.trim())}`;
}

/** Whether arguments are small enough to be kept and shown again. */
export function fitsArgs(args: Args): boolean {
  return JSON.stringify(args).length <= ARGS_MAX_CHARS;
}

/** A call as it is run and shown again: without anything that a chat template could take for markup, and without long arguments. */
export function boundedCall({ callId, tool, args }: RequestedCall, nonce: string): RequestedCall {
  const plain = (text: string): string => defang(text, nonce);
  const named = (members: object): object =>
    Object.fromEntries(Object.entries(members).map(([key, value]) => [plain(key), value]));
  return { callId, tool: plain(tool), args: fitsArgs(args) ? JSON.parse(jsonOf(args, named, plain)) : {} };
}

/** Arguments as JSON, their objects and texts changed. */
function jsonOf(args: Args, ofObject: (members: object) => object, ofText: (text: string) => string): string {
  return JSON.stringify(args, (_, value) => {
    if (typeof value === 'string') return ofText(value);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? ofObject(value) : value;
  });
}
