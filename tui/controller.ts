import type { Event } from '../src/control/protocol.ts';
import type { FlowRecord } from '../src/model/flow.ts';
import { assertNever } from '../src/model/never.ts';
import type { RuleDraft } from '../src/schema/rule.ts';
import { messageOf, type ScreenClient } from './client.ts';
import { clean, cutName } from './draw/text.ts';
import { Inquiries } from './judge/inquiries.ts';
import { updateOutcome } from './list-words.ts';
import { Answers } from './question/answers.ts';
import { Attention, type Call } from './question/attention.ts';
import { ARM_MS, isArmed } from './question/queue.ts';
import { shortHostOf, TOLD_CELLS } from './question/words.ts';
import type { Snapshot } from './snapshot.ts';
import type { ScreenStore } from './store.ts';

/** Flows asked for at the start, so that the screen does not open empty. */
const BACKLOG_FLOWS = 1_000;
/** Changes of rules under way at once; a key held down does not flood the engine. */
const PENDING_MAX = 4;

/** How the screen ends. */
export type Leave = 'stop' | 'detach' | 'engine_gone';

/** What the controller needs. */
export interface ControllerOptions {
  readonly client: ScreenClient;
  readonly store: ScreenStore;
  readonly leave: (how: Leave) => void;
  /** Calls for a person; without it nobody is called. */
  readonly call?: Call;
}

/** Carries the engine's events into the store and the person's commands to the engine. */
export class Controller {
  readonly client: ScreenClient;
  readonly store: ScreenStore;
  readonly leave: (how: Leave) => void;
  readonly answers: Answers;
  readonly inquiries: Inquiries;
  readonly attention: Attention;
  #pending = 0;
  #toldQuestions = false;

  constructor(options: ControllerOptions) {
    this.client = options.client;
    this.store = options.store;
    this.leave = options.leave;
    this.answers = new Answers(options.client, options.store);
    this.inquiries = new Inquiries(options.client, options.store);
    this.attention = new Attention(options.client, options.store, options.call ?? (() => {}));
  }

  /** Attaches to the engine; what goes wrong is shown, never thrown. */
  async start(): Promise<void> {
    this.client.onEvent((event) => this.#event(event));
    this.client.onClose(() => this.store.setLink('gone'));
    this.store.subscribe(() => this.#explainChosen());
    this.store.subscribe(() => this.inquiries.look());
    this.store.subscribe(() => this.attention.look());
    try {
      const first = await this.client.request('subscribe', { as: 'screen', backlog: BACKLOG_FLOWS });
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
      const { questions } = await this.client.request('questions.list', {});
      if (!this.#toldQuestions) this.store.setQuestions(questions);
    } catch (error) {
      this.store.say(`what is asked could not be read: ${messageOf(error)}`, 'bad');
    }
  }

  /** Allows or blocks the name (or address) of the chosen flow for everyone. */
  async makeRule(action: 'allow' | 'block', picture: Snapshot): Promise<void> {
    const flow = picture.chosen;
    if (flow === null) return this.store.say(`nothing to ${action}: no connection is chosen`, 'dim');
    const host = flow.target.host ?? flow.target.ip;
    const key = action === 'allow' ? 'a' : 'b';
    const { left, front } = picture.queue;
    // A key meant for a question that went this moment must not become a lasting rule for a row.
    if (left !== null && front === null && !isArmed(picture.queue, this.store.now())) {
      const fate = `${shortHostOf(left)}: ${this.store.fateOf(left)}`;
      return this.store.say(
        `${fate} · ${key} again to ${action} ${cutName(clean(host), TOLD_CELLS)} for everyone`,
        'info',
      );
    }
    if (!this.#armed(picture, flow)) {
      this.store.act({ type: 'choose_flow', choice: { id: flow.id, line: picture.chosenIndex } });
      return this.store.say(`${host} came this moment: ${key} again to ${action} it for everyone`, 'info');
    }
    const draft: RuleDraft = { action, host, port: null, app: null, user: null, until: null, note: null };
    await this.#change(`${action} ${host}`, async () => {
      const answer = await this.client.request('rules.add', { rules: [draft], origin: 'screen' });
      const made = answer.rules[0] ?? draft;
      const done = made.action === 'allow' ? 'allowed' : 'blocked';
      const parts = [`${done} ${clean(made.host)} for everyone`];
      if (answer.resetFlows > 0) parts.push(`${connections(answer.resetFlows)} reset`);
      return { parts, saved: answer.saved, undo: true };
    });
  }

  async removeRule(id: string, label: string): Promise<void> {
    await this.#change(`remove ${label}`, async () => {
      const answer = await this.client.request('rules.remove', { rule: id });
      const gone = answer.rules[0];
      return {
        parts: [`removed ${gone === undefined ? label : `${gone.action} ${clean(gone.host)}`}`],
        saved: answer.saved,
        undo: true,
      };
    });
  }

  async undo(): Promise<void> {
    await this.#change('undo', async () => {
      const { added, removed, saved } = await this.client.request('rules.undo', {});
      const parts = [
        ...removed.map((rule) => `${rule.action} ${clean(rule.host)} taken back`),
        ...added.map((rule) => `${rule.action} ${clean(rule.host)} in force again`),
      ];
      return { parts: parts.length > 0 ? parts : ['nothing to undo'], saved, undo: false };
    });
  }

  /** `isEmpty`: the list has no content before an update. */
  async switchList(name: string, on: boolean, isEmpty: boolean): Promise<void> {
    const label = clean(name);
    if (this.#pending >= PENDING_MAX)
      return this.store.say(`not done: switch ${label}: too many changes at once`, 'warn');
    this.#pending++;
    try {
      const { resetFlows } = await this.client.request('lists.switch', { name, on });
      const parts = [`${label} is ${on ? 'on' : 'off'}`];
      if (on && isEmpty) parts.push('its content comes with the next update');
      if (resetFlows > 0) parts.push(`${connections(resetFlows)} reset`);
      this.store.say(parts.join(' · '), 'strong');
      this.store.rulesChanged();
    } catch (error) {
      this.store.say(`not done: switch ${label}: ${messageOf(error)}`, 'bad');
    } finally {
      this.#pending--;
    }
  }

  /** Downloads what changed of all sources that are on; one such update at a time. */
  async updateLists(): Promise<void> {
    if (this.store.getSnapshot().listProgress !== null)
      return this.store.say('an update is under way', 'dim');
    this.store.setListProgress({ name: 'the first source', bytes: 0, totalBytes: null });
    try {
      const { results } = await this.client.request('lists.update', {});
      const { text, tone } = updateOutcome(results);
      this.store.say(text, tone);
      this.store.rulesChanged();
    } catch (error) {
      this.store.say(`the lists were not updated: ${messageOf(error)}`, 'bad');
    } finally {
      this.store.setListProgress(null);
    }
  }

  async loadRules(): Promise<void> {
    try {
      const { rules } = await this.client.request('rules.list', {});
      this.store.setRules(rules);
    } catch (error) {
      this.store.setRulesError(messageOf(error));
    }
  }

  async #change(
    what: string,
    run: () => Promise<{
      readonly parts: readonly string[];
      readonly saved: boolean;
      readonly undo: boolean;
    }>,
  ): Promise<void> {
    if (this.#pending >= PENDING_MAX)
      return this.store.say(`not done: ${what}: too many changes at once`, 'warn');
    this.#pending++;
    try {
      const { parts, saved, undo } = await run();
      const text = [...parts.slice(0, 3), ...(undo ? ['u undoes'] : [])].join(' · ');
      if (saved) this.store.say(text, 'strong');
      else this.store.say(`NOT SAVED, in force until the engine stops: ${text}`, 'warn');
      this.store.rulesChanged();
      if (this.store.getSnapshot().ui.view === 'rules') await this.loadRules();
    } catch (error) {
      this.store.say(`not done: ${what}: ${messageOf(error)}`, 'bad');
    } finally {
      this.#pending--;
    }
  }

  // Following the newest, the row under the finger may be another than the one that was read.
  #armed(picture: Snapshot, flow: FlowRecord): boolean {
    if (picture.ui.flow !== null || picture.ui.frozen) return true;
    return picture.flows[0] !== flow || this.store.now() - picture.headSince >= ARM_MS;
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
        this.#toldQuestions = true;
        this.store.setQuestions(event.questions);
        break;
      case 'stopping':
        this.store.setLink('stopping');
        break;
      default:
        assertNever(event);
    }
  }

  #explainChosen(): void {
    const picture = this.store.getSnapshot();
    const { chosen, link, ui } = picture;
    if (chosen === null || !ui.breakdown || ui.view !== 'flows' || link.state === 'gone') return;
    const key = explainKey(chosen, picture.rulesRevision);
    if (picture.explained.has(key)) return;
    this.store.setExplained(key, { state: 'loading' });
    this.client.request('explainFlow', { flow: chosen.id }).then(
      (explanation) => this.store.setExplained(key, { state: 'ready', explanation }),
      (error) => this.store.setExplained(key, { state: 'failed', error: messageOf(error) }),
    );
  }
}

/** Under which name the explanation of a flow is kept: a new verdict or new rules ask for a new one. */
export function explainKey(flow: FlowRecord, rulesRevision: number): string {
  return `${flow.id}/${flow.verdict.stage}/${flow.effect}/${rulesRevision}`;
}

function connections(count: number): string {
  return count === 1 ? '1 open connection' : `${count} open connections`;
}
