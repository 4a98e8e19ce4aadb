import type { Rule } from '../model/rule.ts';

/**
 * The rules that should be on disk, and which of them are not. It outlives every database: when one is lost, the next one
 * gets the rules from here.
 */
export class RuleMemory {
  readonly #rules = new Map<string, Rule>();
  readonly #unsaved = new Set<string>();
  #loaded = false;

  /** False until the rules of a database, or of the copy of a lost one, have been taken in. */
  get loaded(): boolean {
    return this.#loaded;
  }

  get rules(): ReadonlyMap<string, Rule> {
    return this.#rules;
  }

  /** Ids whose row differs from what it should be. */
  get unsaved(): ReadonlySet<string> {
    return this.#unsaved;
  }

  /**
   * Takes note of what a newly opened database holds. The first time it is taken in; after that memory has the say, and
   * what differs is to be written.
   */
  meet(onDisk: ReadonlyMap<string, Rule>): void {
    if (!this.#loaded) {
      for (const [id, rule] of onDisk) if (!this.#unsaved.has(id)) this.#rules.set(id, rule);
      this.#loaded = true;
      return;
    }
    for (const id of onDisk.keys()) if (!this.#rules.has(id)) this.#unsaved.add(id);
    for (const [id, rule] of this.#rules) {
      if (JSON.stringify(onDisk.get(id)) !== JSON.stringify(rule)) this.#unsaved.add(id);
    }
  }

  change(added: readonly Rule[], removedIds: readonly string[]): void {
    for (const id of removedIds) {
      this.#rules.delete(id);
      this.#unsaved.add(id);
    }
    for (const rule of added) {
      this.#rules.set(rule.id, rule);
      this.#unsaved.add(rule.id);
    }
  }

  /** Everything is on disk now. */
  settle(): void {
    this.#unsaved.clear();
  }
}
