import { formatCount } from './draw/format.ts';
import { cells, clean, cut, cutLine, type Line, lineCells, type Segment, seg, wrap } from './draw/text.ts';
import { judgeLine } from './judge/words.ts';
import type { KeyAction, KeyPlace } from './keys/binding.ts';
import { hintsFor } from './keys/keys.ts';
import { listLine, progressLine } from './list-words.ts';
import { canAnswer } from './press/pressed.ts';
import { chosenList, type Snapshot } from './snapshot.ts';
import type { FilterEdit, Toast } from './ui-state.ts';

const NARROW_COLUMNS = 60;
const NEEDS_ENGINE: ReadonlySet<KeyAction> = new Set([
  'allow',
  'block',
  'undo',
  'remove_rule',
  'switch_list',
  'update_lists',
  'replay',
  'forget',
]);

const ANSWERS: ReadonlySet<KeyAction> = new Set(['answer_allow', 'answer_block', 'scope_allow']);

/** True when the strip says something that must be seen even where there is no room for a resting strip. */
export function stripNeeded(picture: Snapshot): boolean {
  const { ui } = picture;
  const list = ui.view === 'lists' ? picture.lists[chosenList(picture)] : undefined;
  if (
    picture.judge.replaying !== null ||
    picture.listProgress !== null ||
    (list !== undefined && list.error !== null)
  )
    return true;
  return ui.quitting || ui.edit !== null || ui.toast !== null || ui.frozen || ui.filter !== '';
}

/** The line above the keys: a question, else the filter being typed, else the latest answer, else where the list stands. */
export function stripLine(picture: Snapshot, columns: number): Line {
  const { ui } = picture;
  if (ui.quitting) return cutLine([seg(quitQuestion(columns), 'strong')], columns);
  if (ui.edit !== null) return filterLine(picture, ui.edit, columns);
  if (ui.toast !== null) return [seg(toastLines(ui.toast, columns)[0] ?? '', ui.toast.tone)];
  return cutLine(restingLine(picture), columns);
}

/** An answer takes the line of keys as well where it is too long for one. */
function toastLines(toast: Toast, columns: number): readonly string[] {
  return wrap(toast.text, columns, 2);
}

function quitQuestion(columns: number): string {
  return columns < NARROW_COLUMNS
    ? 'Stop the firewall, or leave it on?'
    : 'Stop the firewall (traffic then passes unfiltered), or leave it running?';
}

function filterLine(picture: Snapshot, edit: FilterEdit, columns: number): Line {
  const count = ` ${formatCount(picture.flows.length)} of ${formatCount(picture.total)} `;
  const room = Math.max(4, columns - 2 - count.length);
  // The caret stays in sight: what is before it is cut from the left.
  let before = edit.text.slice(0, edit.caret);
  while (cells(before) > room - 2) before = before.slice(1);
  const at = /^./su.exec(edit.text.slice(edit.caret))?.[0] ?? ' ';
  const after = cut(edit.text.slice(edit.caret + at.length), Math.max(0, room - cells(before) - 1));
  const line: Segment[] = [seg('/ ', 'strong'), seg(before), seg(at, 'caret'), seg(after)];
  const fill = columns - lineCells(line) - count.length;
  return cutLine([...line, seg(' '.repeat(Math.max(0, fill))), seg(count, 'dim')], columns);
}

function restingLine(picture: Snapshot): Line {
  const { ui, flows, total, newer, chosenIndex, status, judge } = picture;
  if (judge.replaying !== null)
    return [seg(`inquiry ${judge.replaying} runs again, with the model of today…`, 'info')];
  if (ui.view === 'judge' && !ui.help && status !== null) return judgeLine(status.judge);
  if (ui.view === 'lists' && !ui.help) return listsLine(picture);
  if (ui.view !== 'flows' || ui.help) return [];
  const parts: Segment[] = [];
  if (ui.frozen) parts.push(seg(`FROZEN · +${formatCount(newer)} new · space goes on`, 'info'));
  if (ui.filter !== '') {
    parts.push(seg(`filter ${clean(ui.filter)}`, 'info'));
    parts.push(seg(`${formatCount(flows.length)} of ${formatCount(total)}`, 'dim'));
  }
  if (flows.length > 0) {
    const where = `row ${formatCount(chosenIndex + 1)} of ${formatCount(flows.length)}`;
    parts.push(seg(ui.flow === null ? 'following the newest' : `${where} · g follows the newest`, 'dim'));
  }
  return parts.flatMap((part, index) => (index === 0 ? [part] : [seg(' · ', 'dim'), part]));
}

function listsLine(picture: Snapshot): Line {
  if (picture.listProgress !== null) return progressLine(picture.listProgress);
  const list = picture.lists[chosenList(picture)];
  return list === undefined ? [] : listLine(list);
}

/** The keys that do something here; while a filter is wrong, why it is. */
export function footerLine(picture: Snapshot, place: KeyPlace, columns: number): Line {
  const error = picture.ui.edit?.error ?? null;
  if (error !== null) return cutLine([seg(clean(error), 'bad')], columns);
  const { toast } = picture.ui;
  const rest = toast === null || place === 'quit' || place === 'filter' ? '' : toastLines(toast, columns)[1];
  if (toast !== null && rest) return [seg(rest, toast.tone)];
  const gap = columns < NARROW_COLUMNS ? ' ' : '  ';
  let line: Line = [];
  const gone = picture.link.state === 'gone';
  for (const row of hintsFor(place)) {
    if (gone && NEEDS_ENGINE.has(row.action)) continue;
    if (row.action === 'next_question' && picture.queue.questions.length < 2) continue;
    if (ANSWERS.has(row.action) && !canAnswer(picture, place)) continue;
    const key: Line = [seg(row.label, 'strong'), seg(` ${row.hint ?? ''}`, 'dim')];
    const longer = line.length === 0 ? key : [...line, seg(gap), ...key];
    if (lineCells(longer) > columns) break;
    line = longer;
  }
  return line;
}
