import type { KeyBinding, KeyPlace } from './binding.ts';

const INQUIRY: readonly KeyPlace[] = ['judge', 'transcript'];

/** The keys that read what the judge did, run it again, and take it back. */
export const JUDGE_KEYS: readonly KeyBinding[] = [
  {
    action: 'transcript',
    keys: ['j'],
    label: 'j',
    does: 'the transcript of the inquiry behind the question or the chosen connection, or the newest into its domain; else all inquiries',
    places: ['flows', 'breakdown'],
  },
  { action: 'transcript', keys: ['j'], label: 'j', hint: 'judge', places: ['question'] },
  { action: 'open_inquiry', keys: ['enter', 'j'], label: 'Enter', hint: 'transcript', places: ['judge'] },
  { action: 'back', keys: ['escape', 'enter', 'j'], label: 'Esc', hint: 'back', places: ['transcript'] },
  {
    action: 'replay',
    keys: ['R'],
    label: 'R',
    does: 'in the judge view: run the inquiry again, from its stored results',
    hint: 'replay',
    places: INQUIRY,
  },
  {
    action: 'forget',
    keys: ['x'],
    label: 'x',
    does: "in the judge view: take the judge's verdict of that domain back",
    hint: 'forget',
    places: INQUIRY,
  },
  { action: 'up', keys: ['up'], label: '↑', places: ['transcript'] },
  { action: 'down', keys: ['down'], label: '↓', places: ['transcript'] },
  { action: 'page_up', keys: ['pageup', 'ctrl+b'], label: 'PgUp', places: ['transcript'] },
  {
    action: 'page_down',
    keys: ['pagedown', 'ctrl+f', ' '],
    label: 'PgDn',
    hint: 'scroll',
    places: ['transcript'],
  },
];
