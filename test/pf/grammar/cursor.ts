import type { Token } from './tokens.ts';

const NO_TOKEN: Token = { kind: 'mark', text: '' };

/**
 * Reads one logical line. The first problem is kept and ends the line: all that follow then see nothing more to read,
 * so that the grammar needs no error returns.
 */
export interface Cursor {
  readonly tokens: readonly Token[];
  at: number;
  problem: string | null;
}

/** A cursor before the first token. */
export function cursorOver(tokens: readonly Token[]): Cursor {
  return { tokens, at: 0, problem: null };
}

/** The next token without taking it; at the end a mark with empty text. */
export function peek(cursor: Cursor): Token {
  return cursor.tokens[cursor.at] ?? NO_TOKEN;
}

/** Takes the next token, whatever it is; at the end a mark with empty text. */
export function take(cursor: Cursor): Token {
  const token = peek(cursor);
  if (cursor.at < cursor.tokens.length) cursor.at += 1;
  return token;
}

/** True when nothing is left, also after a problem. */
export function atEnd(cursor: Cursor): boolean {
  return cursor.at >= cursor.tokens.length;
}

/** Notes a problem, unless the line has one already, and ends the line. */
export function fail(cursor: Cursor, problem: string): void {
  cursor.problem ??= problem;
  cursor.at = cursor.tokens.length;
}

/** Takes the next token when it is this mark or unquoted word. */
export function accept(cursor: Cursor, text: string): boolean {
  const token = peek(cursor);
  if (token.kind === 'string' || token.text !== text || text === '') return false;
  cursor.at += 1;
  return true;
}

/** Takes the next token, which has to be this mark or unquoted word. */
export function expect(cursor: Cursor, text: string): void {
  if (!accept(cursor, text)) fail(cursor, `expected ${quote(text)}, found ${found(cursor)}`);
}

/** Takes the next word if it is one of these; null and nothing taken otherwise. */
export function acceptOne<W extends string>(cursor: Cursor, words: readonly W[]): W | null {
  const token = peek(cursor);
  if (token.kind !== 'word') return null;
  const word = words.find((candidate) => candidate === token.text) ?? null;
  if (word !== null) cursor.at += 1;
  return word;
}

/** `item`, or `{ item, item item }`: commas between items are optional, an empty list is a problem. */
export function listOf(cursor: Cursor, what: string, item: () => void): void {
  if (!accept(cursor, '{')) {
    item();
    return;
  }
  if (peek(cursor).text === '}') fail(cursor, `an empty list of ${what}`);
  while (!atEnd(cursor) && !accept(cursor, '}')) {
    const before = cursor.at;
    item();
    accept(cursor, ',');
    if (cursor.at === before) fail(cursor, `expected ${what}, found ${found(cursor)}`);
  }
}

/** Text of the line for a message, at most 60 characters of it. */
export function quote(text: string): string {
  return `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}"`;
}

/** What stands next, for a message. */
export function found(cursor: Cursor): string {
  return atEnd(cursor) ? 'the end of the line' : quote(peek(cursor).text);
}
