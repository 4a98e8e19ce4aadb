import { countOf } from '../draw/format.ts';
import type { Tone } from '../draw/text.ts';
import type { ScreenStore } from '../state/store.ts';
import { messageOf } from './client.ts';

/** Changes under way at once; a key held down does not flood the engine. */
const UNDER_WAY_MAX = 4;

/** What came of a change, in parts for the line above the keys. */
export interface Change {
  readonly parts: readonly string[];
  /** False when it is in force, but the ledger could not write it. */
  readonly saved?: boolean;
  readonly tone?: Tone;
}

/** Makes the changes that a person asks the engine for, and says what came of each. */
export class Changes {
  #underWay = 0;

  constructor(private readonly store: ScreenStore) {}

  /** Whether the change was made; where it was not, that is said of `what`. */
  async make(what: string, change: () => Promise<Change>): Promise<boolean> {
    if (this.#underWay >= UNDER_WAY_MAX) {
      this.store.say(`not done: ${what}: too many changes at once`, 'warn');
      return false;
    }
    this.#underWay++;
    try {
      sayChange(this.store, await change());
      this.store.rulesChanged();
      return true;
    } catch (error) {
      this.store.say(`not done: ${what}: ${messageOf(error)}`, 'bad');
      return false;
    } finally {
      this.#underWay--;
    }
  }
}

/** Says what came of a change, and whether it lasts. */
export function sayChange(store: ScreenStore, { parts, saved = true, tone = 'strong' }: Change): void {
  const text = parts.join(' · ');
  if (saved) store.say(text, tone);
  else store.say(`NOT SAVED, in force until the engine stops: ${text}`, 'warn');
}

/** That open connections were cut, where any were. */
export function resetParts(resetFlows: number): readonly string[] {
  return resetFlows === 0 ? [] : [`${countOf(resetFlows, 'open connection')} reset`];
}
