import { VERDICT_NAME } from '../core/model.ts';
import type { ReplyCandidates } from './candidates.ts';
import { type Args, readArgs, readToolName } from './tool-call.ts';
import { EVIDENCE_KEYS, plainKey, REASON_KEYS, readWord, VERDICT_KEYS } from './vocabulary.ts';

const DEPTH_MAX = 5;
const ITEMS_MAX = 32;
const KEYS_MAX = 64;

const NAME_KEYS = ['tool', 'toolname', 'function', 'recipientname', 'name'];
const ARGS_KEYS = ['args', 'arguments', 'parameters', 'input'];
/** Under these a call, calls or a verdict may be nested. */
const NESTED_KEYS = [
  ...['toolcalls', 'toolcall', 'tools', 'tooluses', 'functioncall', 'function', 'tool', 'calls'],
  ...['verdict', 'answer', 'response', 'result', 'output'],
];

/** Members by their plain keys. */
type Fields = ReadonlyMap<string, unknown>;

/** Reads the calls and verdicts in a JSON value, nested ones too. True when there was anything of the kind, an example included. */
export function readObject(value: unknown, candidates: ReplyCandidates, depth = 0): boolean {
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return false;
  const entries = Object.entries(value).slice(0, Array.isArray(value) ? ITEMS_MAX : KEYS_MAX);
  // A member that is null counts as left out: a schema may demand it.
  const present = entries.filter(([, item]) => item !== null);
  const fields = new Map(present.map(([key, item]) => [plainKey(key), item]));
  const inner = Array.isArray(value) ? value.slice(0, ITEMS_MAX) : NESTED_KEYS.map((key) => fields.get(key));
  const isInner = inner.map((item) => readObject(item, candidates, depth + 1)).includes(true);
  const isCall = readCall(fields, candidates);
  return readVerdict(fields, candidates) || isCall || isInner;
}

/** Reads a call by its name as it was written; one named VERDICT is a verdict. */
export function readNamed(written: string, args: Args, candidates: ReplyCandidates, callId = ''): void {
  const name = readToolName(written);
  if (name === null) candidates.sawExample();
  else if (args.kind === 'bad') candidates.problem(`the arguments of ${name} ${args.why}`);
  else if (name !== VERDICT_NAME) candidates.call(callId, name, args.args);
  else if (!readObject(args.args, candidates)) candidates.problem(`it calls ${name} without a verdict`);
}

function firstOf(fields: Fields, keys: readonly string[]): unknown {
  return fields.get(keys.find((key) => fields.has(key)) ?? '');
}

/** `{"tool":"WHOIS","args":{…}}` and its like. */
function readCall(fields: Fields, candidates: ReplyCandidates): boolean {
  const key = NAME_KEYS.find((one) => typeof fields.get(one) === 'string');
  const written = String(fields.get(key ?? '') ?? '');
  const given = firstOf(fields, ARGS_KEYS);
  // Many things have a name.
  if (key === undefined || (key === 'name' && given === undefined)) return false;
  // A tool's description, repeated, is no call of it.
  const isSchema = typeof given === 'object' && given !== null && 'properties' in given && 'type' in given;
  if (isSchema) candidates.sawExample();
  else readNamed(written, readArgs(given, candidates.json), candidates);
  return true;
}

function readVerdict(fields: Fields, candidates: ReplyCandidates): boolean {
  for (const key of VERDICT_KEYS) {
    const written = fields.get(key);
    const word = typeof written === 'string' ? readWord(written) : null;
    if (word?.kind === 'word') {
      const reasons = [...textsOf(firstOf(fields, REASON_KEYS)), word.rest];
      candidates.verdict(word.verdict, reasons, textsOf(firstOf(fields, EVIDENCE_KEYS)));
      return true;
    }
    // Under the other keys anything may stand.
    if (word === null || key !== 'verdict') continue;
    candidates.notVerdict(word);
    return true;
  }
  return false;
}

function textsOf(value: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value.slice(0, ITEMS_MAX) : [value];
  return items.filter((item) => typeof item === 'string');
}
