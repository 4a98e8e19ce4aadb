import type { Question } from '../src/control/judge-schema.ts';
import { scopeSentence } from './question-words.ts';
import { choicesOf, type ScopeEdit, type ScopeField } from './scope-edit.ts';
import { cells, cut, cutLine, cutName, type Line, lineCells, type Segment, seg, type Tone } from './text.ts';

const INDENT = '  ';
const NAME_CELLS_MIN = 10;
const APP_CELLS_MAX = 24;
const FIELDS: readonly ScopeField[] = ['app', 'target', 'duration'];

/**
 * The editor of a lasting answer in at most `rows` lines: the question, what can be chosen, and the sentence that will be in
 * force. With less room the sentence stays longest.
 */
export function scopeLines(
  edit: ScopeEdit,
  question: Question,
  head: Line,
  columns: number,
  rows: number,
): readonly Line[] {
  const sentence = sentenceLine(edit, question, columns);
  if (rows < 2) return [sentence];
  return rows < 3 ? [head, sentence] : [head, choicesLine(edit, question, columns), sentence];
}

/** Every field with its choices, the chosen ones in brackets; where that is too wide, the field being chosen alone. */
function choicesLine(edit: ScopeEdit, question: Question, columns: number): Line {
  const all = FIELDS.flatMap((field, index): Line => {
    const choices = fieldChoices(edit, field, question);
    return index === 0 ? choices : [seg(' · ', 'dim'), ...choices];
  });
  const wide: Line = [seg(INDENT), ...all];
  if (lineCells(wide) <= columns) return wide;
  return cutLine([seg(INDENT), ...fieldChoices(edit, edit.field, question)], columns);
}

function fieldChoices(edit: ScopeEdit, field: ScopeField, question: Question): Line {
  return choicesOf(field, question).map(({ value, label }) => {
    const isChosen = edit[field] === value;
    const tone: Tone = isChosen ? (edit.field === field ? 'caret' : 'strong') : 'dim';
    return seg(isChosen ? `[${label}]` : ` ${label} `, tone);
  });
}

/** `allow curl to reach example.com for ever`, the field being chosen marked. */
function sentenceLine(edit: ScopeEdit, question: Question, columns: number): Line {
  const words = scopeSentence(edit, question);
  const tone = (field: ScopeField): Tone => (edit.field === field ? 'caret' : 'strong');
  const line = (app: string, target: string, reach: string): Segment[] => [
    seg(`${words.verb} `, edit.action === 'allow' ? 'ok' : 'bad'),
    seg(app, tone('app')),
    seg(` ${words.to} `),
    seg(`${target}${reach}`, tone('target')),
    seg(' '),
    seg(words.duration, tone('duration')),
  ];
  const app = cut(words.app, APP_CELLS_MAX);
  const reach = words.reach === '' ? '' : ' and below';
  for (const [who, beyond] of [
    [app, words.reach],
    [app, reach],
    [cut(app, 8), reach],
  ] as const) {
    const room = columns - lineCells(line(who, '', beyond));
    if (room >= Math.min(cells(words.target), NAME_CELLS_MIN)) {
      return line(who, cutName(words.target, room), beyond);
    }
  }
  // No room for a sentence: the verb, and the field being chosen.
  const value = { app, target: `${words.target}${reach}`, duration: words.duration }[edit.field];
  const room = columns - words.verb.length - 2;
  const part = edit.field === 'target' ? cutName(value, room) : cut(value, room);
  return cutLine(
    [seg(`${words.verb}: `, edit.action === 'allow' ? 'ok' : 'bad'), seg(part, 'caret')],
    columns,
  );
}
