import type { KeyBinding, KeyPlace } from './binding.ts';

const ASKED: readonly KeyPlace[] = ['question', 'transcript'];

/** The keys while something is asked: where it is seen, and where a lasting answer is put together. */
export const QUESTION_KEYS: readonly KeyBinding[] = [
  {
    action: 'answer_allow',
    keys: ['a'],
    label: 'a',
    does: 'while something is asked: allow it this once',
    hint: 'allow once',
    places: ASKED,
  },
  {
    action: 'answer_block',
    keys: ['b'],
    label: 'b',
    does: 'while something is asked: block it this once',
    hint: 'block once',
    places: ASKED,
  },
  {
    action: 'scope_allow',
    keys: ['A'],
    label: 'A B',
    does: 'while something is asked: answer for longer; for this program or all, the name or its domain, an hour or for ever',
    hint: 'rule',
    places: ASKED,
  },
  { action: 'scope_block', keys: ['B'], label: 'B', places: ASKED },
  {
    action: 'next_question',
    keys: ['n', ']'],
    label: 'n N',
    does: 'the next question that waits, and the one before',
    hint: 'next',
    places: ['question'],
  },
  { action: 'previous_question', keys: ['N', '['], label: 'N', places: ['question'] },
  { action: 'confirm_scope', keys: ['enter'], label: 'Enter', hint: 'put in force', places: ['scope'] },
  { action: 'next_field', keys: ['right', 'tab'], label: '←→', hint: 'field', places: ['scope'] },
  { action: 'previous_field', keys: ['left'], label: '←', places: ['scope'] },
  { action: 'next_value', keys: ['down', ' '], label: '↑↓', hint: 'change', places: ['scope'] },
  { action: 'previous_value', keys: ['up'], label: '↑', places: ['scope'] },
  { action: 'back', keys: ['escape'], label: 'Esc', hint: 'leave', places: ['scope'] },
];
