import type { AnswerScope, Prompt } from '../../src/schema/prompt.ts';
import { messageOf, type ScreenClient } from '../client.ts';
import { cutName } from '../draw/text.ts';
import type { Snapshot } from '../snapshot.ts';
import type { ScreenStore } from '../store.ts';
import { isArmed, questionAt } from './queue.ts';
import { answerScope, openScope } from './scope-edit.ts';
import { connectionsText, scopeSentence, shortHostOf, TOLD_CELLS } from './words.ts';

type Action = 'allow' | 'block';

/** Carries the person's answers to the engine. Every answer is pinned to the question that was seen. */
export class Answers {
  readonly #client: ScreenClient;
  readonly #store: ScreenStore;
  /** Questions whose answer is under way: a key held down answers once. */
  readonly #underWay = new Set<number>();

  constructor(client: ScreenClient, store: ScreenStore) {
    this.#client = client;
    this.#store = store;
  }

  /** Answers the question in front for what waits now. */
  async once(action: Action, picture: Snapshot): Promise<void> {
    const question = this.#aimedAt(picture, action === 'allow' ? 'a' : 'b');
    if (question === null) return;
    const done = `${action === 'allow' ? 'allowed' : 'blocked'} once: ${shortHostOf(question)}`;
    await this.#send(question, action, { kind: 'once' }, done);
  }

  /** Begins a lasting answer to the question in front. */
  edit(action: Action, picture: Snapshot): void {
    const question = this.#aimedAt(picture, action === 'allow' ? 'A' : 'B');
    if (question !== null) this.#store.act({ type: 'scope', edit: openScope(question, action) });
  }

  /** Puts the lasting answer in force. */
  async confirm(picture: Snapshot): Promise<void> {
    const { scope } = picture.ui;
    const { front } = picture.queue;
    if (scope === null || front === null || front.id !== scope.question) return;
    if (!isArmed(picture.queue, this.#store.now())) {
      return this.#store.say('another program asks for it since this moment: Enter again', 'info');
    }
    this.#store.act({ type: 'scope', edit: null });
    const { verb, app, to, target, reach, duration } = scopeSentence(scope, front, true);
    await this.#send(
      front,
      scope.action,
      answerScope(scope),
      `${verb} ${app} ${to} ${cutName(target, TOLD_CELLS)}${reach} ${duration}`,
    );
  }

  /** Turns to the question `by` places on. */
  turn(by: 1 | -1, picture: Snapshot): void {
    const question = questionAt(picture.queue, by);
    if (question === null || question.id === picture.queue.front?.id) {
      this.#store.say('no other question waits', 'dim');
      return;
    }
    this.#store.act({ type: 'choose_question', question: question.id });
  }

  /**
   * The question that the key was meant for; null when it came to the front this moment, and then nothing is done. Not even
   * what the key meant before: it may have been pressed for the row below, for the question that just went, or for this
   * one, and any guess would let something through, or block it, that nobody had read. A press lost costs a press.
   */
  #aimedAt({ queue }: Snapshot, key: string): Prompt | null {
    const { front, left } = queue;
    if (front === null) return null;
    if (this.#underWay.has(front.id)) {
      this.#store.say(`${shortHostOf(front)}: the engine has not taken the answer yet`, 'warn');
      return null;
    }
    if (isArmed(queue, this.#store.now())) return front;
    const before = left === null ? '' : `${shortHostOf(left)}: ${this.#store.fateOf(left)} · `;
    this.#store.say(`${before}this question came this moment: ${key} again`, 'info');
    return null;
  }

  async #send(question: Prompt, action: Action, scope: AnswerScope, done: string): Promise<void> {
    this.#underWay.add(question.id);
    this.#store.say(`${action} ${shortHostOf(question)}: sent to the engine`, 'dim');
    try {
      const { answered, saved } = await this.#client.request('questions.answer', {
        question: question.id,
        action,
        scope,
      });
      const parts = [done, answered > 0 ? connectionsText(answered) : 'nothing waited any more'];
      if (scope.kind === 'rule') parts.push('u undoes');
      const text = parts.join(' · ');
      this.#store.dropQuestion(question.id);
      if (saved) this.#store.say(text, 'strong');
      else this.#store.say(`NOT SAVED, in force until the engine stops: ${text}`, 'warn');
      if (scope.kind === 'rule') this.#store.rulesChanged();
    } catch (error) {
      this.#store.say(`not done: ${action} ${shortHostOf(question)}: ${messageOf(error)}`, 'bad');
    } finally {
      this.#underWay.delete(question.id);
    }
  }
}
