import { Answers } from './answers.ts';
import { readArgs } from './args.ts';
import type { FoundJson } from './loose-json.ts';
import { addWritten, nameBefore, readMarkup, without } from './markup.ts';
import { plainKey, readObject } from './object.ts';
import { readProse } from './prose.ts';
import { readPythonCalls } from './python.ts';

/** Text on one line beside a JSON object that is looked at. */
const BESIDE_MAX_CHARS = 400;
/** What may introduce a verdict on its line, even where something follows it. */
const INTRODUCTIONS: ReadonlySet<string> = new Set([
  ...[
    'verdict',
    'finalverdict',
    'myverdict',
    'answer',
    'finalanswer',
    'decision',
    'json',
    'output',
    'response',
  ],
  ...['result', 'reply', 'urteil', 'antwort', 'veredicto', 'verdetto', '判定', '结论'],
]);

/** Reads all calls and verdicts in a reply's text, its thoughts taken out before. */
export function readText(text: string, answers: Answers): void {
  const unmarked = readPythonCalls(readMarkup(text, answers), answers);
  const found = answers.json.find(unmarked);
  for (const one of found) readFound(unmarked, one, answers);
  readProse(without(unmarked, found), answers);
}

function readFound(text: string, found: FoundJson, answers: Answers): void {
  if (isQuoted(text, found) && isVerdict(found.value)) {
    answers.sawExample();
    return;
  }
  if (readObject(found.value, answers)) return;
  const name = nameBefore(text, found.start);
  if (name !== null) addWritten(name, readArgs(found.value, answers.json), answers);
}

function isVerdict(value: object): boolean {
  const trial = new Answers();
  readObject(value, trial);
  return trial.weigh('').kind === 'verdict';
}

/**
 * Whether something stands in the middle of a sentence or in a quoted line, as what a page said would be told. A sentence that ends in a
 * colon introduces what follows, unless more follows that.
 */
function isQuoted(text: string, { start, end, isWhole }: FoundJson): boolean {
  const before = text.slice(Math.max(0, start - BESIDE_MAX_CHARS), start);
  const line = before.slice(before.lastIndexOf('\n') + 1);
  // Markdown quotes with `>`, and our own fence marks each line of a stranger's text with `|`.
  if (/^\s*[>|]/.test(line)) return true;
  const after = text.slice(end, end + BESIDE_MAX_CHARS).split('\n', 1)[0] ?? '';
  const [said = '', follows = ''] = [line, after].map((part) => part.replace(/<[^<>]{0,60}>/g, ' '));
  if (!/[\p{L}\p{N}]/u.test(said) || INTRODUCTIONS.has(plainKey(said))) return false;
  const isIntroduced = /[^\p{L}\p{N},\s][\s*_`"']{0,20}$/u.test(said);
  return !isWhole || !isIntroduced || /[\p{L}\p{N}]/u.test(follows);
}
