import { cleanText } from '../../src/model/clean.ts';
import { countOf } from '../draw/format.ts';
import type { Tone } from '../draw/text.ts';

/** One line of a transcript, clean and of any length. `indent` in steps; what is quoted stands deeper than what quotes it. */
export interface TranscriptLine {
  readonly indent: number;
  readonly tone: Exclude<Tone, 'loud' | 'caret'>;
  readonly text: string;
}

/** Longest line of quoted text, and most lines of one text: hostile text may be nothing but newlines. */
const QUOTED_MAX_CHARS = 2_000;
const QUOTED_MAX_LINES = 200;

/** A line a text, all alike; null is left out. */
export function lines(
  indent: number,
  tone: TranscriptLine['tone'],
  ...texts: readonly (string | null)[]
): TranscriptLine[] {
  return texts.filter((text) => text !== null).map((text) => ({ indent, tone, text }));
}

/** What a model or a tool said, line by line and cleaned; blank lines are left out, what is too long is cut and said so. */
export function quotedLines(text: string, indent: number): TranscriptLine[] {
  const full = text.split(/\r\n|[\n\r\u2028\u2029]/).filter((part) => part.trim() !== '');
  const shown = full
    .slice(0, QUOTED_MAX_LINES)
    .map((part) => cleanText(part.replaceAll('\t', '  ').trimEnd(), QUOTED_MAX_CHARS));
  const rest = full.length - shown.length;
  const more = rest === 0 ? null : `… and ${countOf(rest, 'more line')}`;
  return [...lines(indent, 'dim', ...shown), ...lines(indent, 'info', more)];
}
