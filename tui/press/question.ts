import { canAnswer } from '../state/key-place.ts';
import { changeValue, moveField } from '../state/scope-edit.ts';
import type { Handlers, Pressed } from './pressed.ts';

/** What the keys of a question do. */
export const QUESTION_HANDLERS = {
  answer_allow: (on) => isAbout(on) && void on.controller.questions.answerOnce('allow', on.snapshot),
  answer_block: (on) => isAbout(on) && void on.controller.questions.answerOnce('block', on.snapshot),
  scope_allow: (on) => isAbout(on) && on.controller.questions.edit('allow', on.snapshot),
  scope_block: (on) => isAbout(on) && on.controller.questions.edit('block', on.snapshot),
  next_question: ({ controller, snapshot }) => controller.questions.turn(1, snapshot),
  previous_question: ({ controller, snapshot }) => controller.questions.turn(-1, snapshot),
  next_field: (on) => field(on, 1),
  previous_field: (on) => field(on, -1),
  next_value: (on) => value(on, 1),
  previous_value: (on) => value(on, -1),
  confirm_scope: ({ controller, snapshot }) => void controller.questions.confirm(snapshot),
} satisfies Handlers;

/** Says why not where the keys of an answer have nothing to answer. */
function isAbout({ controller, snapshot, place }: Pressed): boolean {
  if (canAnswer(snapshot, place)) return true;
  const { front } = snapshot.queue;
  const why = front === null ? 'nothing is asked' : 'what is asked is not what this transcript is about';
  controller.store.say(`${why}: Esc goes back`, 'info');
  return false;
}

function field({ controller, snapshot }: Pressed, by: 1 | -1): void {
  const { scope } = snapshot.ui;
  if (scope !== null) controller.store.act({ type: 'scope', edit: moveField(scope, by) });
}

function value({ controller, snapshot }: Pressed, by: 1 | -1): void {
  const { scope } = snapshot.ui;
  const { front } = snapshot.queue;
  if (scope === null || front === null) return;
  controller.store.act({ type: 'scope', edit: changeValue(scope, front, by) });
}
