import type { Answers } from './answers.ts';
import { type Args, readArgs, TOOL_NAMES, VERDICT_NAME } from './args.ts';
import { addWritten, without } from './markup.ts';

/** Longest arguments of one call. */
const CALL_MAX_CHARS = 4_096;
const CALLS_MAX = 32;
/** Places of one reply that look like a call and are none. */
const MISSES_MAX = 32;
const NAMES = [...TOOL_NAMES, VERDICT_NAME].join('|');
/** Where a call begins: with its line, or with the one before it. */
const START = new RegExp(
  `(?:^|<\\|python_(?:tag|start)\\|>)[ \\t*\`[(-]{0,9}(?:print\\()?(?:default_api\\.|functions\\.|tools\\.)?(${NAMES})(?:\\.call)?\\(`,
  'gim',
);
const NEXT = new RegExp(`\\s{0,9}[,;]\\s{0,9}(${NAMES})\\(`, 'iy');
const KEYWORD = /\s*([a-z_]\w{0,40})\s*=(?!=)\s*/iy;

/**
 * Reads calls in the manner of Python, as Llama and Gemma write them: `[WHOIS(domain="example.com"), HISTORY()]`. Only where a line
 * holds nothing else, since prose mentions tools in this way too. Returns the text without them.
 */
export function readPythonCalls(text: string, answers: Answers): string {
  const regions: { start: number; end: number }[] = [];
  let missesLeft = MISSES_MAX;
  for (const match of text.matchAll(START)) {
    if (regions.length === CALLS_MAX || missesLeft === 0) break;
    if (match.index < (regions.at(-1)?.end ?? 0)) continue;
    const end = readChain(text, match[1] ?? '', match.index + match[0].length, answers);
    if (end === null) missesLeft--;
    else regions.push({ start: match.index, end });
  }
  return without(text, regions);
}

/** Reads calls from behind the bracket of the first one; returns where they end, null when they are not calls. */
function readChain(text: string, first: string, start: number, answers: Answers): number | null {
  const calls: { readonly name: string; readonly args: Args }[] = [];
  let name: string | undefined = first;
  let at = start;
  while (name !== undefined && calls.length < CALLS_MAX) {
    const close = closingBracket(text, at);
    const args = close === null ? null : readKeywords(text.slice(at, close), answers);
    if (close === null || args === null) return null;
    calls.push({ name, args });
    NEXT.lastIndex = close + 1;
    name = NEXT.exec(text)?.[1];
    at = name === undefined ? close + 1 : NEXT.lastIndex;
  }
  if (!/^[^\p{L}\p{N}\n]{0,20}(?:#[^\n]{0,200})?(?:\n|$|<)/u.test(text.slice(at, at + 240))) return null;
  for (const call of calls) addWritten(call.name, call.args, answers);
  return at;
}

/** Where the bracket closes that was opened before `start`; null when it does not, or too late. */
function closingBracket(text: string, start: number): number | null {
  let depth = 1;
  let quote = '';
  for (let i = start; i < Math.min(text.length, start + CALL_MAX_CHARS); i++) {
    const c = text.charAt(i);
    if (c === '\\') i++;
    else if (quote !== '') quote = c === quote ? '' : quote;
    else if (c === '"' || c === "'") quote = c;
    else if ('([{'.includes(c)) depth++;
    else if (')]}'.includes(c) && --depth === 0) return i;
  }
  return null;
}

/** `a="x", b=[1]` as an object; one JSON object passes as it is. Null for what only looks like a call. */
function readKeywords(text: string, answers: Answers): Args | null {
  const bare = text.trim();
  if (bare === '' || bare.startsWith('{')) return readArgs(bare, answers.json);
  if (/^["']/.test(bare)) return { kind: 'bad', why: 'are not a JSON object' };
  const members: string[] = [];
  let at = 0;
  while (at < bare.length) {
    KEYWORD.lastIndex = at;
    const key = KEYWORD.exec(bare)?.[1];
    if (key === undefined) return null;
    const end = valueEnd(bare, KEYWORD.lastIndex);
    members.push(`"${key}": ${bare.slice(KEYWORD.lastIndex, end)}`);
    at = end + 1;
  }
  return readArgs(`{${members.join(', ')}}`, answers.json);
}

/** Where the value of an argument ends: at a comma outside of quotes and brackets, or with the text. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  let quote = '';
  for (let i = start; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === '\\') i++;
    else if (quote !== '') quote = c === quote ? '' : quote;
    else if (c === '"' || c === "'") quote = c;
    else if ('([{'.includes(c)) depth++;
    else if (')]}'.includes(c)) depth--;
    else if (c === ',' && depth === 0) return i;
  }
  return text.length;
}
