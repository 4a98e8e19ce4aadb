import { TOOL_NAMES, VERDICT_NAME } from '../core/model.ts';
import { ReplyCandidates } from './candidates.ts';
import { readLabelLines } from './label-lines.ts';
import type { FoundJson } from './loose-json.ts';
import { readNamed, readObject } from './object.ts';
import { withoutTaggedCalls } from './tagged-calls.ts';
import { KEYS, plainKey } from './vocabulary.ts';

/** Text before a tool's arguments, and on one line beside a verdict, that is looked at. */
const BEFORE_MAX_CHARS = 120;
const BESIDE_MAX_CHARS = 400;
/** What may introduce a verdict on its line, even where something follows it. */
const INTRODUCTIONS = [...KEYS.verdict, 'json'];
/** What may stand between a tool's name and its arguments: markup, tokens of chat templates, and words such as "with arguments". */
const FILLER =
  /(?::\d{1,3})?(?:\s|[:=(*`"'|,>-]|<[^<>="']{0,40}>|\[CALL_ID\][\w-]{1,64}|\[[A-Z_]{1,20}\]|\b(?:json|args|arguments|action[ _]input|parameters|params|input|with)\b){0,30}$/;
const NAMES = [...TOOL_NAMES, VERDICT_NAME].join('|').replace('_', '[_ -]?');
const NAME_BEFORE = new RegExp(`(?<![\\p{L}\\p{N}_])(${NAMES})${FILLER.source}`, 'iu');
/** A name, even of a tool that does not exist, and the token (of Mistral, Kimi, DeepSeek) that stands between it and its arguments. */
const NAME_TOKEN =
  /([\w.-]{1,64})(?::\d{1,3})?(?:\[ARGS\]|<\|tool_call_argument_begin\|>|<｜tool▁sep｜>)\s{0,9}$/;

/** Reads all calls and verdicts in a reply's text, its thoughts taken out before. */
export function readText(text: string, candidates: ReplyCandidates): void {
  // Gemma writes its own quotes.
  const plain = withoutTaggedCalls(text.replace(/<escape>|<\|"\|>/g, '"'));
  const found = candidates.json.find(plain);
  for (const one of found) readFound(plain, one, candidates);
  const words = found.map(({ start }, i) => plain.slice(found[i - 1]?.end ?? 0, start));
  readLabelLines([...words, plain.slice(found.at(-1)?.end ?? 0)].join(' '), candidates);
}

function readFound(text: string, found: FoundJson, candidates: ReplyCandidates): void {
  const { value, start } = found;
  if ((isVerdict(value) && isQuoted(text, found)) || readObject(value, candidates)) return;
  const before = text.slice(Math.max(0, start - BEFORE_MAX_CHARS), start);
  const name = (NAME_BEFORE.exec(before) ?? NAME_TOKEN.exec(before))?.[1];
  if (name !== undefined) readNamed(name, value, candidates);
}

function isVerdict(value: object): boolean {
  const trial = new ReplyCandidates();
  readObject(value, trial);
  return trial.settle('').kind === 'verdict';
}

/**
 * Whether something stands in the middle of a sentence or in a quoted line, as what a page said would be told. A sentence that ends in a
 * colon introduces what follows, unless more follows that.
 */
function isQuoted(text: string, { start, end }: FoundJson): boolean {
  const before = text.slice(Math.max(0, start - BESIDE_MAX_CHARS), start);
  const line = before.slice(before.lastIndexOf('\n') + 1);
  // Markdown quotes with `>`, and our own fence marks each line of a stranger's text with `|`.
  if (/^\s*[>|]/.test(line)) return true;
  const after = text.slice(end, end + BESIDE_MAX_CHARS).split('\n', 1)[0] ?? '';
  const [said = '', follows = ''] = [line, after].map((part) => part.replace(/<[^<>]{0,60}>/g, ' '));
  if (!/[\p{L}\p{N}]/u.test(said) || INTRODUCTIONS.includes(plainKey(said))) return false;
  const isIntroduced = /[^\p{L}\p{N},\s][\s*_`"']{0,20}$/u.test(said);
  return !isIntroduced || /[\p{L}\p{N}]/u.test(follows);
}
