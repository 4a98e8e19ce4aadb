import { cleanText } from '../../model/clean.ts';
import type { RequestedCall } from '../../model/inquiry.ts';
import { TOOL_NAMES, VERDICT_NAME } from '../core/model.ts';
import type { ReplyCandidates } from './candidates.ts';
import { KEYS, plainKey, readWord } from './vocabulary.ts';

const DEPTH_MAX = 5;
const MEMBERS_MAX = 32;
/** Longest arguments of one call, as JSON. */
const ARGS_MAX_CHARS = 4_096;
const NAME_MAX_CHARS = 64;
const NO_ARGS = `not a whole JSON object of at most ${ARGS_MAX_CHARS} characters`;

const KNOWN = new Map([...TOOL_NAMES, VERDICT_NAME].map((name) => [plainKey(name), name]));
/** What stands for a name in an example. */
const PLACEHOLDER = /^(?:|none|null|tool|name|tool_?name|\.+)$|[<>|{}…]/i;
/** Keys that mean something to JavaScript. */
const DROPPED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const NAME_KEYS = ['tool', 'toolname', 'function', 'recipientname', 'name'];
const ARGS_KEYS = ['args', 'arguments', 'parameters', 'input'];
/** Under these a call, calls or a verdict may be nested. */
const NESTED_KEYS = [
  ...['toolcalls', 'toolcall', 'tools', 'tooluses', 'functioncall', 'function', 'tool', 'calls'],
  ...['verdict', 'answer', 'response', 'result', 'output'],
];

type Args = RequestedCall['args'];
/** Members by their plain keys. */
type Fields = ReadonlyMap<string, unknown>;

/** Reads the calls and verdicts in a JSON value, nested ones too. True when there was anything of the kind, an example included. */
export function readObject(value: unknown, candidates: ReplyCandidates, depth = 0): boolean {
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return false;
  // A member that is null counts as left out: a schema may demand it.
  const present = Object.entries(value).filter(([, item]) => item !== null);
  const fields = new Map(present.slice(0, MEMBERS_MAX).map(([key, item]) => [plainKey(key), item]));
  const inner = Array.isArray(value) ? [...fields.values()] : NESTED_KEYS.map((key) => fields.get(key));
  const isInner = inner.map((item) => readObject(item, candidates, depth + 1)).includes(true);
  const isCall = readCall(fields, candidates);
  return readVerdict(fields, candidates) || isCall || isInner;
}

/** Reads a call by its name and arguments as they were written; one named VERDICT is a verdict. */
export function readNamed(written: string, given: unknown, candidates: ReplyCandidates, callId = ''): void {
  const name = toolName(written);
  const args = readArgs(given, candidates);
  if (name === null) return;
  if (args === null) candidates.problem(`the arguments of ${name} are ${NO_ARGS}`);
  else if (name !== VERDICT_NAME) candidates.call(callId, name, args);
  else if (!readObject(args, candidates)) candidates.problem(`it calls ${name} without a verdict`);
}

/** A tool's name however it was written: `functions.whois`, `Whois` and `WHOIS:0` are WHOIS. Null when it only stands for one. */
function toolName(written: string): string | null {
  const bare = (written.slice(0, 200).split('<|', 1)[0] ?? '')
    .replace(/^[\s"'`*]{1,9}|[\s"'`*]{1,9}$/g, '')
    .replace(/^(?:functions?|tools?|default_api)[./:]/i, '')
    .replace(/:\d{1,3}$/, '');
  // gpt-oss glues the format of the arguments to the name, when its server drops the token between them.
  const known = KNOWN.get(plainKey(bare).replace(/json$/, ''));
  if (known !== undefined) return known;
  return PLACEHOLDER.test(bare) ? null : cleanText(bare, NAME_MAX_CHARS);
}

/** The arguments of a call: an object, or its text, which may be encoded twice; nothing at all is no arguments. Null for anything else. */
function readArgs(given: unknown, { json }: ReplyCandidates): Args | null {
  let value = given;
  for (let turns = 0; typeof value === 'string' && turns < 2; turns++) {
    // Escapes make it longer than what it says.
    if (value.length > 2 * ARGS_MAX_CHARS) return null;
    value = /^\s*(?:null|none)?\s*$/i.test(value) ? {} : (json.parse(value) ?? []);
  }
  value ??= {};
  if (typeof value !== 'object' || Array.isArray(value)) return null;
  const args = cleaned(value) as Args;
  return JSON.stringify(args).length > ARGS_MAX_CHARS ? null : args;
}

/** The same with every text fit for a screen, and without members that are null: a schema may demand what a call leaves out. */
function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value, ARGS_MAX_CHARS);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cleaned);
  const entries = Object.entries(value).filter(([key, item]) => item !== null && !DROPPED_KEYS.has(key));
  return Object.fromEntries(entries.map(([key, item]) => [cleanText(key, NAME_MAX_CHARS), cleaned(item)]));
}

function firstOf(fields: Fields, keys: readonly string[]): unknown {
  return fields.get(keys.find((key) => fields.has(key)) ?? '');
}

/** `{"tool":"WHOIS","args":{…}}` and its like. */
function readCall(fields: Fields, candidates: ReplyCandidates): boolean {
  const key = NAME_KEYS.find((one) => typeof fields.get(one) === 'string');
  const given = firstOf(fields, ARGS_KEYS);
  // Many things have a name.
  if (key === undefined || (key === 'name' && given === undefined)) return false;
  // A tool's description, repeated, is no call of it.
  const isSchema = typeof given === 'object' && given !== null && 'properties' in given && 'type' in given;
  if (!isSchema) readNamed(String(fields.get(key)), given, candidates);
  return true;
}

function readVerdict(fields: Fields, candidates: ReplyCandidates): boolean {
  for (const key of KEYS.verdict) {
    const written = fields.get(key);
    const word = typeof written === 'string' ? readWord(written) : null;
    // Under the other keys anything may stand.
    if (word === null || (key !== 'verdict' && typeof word === 'string')) continue;
    const reasons = textsOf(firstOf(fields, KEYS.reasons));
    candidates.verdict(word, reasons, textsOf(firstOf(fields, KEYS.evidence)));
    return true;
  }
  return false;
}

function textsOf(value: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value.slice(0, MEMBERS_MAX) : [value];
  return items.filter((item) => typeof item === 'string');
}
