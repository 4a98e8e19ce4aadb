import type { ListReport } from '../../src/schema/list.ts';
import { clean } from '../draw/text.ts';
import type { ScreenStore } from '../state/store.ts';
import { updateOutcome } from '../words/lists.ts';
import { type Changes, resetParts } from './changes.ts';
import { messageOf, type ScreenClient } from './client.ts';

/** Switches lists and brings them up to date. */
export class ListController {
  constructor(
    private readonly client: ScreenClient,
    private readonly store: ScreenStore,
    private readonly changes: Changes,
  ) {}

  /** Switches a list on when it is off, and off when it is on. */
  async toggle({ name, on, url, at }: ListReport): Promise<void> {
    const label = clean(name);
    const isEmpty = url !== null && at === null;
    await this.changes.make(`switch ${label}`, async () => {
      const { resetFlows } = await this.client.request('lists.switch', { name, on: !on });
      const later = !on && isEmpty ? ['its content comes with the next update'] : [];
      return { parts: [`${label} is ${on ? 'off' : 'on'}`, ...later, ...resetParts(resetFlows)] };
    });
  }

  /** Downloads what changed of all sources that are on; one such update at a time. */
  async update(): Promise<void> {
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
}
