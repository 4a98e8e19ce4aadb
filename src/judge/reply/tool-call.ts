import { cleanText } from '../../model/clean.ts';
import { TOOL_NAMES, VERDICT_NAME } from '../core/model.ts';
import type { LooseJson } from './loose-json.ts';
import { plainKey } from './vocabulary.ts';

/** Longest arguments of one call, as JSON. */
const ARGS_MAX_CHARS = 4_096;
const ARGS_MAX_DEPTH = 3;
const ARGS_MAX_KEYS = 32;
const KEY_MAX_CHARS = 64;
const NAME_MAX_CHARS = 64;
/** Keys that mean something to JavaScript. */
const DROPPED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const KNOWN = new Map([...TOOL_NAMES, VERDICT_NAME].map((name) => [plainKey(name), name]));
/** What stands for a name in an example. */
const PLACEHOLDER = /^(?:|none|null|tool|name|tool_?name|\.+)$|[<>|{}…]/i;

export type Args =
  | { readonly kind: 'ok'; readonly args: Readonly<Record<string, unknown>> }
  /** What is wrong with them, as the end of a sentence. */
  | { readonly kind: 'bad'; readonly why: string };

/** A tool's name however it was written: `functions.whois`, `Whois` and `WHOIS:0` are WHOIS. Null when it only stands for one. */
export function readToolName(written: string): string | null {
  const bare = (written.slice(0, 200).split('<|', 1)[0] ?? '')
    .replace(/^[\s"'`*]{1,9}|[\s"'`*]{1,9}$/g, '')
    .replace(/^(?:functions?|tools?|default_api)[./:]/i, '')
    .replace(/:\d{1,3}$/, '');
  // gpt-oss glues the format of the arguments to the name, when its server drops the token between them.
  const known = KNOWN.get(plainKey(bare).replace(/json$/, ''));
  if (known !== undefined) return known;
  return PLACEHOLDER.test(bare) ? null : cleanText(bare, NAME_MAX_CHARS);
}

/** The arguments of a call: an object, or its text, which may be encoded twice. Nothing at all is no arguments. */
export function readArgs(given: unknown, json: LooseJson): Args {
  let value = given;
  for (let turns = 0; typeof value === 'string' && turns < 2; turns++) {
    if (/^\s*(?:null|none)?\s*$/i.test(value.slice(0, 100))) return { kind: 'ok', args: {} };
    const read = json.parse(value);
    if (read.kind === 'cut') return { kind: 'bad', why: 'end in the middle' };
    value = read.kind === 'ok' ? read.value : [];
  }
  if (value === null || value === undefined) return { kind: 'ok', args: {} };
  if (typeof value !== 'object' || Array.isArray(value)) return { kind: 'bad', why: 'are not a JSON object' };
  if (Object.keys(value).length > ARGS_MAX_KEYS || !isShallow(value, ARGS_MAX_DEPTH)) {
    return { kind: 'bad', why: 'are nested too deep or have too many keys' };
  }
  const args = cleaned(value) as Record<string, unknown>;
  return JSON.stringify(args).length > ARGS_MAX_CHARS
    ? { kind: 'bad', why: `are longer than ${ARGS_MAX_CHARS} characters` }
    : { kind: 'ok', args };
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((item) => isShallow(item, depth - 1));
}

/** The same with every text fit for a screen, and without members that are null: a schema may demand what a call leaves out. */
function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value, ARGS_MAX_CHARS);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cleaned);
  const entries = Object.entries(value).filter(([key, item]) => item !== null && !DROPPED_KEYS.has(key));
  return Object.fromEntries(entries.map(([key, item]) => [cleanText(key, KEY_MAX_CHARS), cleaned(item)]));
}
