import { TOOL_NAMES, VERDICT_NAME } from '../core/model.ts';
import { ReplyCandidates } from './candidates.ts';
import { readLabelLines } from './label-lines.ts';
import { type FoundJson, without } from './loose-json.ts';
import { readNamed, readObject } from './object.ts';
import { isQuoted } from './quoted.ts';
import { readTaggedCalls } from './tagged-calls.ts';
import { readArgs } from './tool-call.ts';

const BEFORE_MAX_CHARS = 120;
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
  const untagged = readTaggedCalls(text.replace(/<escape>|<\|"\|>/g, '"'), candidates);
  const found = candidates.json.find(untagged);
  for (const one of found) readFound(untagged, one, candidates);
  readLabelLines(without(untagged, found), candidates);
}

function readFound(text: string, found: FoundJson, candidates: ReplyCandidates): void {
  if (isQuoted(text, found) && isVerdict(found.value)) {
    candidates.sawExample();
    return;
  }
  if (readObject(found.value, candidates)) return;
  const name = nameBefore(text, found.start);
  if (name !== null) readNamed(name, readArgs(found.value, candidates.json), candidates);
}

function isVerdict(value: object): boolean {
  const trial = new ReplyCandidates();
  readObject(value, trial);
  return trial.settle('').kind === 'verdict';
}

/** The tool that is named right before a place; null when none is. */
function nameBefore(text: string, at: number): string | null {
  const before = text.slice(Math.max(0, at - BEFORE_MAX_CHARS), at);
  return (NAME_BEFORE.exec(before) ?? NAME_TOKEN.exec(before))?.[1] ?? null;
}
