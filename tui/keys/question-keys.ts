import { bind, type KeyPlace } from './binding.ts';

const ASKED: readonly KeyPlace[] = ['question', 'transcript'];

/** The keys while something is asked: where it is seen, and where a lasting answer is put together. */
export const QUESTION_KEYS = [
  bind('answer_allow', ['a'], ASKED, {
    does: 'while something is asked: allow it this once',
    hint: 'allow once',
  }),
  bind('answer_block', ['b'], ASKED, {
    does: 'while something is asked: block it this once',
    hint: 'block once',
  }),
  bind('scope_allow', ['A'], ASKED, {
    label: 'A B',
    does: 'while something is asked: answer for longer; for this program or all, the name or its domain, an hour or for ever',
    hint: 'rule',
  }),
  bind('scope_block', ['B'], ASKED),
  bind('next_question', ['n', ']'], ['question'], {
    label: 'n N',
    does: 'the next question that waits, and the one before',
    hint: 'next',
  }),
  bind('previous_question', ['N', '['], ['question']),
  bind('confirm_scope', ['enter'], ['scope'], { hint: 'put in force' }),
  bind('next_field', ['right', 'tab'], ['scope'], { label: '←→', hint: 'field' }),
  bind('previous_field', ['left'], ['scope']),
  bind('next_value', ['down', ' '], ['scope'], { label: '↑↓', hint: 'change' }),
  bind('previous_value', ['up'], ['scope']),
  bind('back', ['escape'], ['scope'], { hint: 'leave' }),
];
