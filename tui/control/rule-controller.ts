import type { FlowRecord } from '../../src/model/flow.ts';
import { clean, cutName } from '../draw/text.ts';
import { ARM_MS, isArmed } from '../state/question-queue.ts';
import type { Snapshot } from '../state/snapshot.ts';
import type { ScreenStore } from '../state/store.ts';
import { SHORT_NAME_CELLS, shortHostOf } from '../words/question.ts';
import { type Change, type Changes, resetParts } from './changes.ts';
import { load, type ScreenClient } from './client.ts';

const UNDOES = 'u undoes';
/** Rules named in one answer. */
const NAMED_MAX = 3;

/** Makes, removes and takes back rules, and reads those in force. */
export class RuleController {
  constructor(
    private readonly client: ScreenClient,
    private readonly store: ScreenStore,
    private readonly changes: Changes,
  ) {}

  /** Allows or blocks the name (or address) of the chosen flow for everyone. */
  async add(action: 'allow' | 'block', snapshot: Snapshot): Promise<void> {
    const flow = snapshot.chosen;
    if (flow === null) return this.store.say(`nothing to ${action}: no connection is chosen`, 'dim');
    const host = flow.target.host ?? flow.target.ip;
    const key = action === 'allow' ? 'a' : 'b';
    const { ended, front } = snapshot.queue;
    // A key meant for a question that went this moment must not become a lasting rule for a row.
    if (ended !== null && front === null && !isArmed(snapshot.queue, this.store.now())) {
      const name = cutName(clean(host), SHORT_NAME_CELLS);
      return this.store.say(
        `${shortHostOf(ended)}: ${this.store.resolutionOf(ended)} · ${key} again to ${action} ${name} for everyone`,
        'info',
      );
    }
    if (!this.#isArmed(snapshot, flow)) {
      this.store.act({
        type: 'choose',
        view: 'flows',
        choice: { id: flow.id, line: snapshot.chosenIndex },
      });
      return this.store.say(`${host} came this moment: ${key} again to ${action} it for everyone`, 'info');
    }
    await this.#change(`${action} ${host}`, async () => {
      const { rules, saved, resetFlows } = await this.client.request('rules.add', {
        rules: [{ action, host }],
        origin: 'screen',
      });
      const made = rules[0] ?? { action, host };
      const done = `${made.action === 'allow' ? 'allowed' : 'blocked'} ${clean(made.host)} for everyone`;
      return { parts: [done, ...resetParts(resetFlows), UNDOES], saved };
    });
  }

  async remove(id: string, label: string): Promise<void> {
    await this.#change(`remove ${label}`, async () => {
      const { rules, saved } = await this.client.request('rules.remove', { rule: id });
      const gone = rules[0];
      const what = gone === undefined ? label : `${gone.action} ${clean(gone.host)}`;
      return { parts: [`removed ${what}`, UNDOES], saved };
    });
  }

  async undo(): Promise<void> {
    await this.#change('undo', async () => {
      const { added, removed, saved } = await this.client.request('rules.undo', {});
      const parts = [
        ...removed.map((rule) => `${rule.action} ${clean(rule.host)} taken back`),
        ...added.map((rule) => `${rule.action} ${clean(rule.host)} in force again`),
      ];
      return { parts: parts.length > 0 ? parts.slice(0, NAMED_MAX) : ['nothing to undo'], saved };
    });
  }

  /** Reads the rules in force. */
  async load(): Promise<void> {
    const before = this.store.getSnapshot().rules.value;
    const rules = async () => (await this.client.request('rules.list', {})).rules;
    this.store.setRules(await load(rules, before));
  }

  async #change(what: string, change: () => Promise<Change>): Promise<void> {
    const isMade = await this.changes.make(what, change);
    if (isMade && this.store.getSnapshot().ui.view === 'rules') await this.load();
  }

  // Following the newest, the row under the finger may be another than the one that was read.
  #isArmed({ ui, flows, headSince }: Snapshot, flow: FlowRecord): boolean {
    if (ui.choices.flows !== undefined || ui.frozen) return true;
    return flows[0] !== flow || this.store.now() - headSince >= ARM_MS;
  }
}
