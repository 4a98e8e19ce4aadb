import type { Event } from '../../src/control/protocol.ts';
import { assertNever } from '../../src/model/never.ts';
import { LOADING } from '../state/loaded.ts';
import { explainKey } from '../state/snapshot.ts';
import type { ScreenStore } from '../state/store.ts';
import { Changes } from './changes.ts';
import { load, messageOf, type ScreenClient } from './client.ts';
import { InquiryController } from './inquiry-controller.ts';
import { ListController } from './list-controller.ts';
import { type Notify, Presence } from './presence.ts';
import { QuestionController } from './question-controller.ts';
import { RuleController } from './rule-controller.ts';

/** Flows asked for at the start, so that the screen does not open empty. */
const BACKLOG_FLOWS = 1_000;

/** How the screen ends. */
export type ScreenExit = 'stop' | 'detach' | 'engine_gone';

/** What the controller needs. */
export interface ControllerOptions {
  readonly client: ScreenClient;
  readonly store: ScreenStore;
  readonly leave: (how: ScreenExit) => void;
  /** Calls a person to the terminal; without it nobody is called. */
  readonly notify?: Notify;
}

/** Carries the engine's events into the store and the person's commands to the engine. */
export class Controller {
  readonly store: ScreenStore;
  readonly leave: (how: ScreenExit) => void;
  readonly rules: RuleController;
  readonly lists: ListController;
  readonly questions: QuestionController;
  readonly inquiries: InquiryController;
  readonly presence: Presence;
  readonly #client: ScreenClient;
  #isToldQuestions = false;

  constructor({ client, store, leave, notify = () => {} }: ControllerOptions) {
    const changes = new Changes(store);
    this.store = store;
    this.leave = leave;
    this.rules = new RuleController(client, store, changes);
    this.lists = new ListController(client, store, changes);
    this.questions = new QuestionController(client, store);
    this.inquiries = new InquiryController(client, store, changes);
    this.presence = new Presence(client, store, notify);
    this.#client = client;
  }

  /** Attaches to the engine; what goes wrong is shown, never thrown. */
  async start(): Promise<void> {
    this.#client.onEvent((event) => this.#event(event));
    this.#client.onClose(() => this.store.setLink('gone'));
    this.store.subscribe(() => void this.#explainChosen());
    this.store.subscribe(() => this.inquiries.refresh());
    this.store.subscribe(() => this.presence.refresh());
    try {
      const first = await this.#client.request('subscribe', { as: 'screen', backlog: BACKLOG_FLOWS });
      this.store.addFlows(first.flows, 0);
      this.store.setStatus(first.status);
      if (this.store.getSnapshot().link.state === 'attaching') this.store.setLink('live');
      await this.#firstQuestions();
    } catch (error) {
      this.store.say(`the engine did not let this screen attach: ${messageOf(error)}`, 'bad');
      this.store.setLink('gone');
    }
  }

  /** What was asked before this screen came; an event that came meanwhile is newer. */
  async #firstQuestions(): Promise<void> {
    try {
      const { questions } = await this.#client.request('questions.list', {});
      if (!this.#isToldQuestions) this.store.setQuestions(questions);
    } catch (error) {
      this.store.say(`what is asked could not be read: ${messageOf(error)}`, 'bad');
    }
  }

  #event(event: Event): void {
    switch (event.event) {
      case 'flows':
        this.store.addFlows(event.flows, event.missed);
        break;
      case 'status':
        this.store.setStatus(event.status);
        break;
      case 'list_progress':
        if (this.store.getSnapshot().listProgress !== null) this.store.setListProgress(event.progress);
        break;
      case 'list_updated':
        break;
      case 'questions':
        this.#isToldQuestions = true;
        this.store.setQuestions(event.questions);
        break;
      case 'stopping':
        this.store.setLink('stopping');
        break;
      default:
        assertNever(event);
    }
  }

  async #explainChosen(): Promise<void> {
    const { chosen, link, ui, explained, rulesRevision } = this.store.getSnapshot();
    if (chosen === null || !ui.breakdown || ui.view !== 'flows' || link.state === 'gone') return;
    const key = explainKey(chosen, rulesRevision);
    if (explained.has(key)) return;
    this.store.setExplained(key, LOADING);
    this.store.setExplained(key, await load(() => this.#client.request('explainFlow', { flow: chosen.id })));
  }
}
