import { CLEAN_MAX_CHARS, cleanText } from '../../src/model/clean.ts';

/** How text is drawn. A tone is never the only carrier of a fact: a word or a sign stands beside it. */
export type Tone = 'plain' | 'dim' | 'strong' | 'ok' | 'bad' | 'warn' | 'info' | 'loud' | 'caret';

/** A run of text in one tone; `text` is already clean. */
export interface Segment {
  readonly text: string;
  readonly tone: Tone;
}

/** One line of the screen. */
export type Line = readonly Segment[];

/** Shorthand for a segment. */
export const seg = (text: string, tone: Tone = 'plain'): Segment => ({ text, tone });

const ASCII = /^[\x20-\x7e]*$/;
const VARIATION_SELECTORS = /[\ufe00-\ufe0f]/g;
// Control, format, private and unassigned: drawn as nothing, or as whatever a font likes.
const UNDRAWABLE = /[\p{C}\p{Default_Ignorable_Code_Point}]/gu;
// Marks stack over the lines above and below; living scripts need two, attackers need more.
const STACKED_MARKS = /(\p{M}{2})\p{M}+/gu;
/** Text beside a head is wrapped to at least so many cells. */
const HANG_MIN_CELLS = 8;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Text from outside, safe to draw; `max` in characters. Every part of the screen that shows such text goes through here. */
export function clean(text: string, max: number = CLEAN_MAX_CHARS): string {
  if (ASCII.test(text)) return cleanText(text, max);
  const bounded = text.slice(0, max * 4).normalize('NFC');
  const safe = cleanText(bounded.replace(VARIATION_SELECTORS, ''), max);
  return safe.replace(UNDRAWABLE, '·').replace(STACKED_MARKS, '$1');
}

/** Terminal cells that a text takes. */
export function cells(text: string): number {
  return ASCII.test(text) ? text.length : Bun.stringWidth(text);
}

/** Cuts a text to at most `width` cells; what was cut ends in `…`. */
export function cut(text: string, width: number): string {
  if (width <= 0) return '';
  if (cells(text) <= width) return text;
  if (ASCII.test(text)) return `${text.slice(0, width - 1)}…`;
  return `${fitting(graphemes.segment(text), width - 1).join('')}…`;
}

/** Cuts a name to at most `width` cells from its start: whoever owns it chose the start, the end says who that is. */
export function cutName(name: string, width: number): string {
  if (width <= 0) return '';
  if (cells(name) <= width) return name;
  if (ASCII.test(name)) return `…${name.slice(name.length - width + 1)}`;
  return `…${fitting([...graphemes.segment(name)].toReversed(), width - 1)
    .toReversed()
    .join('')}`;
}

/** The first of some graphemes that have room; looks at no more than one beyond. */
function fitting(parts: Iterable<{ readonly segment: string }>, width: number): string[] {
  const kept: string[] = [];
  let used = 0;
  for (const { segment } of parts) {
    used += Bun.stringWidth(segment);
    if (used > width) break;
    kept.push(segment);
  }
  return kept;
}

/** Brings a text to exactly `width` cells: cut with `…`, or filled with spaces on the side away from `align`. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  if (width <= 0) return '';
  // Nearly all text is ASCII, and a feed of hundreds a second asks for its width a lot.
  if (ASCII.test(text)) {
    if (text.length > width) return `${text.slice(0, width - 1)}…`;
    return align === 'left' ? text.padEnd(width) : text.padStart(width);
  }
  const short = cut(text, width);
  const fill = ' '.repeat(Math.max(0, width - cells(short)));
  return align === 'left' ? short + fill : fill + short;
}

/** Breaks a text into lines of at most `width` cells, at spaces where it can; at most `maxLines`, the last cut with `…`. */
export function wrap(text: string, width: number, maxLines = 20): string[] {
  if (width <= 0) return [];
  const lines: string[] = [];
  let rest = text;
  while (cells(rest) > width && lines.length < maxLines - 1) {
    const head = headOf(rest, width);
    const space = head.lastIndexOf(' ');
    const end = space > width / 3 ? space : head.length;
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  lines.push(cut(rest, width));
  return lines;
}

/** The longest start of a text that fits, at least one character so that wrapping always gets on. */
function headOf(text: string, width: number): string {
  if (ASCII.test(text)) return text.slice(0, width);
  const fits = fitting(graphemes.segment(text), width).join('');
  return fits === '' ? (graphemes.segment(text).containing(0)?.segment ?? '') : fits;
}

/** A text as lines of one tone, as `wrap` breaks it. */
export function wrapLines(text: string, width: number, tone: Tone = 'plain', maxLines?: number): Line[] {
  return wrap(text, width, maxLines).map((part) => [seg(part, tone)]);
}

/** A text wrapped beside a head: its further lines stand as far in as its first. Callers cut where there is hardly any room. */
export function hang(
  head: Line,
  text: string,
  columns: number,
  tone: Tone = 'plain',
  maxLines?: number,
): Line[] {
  const indent = lineCells(head);
  const spaces = seg(' '.repeat(indent));
  const room = Math.max(HANG_MIN_CELLS, columns - indent);
  return wrap(text, room, maxLines).map((part, i) => [...(i === 0 ? head : [spaces]), seg(part, tone)]);
}

/** Parts of a line with `gap` between them. */
export function spaced(parts: Line, gap: Segment): Segment[] {
  return parts.flatMap((part, i) => (i === 0 ? [part] : [gap, part]));
}

/** Cells of a whole line. */
export function lineCells(line: Line): number {
  let sum = 0;
  for (const part of line) sum += cells(part.text);
  return sum;
}

/** Cuts a line to at most `width` cells, keeping the tones. */
export function cutLine(line: Line, width: number): Line {
  const kept: Segment[] = [];
  let left = width;
  for (const part of line) {
    const size = cells(part.text);
    if (size > left) {
      if (left > 0) kept.push({ text: cut(part.text, left), tone: part.tone });
      return kept;
    }
    kept.push(part);
    left -= size;
  }
  return kept;
}
