import type { Inquiry } from '../../src/model/inquiry.ts';
import { clean, cutLine, type Line, seg, wrap, wrapLines } from '../draw/text.ts';
import type { Loaded } from '../state/loaded.ts';
import type { TranscriptLine } from '../transcript/line.ts';
import { transcriptLines } from '../transcript/transcript.ts';

/** Lines of one transcript; what comes after is left to `judge show`. */
const LINES_MAX = 5_000;
/** Longest text and most lines that one line of a transcript becomes. */
const LINE_MAX_CHARS = 2_000;
const WRAP_MAX_LINES = 100;
const INDENT_CELLS = 2;

/** The transcript of an inquiry as lines of at most `columns` cells, or why there is none. */
export function transcriptPanel(
  id: number,
  { value: inquiry, error }: Loaded<Inquiry>,
  columns: number,
): readonly Line[] {
  if (error !== null) return wrapLines(error, columns, 'warn');
  if (inquiry === null) return [cutLine([seg(`asking the engine for inquiry ${id}…`, 'dim')], columns)];
  const lines: Line[] = [];
  for (const line of transcriptLines(inquiry)) {
    lines.push(...wrapped(line, columns));
    if (lines.length > LINES_MAX) {
      const rest = cutLine([seg(`… resolagent judge show ${id} tells the rest`, 'info')], columns);
      return [...lines.slice(0, LINES_MAX), rest];
    }
  }
  return lines;
}

/** What is quoted stays deeper than what quotes it, on every line that it takes. */
function wrapped({ indent, tone, text }: TranscriptLine, columns: number): readonly Line[] {
  if (text === '') return [[]];
  const deep = Math.max(0, Math.min(indent * INDENT_CELLS, Math.floor(columns / 3)));
  return wrap(clean(text, LINE_MAX_CHARS), columns - deep, WRAP_MAX_LINES).map((part) => [
    seg(' '.repeat(deep)),
    seg(part, tone),
  ]);
}
