import { formatCount } from '../draw/format.ts';
import {
  cells,
  clean,
  cut,
  cutLine,
  type Line,
  lineCells,
  type Segment,
  seg,
  spaced,
  wrap,
} from '../draw/text.ts';
import type { KeyPlace } from '../keys/binding.ts';
import { hintsFor, type KeyAction } from '../keys/keys.ts';
import { canAnswer } from '../state/key-place.ts';
import { chosenList } from '../state/rows.ts';
import type { Snapshot } from '../state/snapshot.ts';
import type { FilterEdit, Toast } from '../state/ui-state.ts';
import { judgeLine } from '../words/judge.ts';
import { listLine, progressLine } from '../words/lists.ts';

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
export function stripNeeded(snapshot: Snapshot): boolean {
  const { ui } = snapshot;
  const error = ui.view === 'lists' ? (chosenList(snapshot)?.error ?? null) : null;
  if (snapshot.judge.replaying !== null || snapshot.listProgress !== null || error !== null) return true;
  return ui.quitting || ui.edit !== null || ui.toast !== null || ui.frozen || ui.filter !== '';
}

/** The line above the keys: a question, else the filter being typed, else the latest answer, else where the list stands. */
export function stripLine(snapshot: Snapshot, columns: number): Line {
  const { ui } = snapshot;
  if (ui.quitting) return cutLine([seg(quitQuestion(columns), 'strong')], columns);
  if (ui.edit !== null) return filterLine(snapshot, ui.edit, columns);
  if (ui.toast !== null) return [seg(toastLines(ui.toast, columns)[0] ?? '', ui.toast.tone)];
  return cutLine(restingLine(snapshot), columns);
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

function filterLine(snapshot: Snapshot, edit: FilterEdit, columns: number): Line {
  const count = ` ${formatCount(snapshot.flows.length)} of ${formatCount(snapshot.total)} `;
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

function restingLine(snapshot: Snapshot): Line {
  const { ui, flows, total, newer, chosenIndex, status, judge } = snapshot;
  if (judge.replaying !== null)
    return [seg(`inquiry ${judge.replaying} runs again, with the model of today…`, 'info')];
  if (ui.view === 'judge' && !ui.help && status !== null) return judgeLine(status.judge);
  if (ui.view === 'lists' && !ui.help) return listsLine(snapshot);
  if (ui.view !== 'flows' || ui.help) return [];
  const parts: Segment[] = [];
  if (ui.frozen) parts.push(seg(`FROZEN · +${formatCount(newer)} new · space goes on`, 'info'));
  if (ui.filter !== '') {
    parts.push(seg(`filter ${clean(ui.filter)}`, 'info'));
    parts.push(seg(`${formatCount(flows.length)} of ${formatCount(total)}`, 'dim'));
  }
  if (flows.length > 0) {
    const where = `row ${formatCount(chosenIndex + 1)} of ${formatCount(flows.length)}`;
    parts.push(
      seg(ui.choices.flows === undefined ? 'following the newest' : `${where} · g follows the newest`, 'dim'),
    );
  }
  return spaced(parts, seg(' · ', 'dim'));
}

function listsLine(snapshot: Snapshot): Line {
  if (snapshot.listProgress !== null) return progressLine(snapshot.listProgress);
  const list = chosenList(snapshot);
  return list === undefined ? [] : listLine(list);
}

/** The keys that do something here; while a filter is wrong, why it is. */
export function footerLine(snapshot: Snapshot, place: KeyPlace, columns: number): Line {
  const error = snapshot.ui.edit?.error ?? null;
  if (error !== null) return cutLine([seg(clean(error), 'bad')], columns);
  const { toast } = snapshot.ui;
  const rest = toast === null || place === 'quit' || place === 'filter' ? '' : toastLines(toast, columns)[1];
  if (toast !== null && rest) return [seg(rest, toast.tone)];
  const gap = columns < NARROW_COLUMNS ? ' ' : '  ';
  let line: Line = [];
  const gone = snapshot.link.state === 'gone';
  for (const row of hintsFor(place)) {
    if (gone && NEEDS_ENGINE.has(row.action)) continue;
    if (row.action === 'next_question' && snapshot.queue.questions.length < 2) continue;
    if (ANSWERS.has(row.action) && !canAnswer(snapshot, place)) continue;
    const key: Line = [seg(row.label, 'strong'), seg(` ${row.hint ?? ''}`, 'dim')];
    const longer = line.length === 0 ? key : [...line, seg(gap), ...key];
    if (lineCells(longer) > columns) break;
    line = longer;
  }
  return line;
}
