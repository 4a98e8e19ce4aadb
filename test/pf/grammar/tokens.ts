/** One finding of the anchor check: a 1-based line of the text, and what is wrong with it in one sentence. */
export interface Problem {
  readonly line: number;
  readonly text: string;
}

/** A word, a quoted string or a punctuation mark of pf.conf(5). */
export interface Token {
  readonly kind: 'word' | 'string' | 'mark';
  readonly text: string;
}

/** The tokens of one logical line; `line` is where it begins. A backslash before the line's end continues it. */
export interface TokenLine {
  readonly line: number;
  readonly tokens: readonly Token[];
}

/** A longer text is refused unread; the largest anchor we render has under 40 KB. */
export const ANCHOR_MAX_CHARS = 262_144;

const MARKS = ['->', '!=', '<=', '>=', '<>', '><', '{', '}', '(', ')', ',', '!', '<', '>', '='];
const WORD = /[A-Za-z0-9_.:/%*+$-]/;

/**
 * Cuts anchor text into logical lines of tokens; comments and blank lines are dropped. A line that cannot be cut
 * (an unknown character, an open quote) is reported and left out; a list over several lines is reported and read on.
 */
export function tokenizeAnchor(text: string): {
  readonly lines: readonly TokenLine[];
  readonly problems: readonly Problem[];
} {
  const lines: TokenLine[] = [];
  const problems: Problem[] = [];
  if (text.length > ANCHOR_MAX_CHARS) {
    return { lines, problems: [{ line: 1, text: `longer than ${ANCHOR_MAX_CHARS} characters` }] };
  }
  let list: OpenList | null = null;
  for (const { line, source } of logicalLines(text)) {
    const cut = tokenizeLine(source);
    if (typeof cut === 'string') {
      problems.push({ line, text: cut });
      continue;
    }
    const current: OpenList = list ?? { line, tokens: [], depth: 0 };
    current.tokens.push(...cut);
    current.depth += depthOf(cut);
    if (current.depth > 0 && list === null) problems.push({ line, text: LIST_BREAK });
    list = current.depth > 0 ? current : null;
    if (list === null && current.tokens.length > 0)
      lines.push({ line: current.line, tokens: current.tokens });
  }
  return { lines, problems };
}

interface OpenList {
  readonly line: number;
  readonly tokens: Token[];
  depth: number;
}

const LIST_BREAK = 'a line break inside { }: pf wants a list on one line';

function depthOf(tokens: readonly Token[]): number {
  let depth = 0;
  for (const { kind, text } of tokens) if (kind === 'mark') depth += text === '{' ? 1 : text === '}' ? -1 : 0;
  return depth;
}

function logicalLines(text: string): { line: number; source: string }[] {
  const joined: { line: number; source: string }[] = [];
  let open: { line: number; source: string } | null = null;
  for (const [index, part] of text.split('\n').entries()) {
    const current: { line: number; source: string } = open ?? { line: index + 1, source: '' };
    const continued = part.endsWith('\\');
    current.source += continued ? `${part.slice(0, -1)} ` : part;
    open = continued ? current : null;
    if (!continued) joined.push(current);
  }
  if (open !== null) joined.push(open);
  return joined;
}

/** Cuts one line without its continuation; a text says why it cannot be cut. */
export function tokenizeLine(source: string): Token[] | string {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const c = source.charAt(at);
    if (c === '#') break;
    if (c === ' ' || c === '\t') {
      at += 1;
      continue;
    }
    const token = tokenAt(source, at);
    if (typeof token === 'string') return token;
    at += token.kind === 'string' ? token.text.length + 2 : token.text.length;
    tokens.push(token);
  }
  return tokens;
}

function tokenAt(source: string, at: number): Token | string {
  if (source.charAt(at) === '"') {
    const end = source.indexOf('"', at + 1);
    if (end < 0) return 'a quote that its line does not close';
    return { kind: 'string', text: source.slice(at + 1, end) };
  }
  // Before words: `->` begins with a character that words may hold.
  const mark = MARKS.find((candidate) => source.startsWith(candidate, at));
  if (mark !== undefined) return { kind: 'mark', text: mark };
  let end = at;
  while (end < source.length && WORD.test(source.charAt(end)) && !source.startsWith('->', end)) end += 1;
  if (end === at) return `a character that pf.conf does not know: ${JSON.stringify(source.charAt(at))}`;
  return { kind: 'word', text: source.slice(at, end) };
}
