import { parseFilter } from '../../src/model/filter/filter.ts';
import type { Controller } from '../controller.ts';
import { moveChoice } from '../draw/list.ts';
import type { KeyAction } from '../keys/binding.ts';
import { actionFor } from '../keys/keys.ts';
import { chosenInquiryIndex, chosenList, type Snapshot } from '../snapshot.ts';
import { FILTER_MAX_CHARS, VIEWS } from '../ui-state.ts';
import { JUDGE_HANDLERS } from './judge.ts';
import { type Metrics, type Pressed, placeOf } from './pressed.ts';
import { QUESTION_HANDLERS } from './question.ts';

/** Does what a key means where it was pressed. The picture is the one on screen, so that keys hit what was seen. */
export function press(controller: Controller, key: string, metrics: Metrics): void {
  void controller.attention.keyPressed();
  const picture = controller.store.getSnapshot();
  const place = placeOf(picture);
  const action = actionFor(place, key);
  if (action !== null) HANDLERS[action]({ controller, picture, metrics, place });
  else if (place === 'filter' && [...key].length === 1) type(controller, picture, key);
}

/** Text from the clipboard: typed into the filter, and nowhere else a key. */
export function paste(controller: Controller, text: string): void {
  void controller.attention.keyPressed();
  const picture = controller.store.getSnapshot();
  if (placeOf(picture) === 'filter')
    type(controller, picture, text.replace(/[^\x20-\x7e\u00a0-\u{10ffff}]/gu, ''));
}

const HANDLERS: Record<KeyAction, (pressed: Pressed) => void> = {
  ...QUESTION_HANDLERS,
  ...JUDGE_HANDLERS,
  up: (on) => move(on, -1),
  down: (on) => move(on, 1),
  page_up: (on) => page(on, -1),
  page_down: (on) => page(on, 1),
  first: (on) => first(on),
  last: (on) => move(on, Number.MAX_SAFE_INTEGER),
  open: (on) => open(on),
  back: ({ controller }) => controller.store.act({ type: 'back' }),
  allow: ({ controller, picture }) => void controller.makeRule('allow', picture),
  block: ({ controller, picture }) => void controller.makeRule('block', picture),
  undo: ({ controller }) => void controller.undo(),
  remove_rule: (on) => removeRule(on),
  switch_list: (on) => switchList(on),
  update_lists: ({ controller }) => void controller.updateLists(),
  filter: ({ controller }) => controller.store.act({ type: 'edit_filter' }),
  freeze: ({ controller }) => controller.store.act({ type: 'toggle_freeze' }),
  next_view: (on) => show(on, VIEWS.findIndex((view) => view.id === on.picture.ui.view) + 1),
  view_1: (on) => show(on, 0),
  view_2: (on) => show(on, 1),
  view_3: (on) => show(on, 2),
  view_4: (on) => show(on, 3),
  help: ({ controller }) => controller.store.act({ type: 'toggle_help' }),
  quit: (on) => quit(on),
  stop: ({ controller }) => controller.leave('stop'),
  detach: ({ controller }) => controller.leave('detach'),
  keep_filter: ({ controller }) => controller.store.act({ type: 'keep_filter' }),
  erase: (on) => erase(on, (before) => before.replace(/.$/su, '')),
  erase_word: (on) => erase(on, (before) => before.replace(/\S*\s*$/u, '')),
  erase_all: (on) => erase(on, () => ''),
  caret_left: (on) => caret(on, (text, at) => text.slice(0, at).replace(/.$/su, '').length),
  caret_right: (on) => caret(on, (text, at) => at + (/^./su.exec(text.slice(at))?.[0].length ?? 0)),
  caret_start: (on) => caret(on, () => 0),
  caret_end: (on) => caret(on, (text) => text.length),
};

function move({ controller, picture, metrics, place }: Pressed, delta: number): void {
  if (place === 'help' || place === 'transcript') scroll(controller, picture, metrics, delta);
  else if (place === 'rules') moveRule(controller, picture, metrics, delta);
  else if (place === 'lists') moveList(controller, picture, metrics, delta);
  else if (place === 'judge') moveInquiry(controller, picture, metrics, delta);
  else moveFlow(controller, picture, metrics, delta);
}

function moveFlow(controller: Controller, picture: Snapshot, metrics: Metrics, delta: number): void {
  const { flows, chosenIndex, ui } = picture;
  if (flows.length === 0) return;
  const to = moveChoice(flows.length, chosenIndex, ui.flow?.line ?? 0, delta, metrics.listRows);
  const flow = flows[to.index];
  if (flow !== undefined)
    controller.store.act({ type: 'choose_flow', choice: { id: flow.id, line: to.line } });
}

function moveRule(controller: Controller, picture: Snapshot, metrics: Metrics, delta: number): void {
  const rules = picture.rules ?? [];
  const index = Math.max(
    0,
    rules.findIndex((rule) => rule.id === picture.ui.rule?.id),
  );
  const to = moveChoice(rules.length, index, picture.ui.rule?.line ?? 0, delta, metrics.listRows);
  const rule = rules[to.index];
  if (rule !== undefined)
    controller.store.act({ type: 'choose_rule', choice: { id: rule.id, line: to.line } });
}

function moveList(controller: Controller, picture: Snapshot, metrics: Metrics, delta: number): void {
  const { lists, ui } = picture;
  const to = moveChoice(lists.length, chosenList(picture), ui.list?.line ?? 0, delta, metrics.listRows);
  const list = lists[to.index];
  if (list !== undefined)
    controller.store.act({ type: 'choose_list', choice: { id: list.name, line: to.line } });
}

function moveInquiry(controller: Controller, picture: Snapshot, metrics: Metrics, delta: number): void {
  const { judge, ui } = picture;
  const inquiries = judge.inquiries ?? [];
  const index = chosenInquiryIndex(inquiries, ui);
  const to = moveChoice(inquiries.length, index, ui.inquiry?.line ?? 0, delta, metrics.listRows);
  const inquiry = inquiries[to.index];
  if (inquiry !== undefined)
    controller.store.act({ type: 'choose_inquiry', choice: { id: inquiry.id, line: to.line } });
}

function page(on: Pressed, direction: 1 | -1): void {
  const { controller, picture, metrics, place } = on;
  const scrolls = place === 'help' || place === 'breakdown' || place === 'transcript';
  if (scrolls) scroll(controller, picture, metrics, direction * Math.max(1, metrics.scrollRows - 1));
  else move(on, direction * Math.max(2, metrics.listRows - 1));
}

function scroll(controller: Controller, picture: Snapshot, metrics: Metrics, delta: number): void {
  const last = Math.max(0, metrics.scrollLines - metrics.scrollRows);
  controller.store.act({ type: 'scroll', to: Math.min(last, picture.ui.scroll + delta) });
}

function first(on: Pressed): void {
  if (on.place !== 'flows' && on.place !== 'question') move(on, -Number.MAX_SAFE_INTEGER);
  else on.controller.store.act({ type: 'choose_flow', choice: null });
}

function open({ controller, picture }: Pressed): void {
  const { chosen, chosenIndex, ui } = picture;
  if (chosen === null) return;
  if (ui.flow === null)
    controller.store.act({ type: 'choose_flow', choice: { id: chosen.id, line: chosenIndex } });
  controller.store.act({ type: 'open_breakdown' });
}

function removeRule({ controller, picture }: Pressed): void {
  const rules = picture.rules ?? [];
  const rule = rules.find((one) => one.id === picture.ui.rule?.id) ?? rules[0];
  if (rule === undefined) controller.store.say('nothing to remove: there are no rules', 'dim');
  else void controller.removeRule(rule.id, `${rule.action} ${rule.host}`);
}

function switchList({ controller, picture }: Pressed): void {
  const list = picture.lists[chosenList(picture)];
  if (list === undefined) controller.store.say('nothing to switch: there are no lists', 'dim');
  else void controller.switchList(list.name, !list.on, list.url !== null && list.at === null);
}

function show({ controller }: Pressed, index: number): void {
  const view = VIEWS[index % VIEWS.length];
  if (view === undefined) return;
  if (view.id === 'judge') {
    controller.inquiries.show();
    return;
  }
  controller.store.act({ type: 'show', view: view.id });
  if (view.id === 'rules') void controller.loadRules();
}

function quit({ controller, picture }: Pressed): void {
  if (picture.link.state === 'gone') controller.leave('engine_gone');
  else controller.store.act({ type: 'ask_quit' });
}

function type(controller: Controller, picture: Snapshot, added: string): void {
  const { edit } = picture.ui;
  if (edit === null) return;
  const text = edit.text.slice(0, edit.caret) + added + edit.text.slice(edit.caret);
  if (text.length <= FILTER_MAX_CHARS) write(controller, text, edit.caret + added.length);
}

function erase({ controller, picture }: Pressed, shorten: (before: string) => string): void {
  const { edit } = picture.ui;
  if (edit === null) return;
  const before = shorten(edit.text.slice(0, edit.caret));
  write(controller, before + edit.text.slice(edit.caret), before.length);
}

function caret({ controller, picture }: Pressed, move: (text: string, at: number) => number): void {
  const { edit } = picture.ui;
  if (edit !== null) write(controller, edit.text, move(edit.text, edit.caret));
}

function write(controller: Controller, text: string, at: number): void {
  const parsed = parseFilter(text);
  const error = parsed.ok ? null : parsed.error;
  controller.store.act({ type: 'typed', text, caret: at, error });
}
