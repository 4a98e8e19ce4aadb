import type { Controller } from '../control/controller.ts';
import { moveChoice } from '../draw/list-window.ts';
import { actionFor, type KeyAction } from '../keys/keys.ts';
import { placeOf } from '../state/key-place.ts';
import { chosenIndex, chosenList, idOf, rowsOf } from '../state/rows.ts';
import { VIEWS } from '../state/ui-state.ts';
import { FILTER_HANDLERS, insertText } from './filter.ts';
import { JUDGE_HANDLERS } from './judge.ts';
import type { Metrics, Pressed } from './pressed.ts';
import { QUESTION_HANDLERS } from './question.ts';

/** Does what a key means where it was pressed. The snapshot is the one on screen, so that keys hit what was seen. */
export function press(controller: Controller, key: string, metrics: Metrics): void {
  void controller.presence.keyPressed();
  const snapshot = controller.store.getSnapshot();
  const place = placeOf(snapshot);
  const action = actionFor(place, key);
  if (action !== null) HANDLERS[action]({ controller, snapshot, metrics, place });
  else if (place === 'filter' && [...key].length === 1) insertText({ controller, snapshot }, key);
}

/** Text from the clipboard: typed into the filter, and nowhere else a key. */
export function paste(controller: Controller, text: string): void {
  void controller.presence.keyPressed();
  const snapshot = controller.store.getSnapshot();
  if (placeOf(snapshot) === 'filter')
    insertText({ controller, snapshot }, text.replace(/[^\x20-\x7e\u00a0-\u{10ffff}]/gu, ''));
}

const HANDLERS: Record<KeyAction, (pressed: Pressed) => void> = {
  ...QUESTION_HANDLERS,
  ...JUDGE_HANDLERS,
  ...FILTER_HANDLERS,
  up: (on) => move(on, -1),
  down: (on) => move(on, 1),
  page_up: (on) => page(on, -1),
  page_down: (on) => page(on, 1),
  first: (on) => first(on),
  last: (on) => move(on, Number.MAX_SAFE_INTEGER),
  open: (on) => open(on),
  back: ({ controller }) => controller.store.act({ type: 'back' }),
  allow: ({ controller, snapshot }) => void controller.rules.add('allow', snapshot),
  block: ({ controller, snapshot }) => void controller.rules.add('block', snapshot),
  undo: ({ controller }) => void controller.rules.undo(),
  remove_rule: (on) => removeRule(on),
  switch_list: (on) => switchList(on),
  update_lists: ({ controller }) => void controller.lists.update(),
  filter: ({ controller }) => controller.store.act({ type: 'edit_filter' }),
  freeze: ({ controller }) => controller.store.act({ type: 'toggle_freeze' }),
  next_view: (on) => show(on, VIEWS.findIndex((view) => view.id === on.snapshot.ui.view) + 1),
  view_1: (on) => show(on, 0),
  view_2: (on) => show(on, 1),
  view_3: (on) => show(on, 2),
  view_4: (on) => show(on, 3),
  help: ({ controller }) => controller.store.act({ type: 'toggle_help' }),
  quit: (on) => quit(on),
  stop: ({ controller }) => controller.leave('stop'),
  detach: ({ controller }) => controller.leave('detach'),
};

/** Chooses the row `delta` further down, or scrolls what lies over the rows. */
function move(on: Pressed, delta: number): void {
  const { controller, snapshot, metrics, place } = on;
  if (place === 'help' || place === 'transcript') {
    scroll(on, delta);
    return;
  }
  const { view, choices } = snapshot.ui;
  const rows = rowsOf(snapshot);
  const line = choices[view]?.line ?? 0;
  const to = moveChoice(rows.length, chosenIndex(snapshot), line, delta, metrics.listRows);
  const row = rows[to.index];
  if (row !== undefined)
    controller.store.act({ type: 'choose', view, choice: { id: idOf(row), line: to.line } });
}

function page(on: Pressed, direction: 1 | -1): void {
  const { metrics, place } = on;
  const scrolls = place === 'help' || place === 'breakdown' || place === 'transcript';
  if (scrolls) scroll(on, direction * Math.max(1, metrics.scrollRows - 1));
  else move(on, direction * Math.max(2, metrics.listRows - 1));
}

function scroll({ controller, snapshot, metrics }: Pressed, delta: number): void {
  const last = Math.max(0, metrics.scrollLines - metrics.scrollRows);
  controller.store.act({ type: 'scroll', to: Math.min(last, snapshot.ui.scroll + delta) });
}

function first(on: Pressed): void {
  if (on.place !== 'flows' && on.place !== 'question') move(on, -Number.MAX_SAFE_INTEGER);
  else on.controller.store.act({ type: 'follow_newest' });
}

function open({ controller, snapshot }: Pressed): void {
  const { chosen, chosenIndex: line, ui } = snapshot;
  if (chosen === null) return;
  if (ui.choices.flows === undefined)
    controller.store.act({ type: 'choose', view: 'flows', choice: { id: chosen.id, line } });
  controller.store.act({ type: 'open_breakdown' });
}

function removeRule({ controller, snapshot }: Pressed): void {
  const rule = snapshot.rules.value?.[chosenIndex(snapshot)];
  if (rule === undefined) controller.store.say('nothing to remove: there are no rules', 'dim');
  else void controller.rules.remove(rule.id, `${rule.action} ${rule.host}`);
}

function switchList({ controller, snapshot }: Pressed): void {
  const list = chosenList(snapshot);
  if (list === undefined) controller.store.say('nothing to switch: there are no lists', 'dim');
  else void controller.lists.toggle(list);
}

function show({ controller }: Pressed, index: number): void {
  const view = VIEWS[index % VIEWS.length];
  if (view === undefined) return;
  if (view.id === 'judge') void controller.inquiries.load();
  if (view.id === 'rules') void controller.rules.load();
  controller.store.act({ type: 'show', view: view.id });
}

function quit({ controller, snapshot }: Pressed): void {
  if (snapshot.link.state === 'gone') controller.leave('engine_gone');
  else controller.store.act({ type: 'ask_quit' });
}
