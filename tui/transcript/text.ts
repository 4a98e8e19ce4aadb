import { cleanText } from '../../src/model/clean.ts';

/** How a line is drawn; never the only carrier of a fact. */
export type TranscriptTone = 'plain' | 'dim' | 'strong' | 'ok' | 'bad' | 'warn' | 'info';

/** The tone of each verdict. */
export const KIND_TONES = { allow: 'ok', block: 'bad', unsure: 'warn' } as const;

/** One line of a transcript, clean and of any length. `indent` in steps; what is quoted stands deeper than what quotes it. */
export interface TranscriptLine {
  readonly indent: number;
  readonly tone: TranscriptTone;
  readonly text: string;
}

/** A type as it is when it came over a socket: the same, its strings and numbers without their brands. */
export type Brandless<T> = T extends string
  ? [keyof T] extends [keyof string]
    ? T
    : string
  : T extends number
    ? [keyof T] extends [keyof number]
      ? T
      : number
    : T extends readonly (infer E)[]
      ? readonly Brandless<E>[]
      : T extends object
        ? { readonly [K in keyof T]: Brandless<T[K]> }
        : T;

/** Longest line of quoted text, and most lines of one text: hostile text may be nothing but newlines. */
const QUOTED_MAX_CHARS = 2_000;
const QUOTED_MAX_LINES = 200;
const LATEST_DATE_MS = 8_640_000_000_000_000;

/** Shorthand for a line. */
export const line = (indent: number, tone: TranscriptTone, text: string): TranscriptLine => ({
  indent,
  tone,
  text,
});

/** What a model or a tool said, line by line and cleaned; blank lines are left out, what is too long is cut and said so. */
export function quotedLines(text: string, indent: number): TranscriptLine[] {
  const full = text.split(/\r\n|[\n\r\u2028\u2029]/).filter((part) => part.trim() !== '');
  const shown = full
    .slice(0, QUOTED_MAX_LINES)
    .map((part) => line(indent, 'dim', cleanText(part.replaceAll('\t', '  ').trimEnd(), QUOTED_MAX_CHARS)));
  const left = full.length - shown.length;
  return left === 0 ? shown : [...shown, line(indent, 'info', `… and ${countOf(left, 'more line')}`)];
}

/** A call as it was made: `WHOIS {"domain":"example.com"}`. */
export function callText(call: {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
}): string {
  return cleanText(`${cleanText(call.tool, 60)} ${JSON.stringify(call.args)}`, 400);
}

/** `1 sign`, `3 signs`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Milliseconds as a person reads them: `840 ms`, `12.5 s`. */
export function lengthText(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** A moment to the second, UTC; out of range for a date, the number it is. */
export function momentText(ms: number): string {
  if (!(Math.abs(ms) <= LATEST_DATE_MS)) return String(ms);
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
