import type { KeyAction, KeyBinding, KeyPlace } from './binding.ts';
import { JUDGE_KEYS } from './judge-keys.ts';
import { QUESTION_KEYS } from './question-keys.ts';

const FEED: readonly KeyPlace[] = ['flows', 'question', 'breakdown'];
const VIEWS: readonly KeyPlace[] = [...FEED, 'rules', 'lists', 'judge'];
/** A transcript scrolls with the keys that choose rows elsewhere. */
const EVERYWHERE: readonly KeyPlace[] = [...VIEWS, 'transcript'];

/** Every key, in the order of the help; within a place, hints are dropped from the end as the terminal narrows. */
export const KEYS: readonly KeyBinding[] = [
  {
    action: 'allow',
    keys: ['a'],
    label: 'a',
    does: 'allow this name for everyone from now on (an address where there is no name)',
    hint: 'allow',
    places: ['flows', 'breakdown'],
  },
  {
    action: 'block',
    keys: ['b'],
    label: 'b',
    does: 'block this name for everyone from now on, and reset its open connections',
    hint: 'block',
    places: ['flows', 'breakdown'],
  },
  ...QUESTION_KEYS,
  ...JUDGE_KEYS,
  {
    action: 'remove_rule',
    keys: ['x'],
    label: 'x',
    does: 'remove the chosen rule',
    hint: 'remove',
    places: ['rules'],
  },
  {
    action: 'switch_list',
    keys: [' ', 'x'],
    label: 'space',
    does: 'in the lists: switch the chosen list on or off',
    hint: 'on/off',
    places: ['lists'],
  },
  {
    action: 'update_lists',
    keys: ['U'],
    label: 'U',
    does: 'in the lists: download what changed of all sources that are on',
    hint: 'update',
    places: ['lists'],
  },
  {
    action: 'open',
    keys: ['enter'],
    label: 'Enter',
    does: 'why: each step with its evidence, the losing ones too',
    hint: 'why',
    places: ['flows', 'question'],
  },
  {
    action: 'back',
    keys: ['escape'],
    label: 'Esc',
    does: 'back, one thing at a time: breakdown, chosen row, freeze, filter',
    places: ['flows', 'question'],
  },
  {
    action: 'back',
    keys: ['escape', 'enter'],
    label: 'Esc',
    hint: 'back',
    places: ['breakdown'],
  },
  { action: 'back', keys: ['escape'], label: 'Esc', hint: 'back', places: ['rules', 'lists', 'judge'] },
  { action: 'back', keys: ['escape', '?', 'enter', 'q'], label: 'Esc', hint: 'back', places: ['help'] },
  { action: 'help', keys: ['?'], label: '?', does: 'this help', hint: 'help', places: EVERYWHERE },
  {
    action: 'quit',
    keys: ['q', 'ctrl+c'],
    label: 'q',
    does: 'quit; asks whether to stop the firewall or leave it running',
    hint: 'quit',
    places: EVERYWHERE,
  },
  {
    action: 'undo',
    keys: ['u'],
    label: 'u',
    does: 'undo the last change of rules',
    hint: 'undo',
    places: [...FEED, 'rules', 'transcript'],
  },
  {
    action: 'filter',
    keys: ['/'],
    label: '/',
    does: 'filter, in the language of log --filter: host:example app:curl verdict:block',
    hint: 'filter',
    places: FEED,
  },
  {
    action: 'freeze',
    keys: [' '],
    label: 'space',
    does: 'freeze the picture, and go on; nothing is lost meanwhile',
    hint: 'freeze',
    places: FEED,
  },
  {
    action: 'next_view',
    keys: ['tab'],
    label: 'Tab',
    does: 'next view',
    hint: 'view',
    places: EVERYWHERE,
  },
  { action: 'view_1', keys: ['1'], label: '1', does: 'connections', places: EVERYWHERE },
  { action: 'view_2', keys: ['2'], label: '2', does: 'rules', places: EVERYWHERE },
  { action: 'view_3', keys: ['3'], label: '3', does: 'lists', places: EVERYWHERE },
  { action: 'view_4', keys: ['4'], label: '4', does: 'inquiries of the judge', places: EVERYWHERE },
  { action: 'up', keys: ['up'], label: '↑', does: 'choose the row above', places: VIEWS },
  { action: 'down', keys: ['down'], label: '↓', does: 'choose the row below', places: VIEWS },
  {
    action: 'page_up',
    keys: ['pageup', 'ctrl+b'],
    label: 'PgUp',
    does: 'a page up; in the breakdown, scrolls it',
    places: VIEWS,
  },
  {
    action: 'page_down',
    keys: ['pagedown', 'ctrl+f'],
    label: 'PgDn',
    does: 'a page down; in the breakdown, scrolls it',
    hint: 'scroll',
    places: ['breakdown'],
  },
  {
    action: 'page_down',
    keys: ['pagedown', 'ctrl+f'],
    label: 'PgDn',
    places: ['flows', 'question', 'rules', 'lists', 'judge'],
  },
  {
    action: 'first',
    keys: ['home', 'g'],
    label: 'Home g',
    does: 'the newest, and follow it',
    places: EVERYWHERE,
  },
  { action: 'last', keys: ['end', 'G'], label: 'End G', does: 'the oldest', places: EVERYWHERE },
  { action: 'up', keys: ['up'], label: '↑↓', hint: 'scroll', places: ['help'] },
  { action: 'down', keys: ['down'], label: '↓', places: ['help'] },
  { action: 'page_up', keys: ['pageup'], label: 'PgUp', places: ['help'] },
  { action: 'page_down', keys: ['pagedown', ' '], label: 'PgDn', places: ['help'] },
  { action: 'quit', keys: ['ctrl+c'], label: 'Ctrl-C', places: ['help', 'filter', 'scope'] },
  { action: 'keep_filter', keys: ['enter'], label: 'Enter', hint: 'keep', places: ['filter'] },
  { action: 'back', keys: ['escape'], label: 'Esc', hint: 'drop', places: ['filter'] },
  { action: 'erase', keys: ['backspace', 'delete'], label: '⌫', places: ['filter'] },
  { action: 'erase_word', keys: ['ctrl+w'], label: 'Ctrl-W', places: ['filter'] },
  { action: 'erase_all', keys: ['ctrl+u'], label: 'Ctrl-U', hint: 'clear', places: ['filter'] },
  { action: 'caret_left', keys: ['left'], label: '←', places: ['filter'] },
  { action: 'caret_right', keys: ['right'], label: '→', places: ['filter'] },
  { action: 'caret_start', keys: ['home', 'ctrl+a'], label: 'Home', places: ['filter'] },
  { action: 'caret_end', keys: ['end', 'ctrl+e'], label: 'End', places: ['filter'] },
  { action: 'stop', keys: ['s'], label: 's', hint: 'stop it', places: ['quit'] },
  // Whoever hammers Ctrl-C gets out, and the firewall goes on.
  {
    action: 'detach',
    keys: ['d', 'enter', 'q', 'ctrl+c'],
    label: 'd',
    hint: 'leave it running',
    places: ['quit'],
  },
  { action: 'back', keys: ['escape'], label: 'Esc', hint: 'stay', places: ['quit'] },
];

/** What a key does in a place; null when nothing. */
export function actionFor(place: KeyPlace, key: string): KeyAction | null {
  return KEYS.find((row) => row.places.includes(place) && row.keys.includes(key))?.action ?? null;
}

/** The rows that have a hint in a place, most useful first. */
export function hintsFor(place: KeyPlace): readonly KeyBinding[] {
  return KEYS.filter((row) => row.hint !== undefined && row.places.includes(place));
}
