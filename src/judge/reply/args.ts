import { cleanText } from '../../model/clean.ts';
import type { LooseJson } from './loose-json.ts';

/** Longest arguments of one call, as JSON. */
const ARGS_MAX_CHARS = 4_096;
const ARGS_MAX_DEPTH = 3;
const ARGS_MAX_KEYS = 32;
const KEY_MAX_CHARS = 64;
const NAME_MAX_CHARS = 64;
/** Keys that mean something to JavaScript. */
const DROPPED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** The names that are told apart from other words in a text. */
export const TOOL_NAMES: readonly string[] = [
  'WHOIS',
  'DNS_RESOLVE',
  'VIRUSTOTAL',
  'FETCH',
  'CERTIFICATE',
  'HISTORY',
];
/** The name under which a verdict is called. */
export const VERDICT_NAME = 'VERDICT';

const KNOWN: ReadonlyMap<string, string> = new Map(
  [...TOOL_NAMES, VERDICT_NAME].map((name) => [name.replace('_', ''), name]),
);
/** Names that stand for a name in an example. */
const PLACEHOLDERS =
  /^(?:|none|null|n\/?a|tool|name|tool[ _]?name|function[ _]?name|[….\s]{1,5}|.{0,80}[<>|{}….…].{0,80})$/i;

export type Args =
  | { readonly kind: 'ok'; readonly args: Readonly<Record<string, unknown>> }
  /** What is wrong with them, as the end of a sentence. */
  | { readonly kind: 'bad'; readonly why: string };

/** A tool's name however it was written: `functions.whois`, `Whois` and `WHOIS:0` are WHOIS. Null when it only stands for one. */
export function readToolName(written: string): string | null {
  const cut = written.slice(0, 200).split('<|', 1)[0] ?? '';
  const bare = cut
    .trim()
    .replace(/^["'`*]{1,4}|["'`*]{1,4}$/g, '')
    .replace(/^(?:functions?|tools?|default_api)[./:]/i, '')
    .replace(/:\d{1,3}$/, '');
  const plain = bare.toUpperCase().replace(/[\s_-]/g, '');
  // gpt-oss glues the format of the arguments to the name, when its server drops the token between them.
  const known = KNOWN.get(plain) ?? KNOWN.get(plain.replace(/JSON$/, ''));
  if (known !== undefined) return known;
  return PLACEHOLDERS.test(bare) ? null : cleanText(bare, NAME_MAX_CHARS);
}

/** Whether a name is that of a tool, or of the verdict. */
export function isKnownName(written: string): boolean {
  const name = readToolName(written);
  return name !== null && (name === VERDICT_NAME || TOOL_NAMES.includes(name));
}

/** The arguments of a call: an object, or its text, which may be encoded twice. Nothing at all is no arguments. */
export function readArgs(given: unknown, json: LooseJson): Args {
  let value = given;
  for (let turns = 0; typeof value === 'string' && turns < 2; turns++) {
    if (/^\s*(?:null|none|undefined)?\s*$/i.test(value.slice(0, 100))) return { kind: 'ok', args: {} };
    const read = json.parse(stripFence(value));
    if (read.kind === 'cut') return { kind: 'bad', why: 'end in the middle' };
    if (read.kind === 'bad') return { kind: 'bad', why: 'are not a JSON object' };
    value = read.value;
  }
  if (value === null || value === undefined) return { kind: 'ok', args: {} };
  return Array.isArray(value) ? onlyOf(value) : boundedArgs(value);
}

/** The one set of arguments in a list, or the same several times over. */
function onlyOf(list: readonly unknown[]): Args {
  const texts = new Set(list.slice(0, ARGS_MAX_KEYS).map((item) => JSON.stringify(item)));
  return texts.size === 1 && list.length <= ARGS_MAX_KEYS
    ? boundedArgs(list[0])
    : { kind: 'bad', why: 'are a list where one JSON object is expected' };
}

function boundedArgs(value: unknown): Args {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'bad', why: 'are not a JSON object' };
  }
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

/** The same with every text fit for a screen. Called with shallow values only. */
function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value, ARGS_MAX_CHARS);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cleaned);
  const entries = Object.entries(value).filter(([key]) => !DROPPED_KEYS.has(key));
  return Object.fromEntries(entries.map(([key, item]) => [cleanText(key, KEY_MAX_CHARS), cleaned(item)]));
}

function stripFence(text: string): string {
  return text
    .trim()
    .replace(/^```[a-z_]{0,12}\s?/i, '')
    .replace(/```$/, '')
    .trim();
}
