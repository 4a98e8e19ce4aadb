import { VERDICT_NAME } from '../core/model.ts';
import type { ReplyCandidates } from './candidates.ts';
import { type Region, without } from './loose-json.ts';
import { readNamed } from './object.ts';
import { isQuoted } from './quoted.ts';
import { type Args, readArgs, readToolName } from './tool-call.ts';

/** Longest arguments in tags that are looked at, and calls in one reply. */
const BODY_MAX_CHARS = 8_192;
const CALLS_MAX = 32;

const NAMESPACE = '(?:\\w{1,12}:|｜DSML｜)?';
const NAME = '([\\w.-]{1,64})';
/** `<function=NAME>` (Qwen Coder), `<invoke name="NAME">` (Claude, MiniMax, DeepSeek), `<tool_call>NAME` (GLM). */
const CALL = new RegExp(
  `<(?:function=["']?|${NAMESPACE}invoke\\s{1,4}name=["']|tool_call>\\s{0,9})${NAME}(?:["']?\\s{0,4}>|\\s{0,9}(?=<arg_key>))`,
  'gi',
);
const CALL_END = new RegExp(`</${NAMESPACE}(?:function|invoke|tool_call)>`, 'i');
/** `<parameter=KEY>`, `<parameter name="KEY">`, `<arg_key>KEY</arg_key><arg_value>`. */
const PARAMETER = new RegExp(
  `<(?:${NAMESPACE}parameter(?:=|\\s{1,4}name=)["']?|arg_key>\\s{0,9})${NAME}(?:["']?[^<>]{0,40}>|\\s{0,9}</arg_key>\\s{0,9}<arg_value>)`,
  'i',
);
const PARAMETER_END = new RegExp(`</${NAMESPACE}(?:parameter|arg_value)>`, 'i');

/** Reads calls in tags whose parameters stand in tags as well; returns the text without them. Calls whose arguments are JSON are left. */
export function readTaggedCalls(text: string, candidates: ReplyCandidates): string {
  const regions: Region[] = [];
  for (const match of text.matchAll(CALL)) {
    const start = match.index + match[0].length;
    if (regions.length === CALLS_MAX || start < (regions.at(-1)?.end ?? 0)) continue;
    const body = text.slice(start, start + BODY_MAX_CHARS);
    if (/^\s{0,80}[{[]/.test(body)) continue;
    const length = body.search(CALL_END);
    const region = { start: match.index, end: length < 0 ? text.length : start + length };
    regions.push(region);
    const [, name = ''] = match;
    const args = argsOf(body, length, candidates);
    const isTold = args.kind === 'ok' && readToolName(name) === VERDICT_NAME && isQuoted(text, region);
    if (isTold) candidates.sawExample();
    else readNamed(name, args, candidates);
  }
  return without(text, regions);
}

function argsOf(body: string, length: number, { json }: ReplyCandidates): Args {
  const [, ...parts] = body.slice(0, Math.max(0, length)).split(PARAMETER);
  const entries: [string, unknown][] = [];
  for (let i = 0; i < parts.length; i += 2) {
    const [key = '', rest = ''] = parts.slice(i);
    const end = rest.search(PARAMETER_END);
    if (end < 0) return { kind: 'bad', why: 'end in the middle' };
    const value = rest.slice(0, end).trim();
    const list = /^[{[]/.test(value) ? json.parse(value) : null;
    entries.push([key, list?.kind === 'ok' ? list.value : value]);
  }
  return length < 0 ? { kind: 'bad', why: 'end in the middle' } : readArgs(Object.fromEntries(entries), json);
}
