import type { AnswerScope, Prompt } from '../../src/schema/prompt.ts';
import { countOf } from '../draw/format.ts';
import { cutName } from '../draw/text.ts';
import { isArmed, questionAt } from '../state/question-queue.ts';
import { answerScope, openScope, scopeSentence } from '../state/scope-edit.ts';
import type { Snapshot } from '../state/snapshot.ts';
import type { ScreenStore } from '../state/store.ts';
import { SHORT_NAME_CELLS, shortHostOf } from '../words/question.ts';
import { sayChange } from './changes.ts';
import { messageOf, type ScreenClient } from './client.ts';

type Action = 'allow' | 'block';

/** Sends the person's answers to the engine, each pinned to the question that was seen. */
export class QuestionController {
  /** Questions whose answer is under way: a key held down answers once. */
  readonly #underWay = new Set<number>();

  constructor(
    private readonly client: ScreenClient,
    private readonly store: ScreenStore,
  ) {}

  /** Answers the question in front for what waits now. */
  async answerOnce(action: Action, snapshot: Snapshot): Promise<void> {
    const question = this.#aimedAt(snapshot, action === 'allow' ? 'a' : 'b');
    if (question === null) return;
    const done = `${action === 'allow' ? 'allowed' : 'blocked'} once: ${shortHostOf(question)}`;
    await this.#send(question, action, { kind: 'once' }, done);
  }

  /** Begins a lasting answer to the question in front. */
  edit(action: Action, snapshot: Snapshot): void {
    const question = this.#aimedAt(snapshot, action === 'allow' ? 'A' : 'B');
    if (question !== null) this.store.act({ type: 'scope', edit: openScope(question, action) });
  }

  /** Puts the lasting answer in force. */
  async confirm(snapshot: Snapshot): Promise<void> {
    const { scope } = snapshot.ui;
    const { front } = snapshot.queue;
    if (scope === null || front === null || front.id !== scope.question) return;
    if (!isArmed(snapshot.queue, this.store.now())) {
      return this.store.say('another program asks for it since this moment: Enter again', 'info');
    }
    this.store.act({ type: 'scope', edit: null });
    const { verb, app, to, target, reach, duration } = scopeSentence(scope, front, true);
    await this.#send(
      front,
      scope.action,
      answerScope(scope),
      `${verb} ${app} ${to} ${cutName(target, SHORT_NAME_CELLS)}${reach} ${duration}`,
    );
  }

  /** Turns to the question `by` places on. */
  turn(by: 1 | -1, snapshot: Snapshot): void {
    const question = questionAt(snapshot.queue, by);
    if (question === null || question.id === snapshot.queue.front?.id) {
      this.store.say('no other question waits', 'dim');
      return;
    }
    this.store.act({ type: 'choose_question', question: question.id });
  }

  /**
   * The question that the key was meant for; null when it came to the front this moment, and then nothing is done. Not even
   * what the key meant before: it may have been pressed for the row below, for the question that just went, or for this
   * one, and any guess would let something through, or block it, that nobody had read. A press lost costs a press.
   */
  #aimedAt({ queue }: Snapshot, key: string): Prompt | null {
    const { front, ended } = queue;
    if (front === null) return null;
    if (this.#underWay.has(front.id)) {
      this.store.say(`${shortHostOf(front)}: the engine has not taken the answer yet`, 'warn');
      return null;
    }
    if (isArmed(queue, this.store.now())) return front;
    const before = ended === null ? '' : `${shortHostOf(ended)}: ${this.store.resolutionOf(ended)} · `;
    this.store.say(`${before}this question came this moment: ${key} again`, 'info');
    return null;
  }

  async #send(question: Prompt, action: Action, scope: AnswerScope, done: string): Promise<void> {
    this.#underWay.add(question.id);
    this.store.say(`${action} ${shortHostOf(question)}: sent to the engine`, 'dim');
    try {
      const { answered, saved } = await this.client.request('questions.answer', {
        question: question.id,
        action,
        scope,
      });
      const parts = [done, answered > 0 ? countOf(answered, 'connection') : 'nothing waited any more'];
      if (scope.kind === 'rule') parts.push('u undoes');
      this.store.dropQuestion(question.id);
      sayChange(this.store, { parts, saved });
      if (scope.kind === 'rule') this.store.rulesChanged();
    } catch (error) {
      this.store.say(`not done: ${action} ${shortHostOf(question)}: ${messageOf(error)}`, 'bad');
    } finally {
      this.#underWay.delete(question.id);
    }
  }
}
