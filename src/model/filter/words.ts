import { cleanText } from '../clean.ts';

const SHOWN_CHARS = 60;

/** One term as it stands in a filter: `-key:a|"b c"`. */
export interface Term {
  readonly isNegated: boolean;
  /** Null for bare words. */
  readonly key: string | null;
  /** The alternatives, at least one, none empty. */
  readonly values: readonly string[];
  /** The term as written, for messages. */
  readonly text: string;
  /** Where it begins: 1 is the first character. */
  readonly position: number;
}

export type ReadTerms =
  | { readonly ok: true; readonly terms: readonly Term[] }
  | { readonly ok: false; readonly error: string };

interface Value {
  readonly text: string;
  readonly isQuoted: boolean;
  /** The place after its last character. */
  readonly end: number;
}

const KEY = /([a-z]+):/iy;
const ADDRESS = /[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*(?![^\s|])/iy;

/** Splits a filter into its terms. Quotes keep spaces, bars and colons; in them a backslash keeps the next character. */
export function readTerms(text: string): ReadTerms {
  const terms: Term[] = [];
  for (let at = 0; at < text.length; ) {
    if (isSpace(text, at)) {
      at++;
      continue;
    }
    const term = readTerm(text, at);
    if ('error' in term) return { ok: false, error: term.error };
    terms.push(term);
    at += term.text.length;
  }
  return { ok: true, terms };
}

function readTerm(text: string, start: number): Term | { readonly error: string } {
  const isNegated = text[start] === '-';
  const first = isNegated ? start + 1 : start;
  // A bare IPv6 address may begin like a key: `dead:beef::1`.
  const key = matchAt(ADDRESS, text, first) === null ? matchAt(KEY, text, first) : null;
  const values: string[] = [];
  let at = first + (key?.length ?? 0);
  for (;;) {
    const value = readValue(text, at);
    if (value === null) return { error: `the quote at position ${text.indexOf('"', at) + 1} is not closed` };
    const where = `${shown(text.slice(start, value.end))} at position ${start + 1}`;
    if (value.text === '') return { error: `${where}: a value is missing` };
    if (value.isQuoted && !isEnd(text, value.end))
      return { error: `${where}: expected a space after the quote` };
    if (key === null && !value.isQuoted && value.text.includes(':') && matchAt(ADDRESS, text, at) === null) {
      return { error: `${where}: put text with a colon in quotes` };
    }
    values.push(value.text);
    at = value.end;
    if (text[at] !== '|') break;
    at++;
  }
  const name = key === null ? null : key.slice(0, -1).toLowerCase();
  return { isNegated, key: name, values, text: text.slice(start, at), position: start + 1 };
}

/** Text from a filter as it stands in a message. */
export function shown(text: string): string {
  return `"${cleanText(text, SHOWN_CHARS)}"`;
}

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

/** Null for a quote that is not closed. The quote may follow an `=`. */
function readValue(text: string, start: number): Value | null {
  const sign = text[start] === '=' && text[start + 1] === '"' ? '=' : '';
  if (text[start + sign.length] !== '"') {
    let end = start;
    while (!isEnd(text, end)) end++;
    return { text: text.slice(start, end), isQuoted: false, end };
  }
  let kept = sign;
  for (let at = start + sign.length + 1; at < text.length; at++) {
    if (text[at] === '"') return { text: kept, isQuoted: true, end: at + 1 };
    if (text[at] === '\\') at++;
    kept += text[at] ?? '';
  }
  return null;
}

function isEnd(text: string, at: number): boolean {
  return at >= text.length || text[at] === '|' || isSpace(text, at);
}

function isSpace(text: string, at: number): boolean {
  return text[at] === ' ' || text[at] === '\t';
}
