import type { Prompt } from '../../src/schema/prompt.ts';
import {
  cells,
  cut,
  cutLine,
  cutName,
  type Line,
  lineCells,
  type Segment,
  seg,
  type Tone,
} from '../draw/text.ts';
import {
  choicesOf,
  FIELDS,
  type ScopeEdit,
  type ScopeField,
  type ScopeSentence,
  scopeSentence,
} from '../state/scope-edit.ts';

const INDENT = '  ';
const NAME_CELLS_MIN = 10;
const APP_CELLS_MAX = 24;
const APP_CELLS_MIN = 8;

/**
 * The editor of a lasting answer in at most `rows` lines: the question, what can be chosen, and the sentence that will be in
 * force. With less room the sentence stays longest.
 */
export function scopeLines(
  edit: ScopeEdit,
  question: Prompt,
  head: Line,
  columns: number,
  rows: number,
): readonly Line[] {
  const sentence = sentenceLine(edit, question, columns);
  if (rows < 2) return [sentence];
  return rows < 3 ? [head, sentence] : [head, choicesLine(edit, question, columns), sentence];
}

/** Every field with its choices, the chosen ones in brackets; where that is too wide, the field being chosen alone. */
function choicesLine(edit: ScopeEdit, question: Prompt, columns: number): Line {
  const all = FIELDS.flatMap((field, index): Line => {
    const choices = fieldChoices(edit, field, question);
    return index === 0 ? choices : [seg(' · ', 'dim'), ...choices];
  });
  const wide: Line = [seg(INDENT), ...all];
  if (lineCells(wide) <= columns) return wide;
  return cutLine([seg(INDENT), ...fieldChoices(edit, edit.field, question)], columns);
}

function fieldChoices(edit: ScopeEdit, field: ScopeField, question: Prompt): Line {
  return choicesOf(field, question).map(({ value, label }) => {
    const isChosen = edit[field] === value;
    const tone: Tone = isChosen ? (edit.field === field ? 'caret' : 'strong') : 'dim';
    return seg(isChosen ? `[${label}]` : ` ${label} `, tone);
  });
}

interface Wording {
  readonly app: string;
  readonly to: string;
  readonly reach: string;
  readonly duration: string;
}

/** `allow curl to reach example.com for ever`, the field being chosen marked; in fewer words where there is less room. */
function sentenceLine(edit: ScopeEdit, question: Prompt, columns: number): Line {
  const words = scopeSentence(edit, question);
  const verb = seg(words.verb, edit.action === 'allow' ? 'ok' : 'bad');
  const tone = (field: ScopeField): Tone => (edit.field === field ? 'caret' : 'strong');
  const line = ({ app, to, reach, duration }: Wording, target: string): Segment[] => [
    ...[verb, seg(' '), seg(app, tone('app')), seg(` ${to} `)],
    ...[seg(`${target}${reach}`, tone('target')), seg(' '), seg(duration, tone('duration'))],
  ];
  for (const wording of wordingsOf(words)) {
    const room = columns - lineCells(line(wording, ''));
    if (room >= Math.min(cells(words.target), NAME_CELLS_MIN)) {
      return line(wording, cutName(words.target, room));
    }
  }
  // No room for a sentence: the verb, and the field being chosen.
  const room = Math.max(0, columns - words.verb.length - 2);
  const { app, target, duration } = words;
  const value = edit.field === 'target' ? cutName(target, room) : { app, duration }[edit.field];
  return cutLine([verb, seg(': '), seg(cut(value, room), 'caret')], columns);
}

function wordingsOf(words: ScopeSentence): readonly Wording[] {
  const full = { ...words, app: cut(words.app, APP_CELLS_MAX) };
  const reach = words.reach === '' ? '' : ' and below';
  const app = cut(words.app, APP_CELLS_MIN);
  const sign = {
    app,
    to: '›',
    reach: reach === '' ? '' : '+below',
    duration: words.duration.replace(/^for /, ''),
  };
  return [full, { ...full, reach }, { ...full, app, reach }, sign];
}
