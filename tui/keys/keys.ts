import { bind, type KeyBinding, type KeyPlace } from './binding.ts';
import { JUDGE_KEYS } from './judge-keys.ts';
import { QUESTION_KEYS } from './question-keys.ts';

const NAMED: readonly KeyPlace[] = ['flows', 'breakdown'];
const FEED: readonly KeyPlace[] = ['flows', 'question', 'breakdown'];
const VIEWS: readonly KeyPlace[] = [...FEED, 'rules', 'lists', 'judge'];
/** A transcript scrolls with the keys that choose rows elsewhere. */
const EVERYWHERE: readonly KeyPlace[] = [...VIEWS, 'transcript'];

/** Every key, in the order of the help; within a place, hints are dropped from the end as the terminal narrows. */
export const KEYS = [
  bind('allow', ['a'], NAMED, {
    does: 'allow this name for everyone from now on (an address where there is no name)',
    hint: 'allow',
  }),
  bind('block', ['b'], NAMED, {
    does: 'block this name for everyone from now on, and reset its open connections',
    hint: 'block',
  }),
  ...QUESTION_KEYS,
  ...JUDGE_KEYS,
  bind('remove_rule', ['x'], ['rules'], { does: 'remove the chosen rule', hint: 'remove' }),
  bind('switch_list', [' ', 'x'], ['lists'], {
    does: 'in the lists: switch the chosen list on or off',
    hint: 'on/off',
  }),
  bind('update_lists', ['U'], ['lists'], {
    does: 'in the lists: download what changed of all sources that are on',
    hint: 'update',
  }),
  bind('open', ['enter'], ['flows', 'question'], {
    does: 'why: each step with its evidence, the losing ones too',
    hint: 'why',
  }),
  bind('back', ['escape'], ['flows', 'question'], {
    does: 'back, one thing at a time: breakdown, chosen row, freeze, filter',
  }),
  bind('back', ['escape', 'enter'], ['breakdown'], { hint: 'back' }),
  bind('back', ['escape'], ['rules', 'lists', 'judge'], { hint: 'back' }),
  bind('back', ['escape', '?', 'enter', 'q'], ['help'], { hint: 'back' }),
  bind('help', ['?'], EVERYWHERE, { does: 'this help', hint: 'help' }),
  bind('quit', ['q', 'ctrl+c'], EVERYWHERE, {
    does: 'quit; asks whether to stop the firewall or leave it running',
    hint: 'quit',
  }),
  bind('undo', ['u'], [...FEED, 'rules', 'transcript'], {
    does: 'undo the last change of rules',
    hint: 'undo',
  }),
  bind('filter', ['/'], FEED, {
    does: 'filter, as in log --help: word, host:label, host:example.com app:curl verdict:block',
    hint: 'filter',
  }),
  bind('freeze', [' '], FEED, {
    does: 'freeze the picture, and go on; nothing is lost meanwhile',
    hint: 'freeze',
  }),
  bind('next_view', ['tab'], EVERYWHERE, { does: 'next view', hint: 'view' }),
  bind('view_1', ['1'], EVERYWHERE, { does: 'connections' }),
  bind('view_2', ['2'], EVERYWHERE, { does: 'rules' }),
  bind('view_3', ['3'], EVERYWHERE, { does: 'lists' }),
  bind('view_4', ['4'], EVERYWHERE, { does: 'inquiries of the judge' }),
  bind('up', ['up'], EVERYWHERE, { does: 'choose the row above' }),
  bind('down', ['down'], [...EVERYWHERE, 'help'], { does: 'choose the row below' }),
  bind('page_up', ['pageup', 'ctrl+b'], [...EVERYWHERE, 'help'], {
    does: 'a page up; in the breakdown, scrolls it',
  }),
  bind('page_down', ['pagedown', 'ctrl+f'], ['breakdown'], {
    does: 'a page down; in the breakdown, scrolls it',
    hint: 'scroll',
  }),
  bind('page_down', ['pagedown', 'ctrl+f'], ['flows', 'question', 'rules', 'lists', 'judge']),
  bind('first', ['home', 'g'], EVERYWHERE, { label: 'Home g', does: 'the newest, and follow it' }),
  bind('last', ['end', 'G'], EVERYWHERE, { label: 'End G', does: 'the oldest' }),
  bind('up', ['up'], ['help'], { label: '↑↓', hint: 'scroll' }),
  bind('page_down', ['pagedown', ' '], ['help']),
  bind('quit', ['ctrl+c'], ['help', 'filter', 'scope']),
  bind('keep_filter', ['enter'], ['filter'], { hint: 'keep' }),
  bind('back', ['escape'], ['filter'], { hint: 'drop' }),
  bind('erase', ['backspace', 'delete'], ['filter']),
  bind('erase_word', ['ctrl+w'], ['filter']),
  bind('erase_all', ['ctrl+u'], ['filter'], { hint: 'clear' }),
  bind('caret_left', ['left'], ['filter']),
  bind('caret_right', ['right'], ['filter']),
  bind('caret_start', ['home', 'ctrl+a'], ['filter']),
  bind('caret_end', ['end', 'ctrl+e'], ['filter']),
  bind('stop', ['s'], ['quit'], { hint: 'stop it' }),
  // Whoever hammers Ctrl-C gets out, and the firewall goes on.
  bind('detach', ['d', 'enter', 'q', 'ctrl+c'], ['quit'], { hint: 'leave it running' }),
  bind('back', ['escape'], ['quit'], { hint: 'stay' }),
];

/** What a key does. */
export type KeyAction = (typeof KEYS)[number]['action'];

/** What a key does in a place; null when nothing. */
export function actionFor(place: KeyPlace, key: string): KeyAction | null {
  return KEYS.find((row) => row.places.includes(place) && row.keys.includes(key))?.action ?? null;
}

/** The rows that have a hint in a place, most useful first. */
export function hintsFor(place: KeyPlace): readonly KeyBinding<KeyAction>[] {
  return KEYS.filter((row) => row.hint !== undefined && row.places.includes(place));
}

const SHOWING: ReadonlySet<KeyAction> = new Set([
  'back',
  'first',
  'last',
  'filter',
  'help',
  'transcript',
  'open_inquiry',
  'view_1',
  'view_2',
  'view_3',
  'view_4',
]);

/** Whether a key, wherever it is pressed, changes what is seen and nothing else. False for what is no key of ours. */
export function onlyShows(key: string): boolean {
  const rows = KEYS.filter((row) => row.keys.includes(key));
  return rows.length > 0 && rows.every((row) => SHOWING.has(row.action));
}
