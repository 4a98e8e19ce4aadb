import type { QuestionAction } from '../keys/binding.ts';
import { changeValue, moveField } from '../question/scope-edit.ts';
import { canAnswer, type Pressed } from './pressed.ts';

/** What the keys of a question do. */
export const QUESTION_HANDLERS: Record<QuestionAction, (pressed: Pressed) => void> = {
  answer_allow: (on) => isAbout(on) && void on.controller.answers.once('allow', on.picture),
  answer_block: (on) => isAbout(on) && void on.controller.answers.once('block', on.picture),
  scope_allow: (on) => isAbout(on) && on.controller.answers.edit('allow', on.picture),
  scope_block: (on) => isAbout(on) && on.controller.answers.edit('block', on.picture),
  next_question: ({ controller, picture }) => controller.answers.turn(1, picture),
  previous_question: ({ controller, picture }) => controller.answers.turn(-1, picture),
  next_field: (on) => field(on, 1),
  previous_field: (on) => field(on, -1),
  next_value: (on) => value(on, 1),
  previous_value: (on) => value(on, -1),
  confirm_scope: ({ controller, picture }) => void controller.answers.confirm(picture),
};

/** Says why not where the keys of an answer have nothing to answer. */
function isAbout({ controller, picture, place }: Pressed): boolean {
  if (canAnswer(picture, place)) return true;
  const { front } = picture.queue;
  const why = front === null ? 'nothing is asked' : 'what is asked is not what this transcript is about';
  controller.store.say(`${why}: Esc goes back`, 'info');
  return false;
}

function field({ controller, picture }: Pressed, by: 1 | -1): void {
  const { scope } = picture.ui;
  if (scope !== null) controller.store.act({ type: 'scope', edit: moveField(scope, by) });
}

function value({ controller, picture }: Pressed, by: 1 | -1): void {
  const { scope } = picture.ui;
  const { front } = picture.queue;
  if (scope === null || front === null) return;
  controller.store.act({ type: 'scope', edit: changeValue(scope, front, by) });
}
