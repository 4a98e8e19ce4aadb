import type { Answers } from './answers.ts';
import { type Args, isKnownName, readArgs, readToolName, VERDICT_NAME } from './args.ts';
import { readObject } from './object.ts';

/** Longest arguments in markup that are looked at. */
const BODY_MAX_CHARS = 8_192;
/** Calls in markup that are looked at in one reply. */
const MARKS_MAX = 32;

/** Markup that gives a name and then JSON. */
const NAMED: readonly RegExp[] = [
  // Mistral
  /\[TOOL_CALLS\]\s{0,9}([\w.-]{1,64})(?:\[CALL_ID\][\w-]{0,64})?(?:\[ARGS\])?(?=\s{0,9}\{)/g,
  // DeepSeek
  /<｜tool▁call▁begin｜>(?:function<｜tool▁sep｜>)?([\w.-]{1,64})(?:<｜tool▁sep｜>)?\s{0,9}(?:```(?:json)?)?/g,
  // Kimi
  /<\|tool_call_begin\|>\s{0,9}([\w.:-]{1,80})\s{0,9}<\|tool_call_argument_begin\|>/g,
  // ReAct
  /^[ \t*#-]{0,9}Action\s{0,3}:[ \t*`]{0,9}([\w.-]{1,64})[ \t*`]{0,9}\n{1,3}[ \t*#-]{0,9}Action[ _]Input\s{0,3}:[ \t*]{0,9}(?:```)?(?:json)?/gim,
  // Gemma
  /<(?:start_function_call|\|tool_call)>\s{0,9}call:([\w.-]{1,64})(?=\{)/g,
];

/** Markup that gives a name and then parameters in tags, or JSON: Llama and Qwen Coder, Claude, GLM. */
const TAGGED =
  /<function=["']?([\w.-]{1,64})["']?\s{0,4}>|<(?:\w{1,12}:|｜DSML｜)?invoke\s{1,4}name=["']([\w.-]{1,64})["']\s{0,4}>|<tool_call>\s{0,9}([\w.-]{1,64})\s{0,9}(?=<arg_key>)|<(whois|dns_resolve|virustotal|fetch|certificate|history)>(?=\s{0,9}<)/gi;
const TAGGED_END =
  /<\/(?:\w{1,12}:|｜DSML｜)?(?:function|invoke|tool_call|whois|dns_resolve|virustotal|fetch|certificate|history)>/gi;
const PARAMETER =
  /<(?:\w{1,12}:|｜DSML｜)?parameter(?:=|\s{1,4}name=)["']?([\w.-]{1,64})["']?[^<>]{0,40}>|<arg_key>\s{0,9}([\w.-]{1,64})\s{0,9}<\/arg_key>\s{0,9}<arg_value>|<([a-z_]\w{0,40})>/gi;
const PARAMETER_END = /<\/(?:\w{1,12}:|｜DSML｜)?(?:parameter|arg_value|[a-z_]\w{0,40})>/gi;

/** Reads the calls that are written in the markup of some model family, whose name is not in their JSON; returns the text without them. */
export function readMarkup(text: string, answers: Answers): string {
  // Gemma writes its own quotes.
  const plain = text.replaceAll('<escape>', '"').replaceAll('<|"|>', '"');
  const tagged = readTagged(plain, answers);
  return NAMED.reduce((rest, pattern) => readNamed(rest, pattern, answers), tagged);
}

/** A call by its name as it was written; one named VERDICT is a verdict. */
export function addWritten(written: string, args: Args, answers: Answers): void {
  const name = readToolName(written);
  if (name === null) answers.sawExample();
  else if (name !== VERDICT_NAME) answers.call(null, name, args);
  else if (args.kind === 'bad') answers.problem(`the arguments of ${name} ${args.why}`);
  else if (!readObject(args.args, answers)) answers.problem('it calls VERDICT without a verdict');
}

function readNamed(text: string, pattern: RegExp, answers: Answers): string {
  const regions: Region[] = [];
  for (const match of text.matchAll(pattern)) {
    if (regions.length === MARKS_MAX || match.index < (regions.at(-1)?.end ?? 0)) continue;
    const at = match.index + match[0].length;
    const start = at + (/^\s{1,20}/.exec(text.slice(at, at + 20))?.[0].length ?? 0);
    const found = text.charAt(start) === '{' ? answers.json.findAt(text, start) : null;
    const isNothing = /^(?:<[|｜/][^<>]{1,40}>|none\b|null\b)/i.test(text.slice(start, start + 50));
    const args: Args =
      found !== null || isNothing
        ? readArgs(found?.value, answers.json)
        : { kind: 'bad', why: 'are not a whole JSON object' };
    addWritten(match[1] ?? '', args, answers);
    regions.push({ start: match.index, end: found?.end ?? at });
  }
  return without(text, regions);
}

function readTagged(text: string, answers: Answers): string {
  const regions: Region[] = [];
  for (const match of text.matchAll(TAGGED)) {
    if (regions.length === MARKS_MAX || match.index < (regions.at(-1)?.end ?? 0)) continue;
    const start = match.index + match[0].length;
    const end = indexOf(TAGGED_END, text, start);
    const body = text.slice(start, Math.min(end ?? text.length, start + BODY_MAX_CHARS)).trim();
    const args = /^[{[]/.test(body)
      ? readArgs(body, answers.json)
      : readParameters(body, end !== null, answers);
    addWritten(match[1] ?? match[2] ?? match[3] ?? match[4] ?? '', args, answers);
    regions.push({ start: match.index, end: end ?? text.length });
  }
  return without(text, regions);
}

function readParameters(body: string, isClosed: boolean, answers: Answers): Args {
  if (!isClosed) return { kind: 'bad', why: 'end in the middle' };
  const entries: [string, unknown][] = [];
  let passed = 0;
  for (const match of body.matchAll(PARAMETER)) {
    if (match.index < passed) continue;
    const start = match.index + match[0].length;
    const end = indexOf(PARAMETER_END, body, start);
    if (end === null || entries.length === MARKS_MAX) return { kind: 'bad', why: 'end in the middle' };
    passed = end;
    entries.push([match[1] ?? match[2] ?? match[3] ?? '', plainValue(body.slice(start, end).trim())]);
  }
  return readArgs(Object.fromEntries(entries), answers.json);
}

/** Text between tags: numbers, booleans and lists are what they look like. */
function plainValue(text: string): unknown {
  if (!/^(?:-?\d{1,15}|true|false|null|[[{][\s\S]*)$/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What may stand between the name of a tool and its arguments. */
const NAME_BEFORE =
  /(?:^|[^\p{L}\p{N}_])([\p{L}_][\w.]{1,40}(?::\d{1,3})?)(?:\s|[:=(*`"'|,>-]|<[^<>]{0,40}>|\[[A-Z_]{1,20}\]|\b(?:json|args|arguments|action[ _]input|parameters|params|input|with)\b){0,30}$/iu;
const BEFORE_MAX_CHARS = 120;

/** The tool that is named right before a place, markup and words such as "with arguments" between them; null when none is. */
export function nameBefore(text: string, at: number): string | null {
  const written = NAME_BEFORE.exec(text.slice(Math.max(0, at - BEFORE_MAX_CHARS), at))?.[1] ?? '';
  return isKnownName(written) ? written : null;
}

interface Region {
  readonly start: number;
  readonly end: number;
}

/** A text with blanks where something was read already. */
export function without(text: string, regions: readonly Region[]): string {
  let rest = '';
  let from = 0;
  for (const { start, end } of regions) {
    rest += `${text.slice(from, start)} `;
    from = end;
  }
  return rest + text.slice(from);
}

function indexOf(pattern: RegExp, text: string, from: number): number | null {
  const search = new RegExp(pattern);
  search.lastIndex = from;
  return search.exec(text)?.index ?? null;
}
