import type { EvidenceSource, RequestedCall, ToolResult } from '../../model/inquiry.ts';
import { cleanBlock, defang } from './fence.ts';

/** Longest arguments of a call, as JSON. */
const ARGS_MAX_CHARS = 600;
const ARGS_MAX_DEPTH = 4;

/** What running one call gave; the machine adds what it was and its id. `source` is null when it failed. */
export type CallResult = Pick<ToolResult, 'source' | 'text' | 'instructions' | 'ms'>;

/** A call that is to be run: a tool that exists, by its proper name. */
export interface ToolCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
}

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
export function callKey(tool: string, args: Readonly<Record<string, unknown>>): string {
  return `${toolName(tool)} ${canonical(args, 0)}`;
}

/** A tool's name however a model writes it: `functions.whois` is WHOIS. */
export function toolName(written: string): string {
  const name = written.slice(0, 100).trim().toUpperCase();
  return name.slice(name.lastIndexOf('.') + 1).replace(/[\s-]+/g, '_');
}

/** Whether arguments are small enough to be kept and shown again. */
export function fitsArgs(args: Readonly<Record<string, unknown>>): boolean {
  return canonical(args, 0).length <= ARGS_MAX_CHARS;
}

/** A call fit for a transcript and the conversation: bounded, and without anything a chat template could take for markup. */
export function boundedCall(call: RequestedCall, nonce: string): RequestedCall {
  const args = fitsArgs(call.args) ? call.args : {};
  return {
    callId: call.callId?.slice(0, 100) ?? null,
    tool: defang(cleanBlock(call.tool, 60), nonce),
    args: bounded(args, nonce, 0) as Readonly<Record<string, unknown>>,
  };
}

/** JSON with sorted keys and trimmed strings; what nests too deep is `…`. */
function canonical(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value.trim());
  if (value === null || typeof value !== 'object') return String(value);
  if (depth >= ARGS_MAX_DEPTH) return '"…"';
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(',')}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item, depth + 1)}`).join(',')}}`;
}

function bounded(value: unknown, nonce: string, depth: number): unknown {
  if (typeof value === 'string') return defang(cleanBlock(value), nonce);
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'object') return String(value);
  if (depth >= ARGS_MAX_DEPTH) return '…';
  if (Array.isArray(value)) return value.map((item) => bounded(item, nonce, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      defang(cleanBlock(key), nonce),
      bounded(item, nonce, depth + 1),
    ]),
  );
}
