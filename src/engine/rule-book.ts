import type { RuleDraft } from '../control/schema.ts';
import type { RuleId, UnixMs } from '../model/brand.ts';
import type { Rule } from '../model/rule.ts';
import { checkRule, sameTerms } from '../policy/rule-text.ts';
import { compileRules, type RuleSet } from '../policy/rules.ts';

/** Rules kept at most; more would be a list. */
export const RULES_MAX = 100_000;

/** What a change did: rules that came and rules that went. */
export interface RuleChange {
  readonly added: readonly Rule[];
  readonly removed: readonly Rule[];
}

export type RuleOutcome =
  | { readonly ok: true; readonly change: RuleChange }
  | { readonly ok: false; readonly error: string };

/** Keeps rules over restarts; false when it could not. */
export interface RuleStore {
  saveRules(added: readonly Rule[], removed: readonly RuleId[]): Promise<{ readonly saved: boolean }>;
}

/** The rules in force: those a person made, which the ledger keeps, and those of rules.d, which files keep. */
export class RuleBook {
  #personal: Rule[] = [];
  #fromFiles: readonly Rule[] = [];
  #set: RuleSet = compileRules([]);

  constructor(private readonly store: RuleStore) {}

  get set(): RuleSet {
    return this.#set;
  }

  all(): readonly Rule[] {
    return [...this.#personal, ...this.#fromFiles];
  }

  load(personal: readonly Rule[]): void {
    this.#personal = [...personal];
    this.#compile();
  }

  loadFiles(rules: readonly Rule[]): void {
    this.#fromFiles = rules;
    this.#compile();
  }

  /** Makes rules. One that says the opposite on the same terms, or the same, is replaced. All or none. */
  add(drafts: readonly RuleDraft[], origin: Rule['origin'], now: UnixMs): RuleOutcome {
    const added: Rule[] = [];
    for (const [index, draft] of drafts.entries()) {
      const checked = checkRule(draft);
      if (!checked.ok)
        return {
          ok: false,
          error: drafts.length === 1 ? checked.error : `rule ${index + 1}: ${checked.error}`,
        };
      const until = draft.until as UnixMs | null;
      if (until !== null && until <= now)
        return { ok: false, error: `rule ${index + 1}: its end has already passed` };
      added.push({ ...draft, host: checked.host, until, id: newId(), createdAt: now, origin });
    }
    const hosts = new Set(added.map((rule) => rule.host));
    const replaced = this.#personal.filter(
      (old) => hosts.has(old.host) && added.some((rule) => sameTerms({ ...old, until: rule.until }, rule)),
    );
    if (this.#personal.length + added.length - replaced.length > RULES_MAX) {
      return { ok: false, error: `there would be more than ${RULES_MAX} rules; use a list for so many` };
    }
    return { ok: true, change: this.#apply({ added, removed: replaced }) };
  }

  remove(id: string): RuleOutcome {
    const rule = this.#personal.find((candidate) => candidate.id === id);
    if (rule !== undefined) return { ok: true, change: this.#apply({ added: [], removed: [rule] }) };
    const fromFile = this.#fromFiles.some((candidate) => candidate.id === id);
    if (fromFile) return { ok: false, error: `rule ${id} stands in a file of rules.d: change it there` };
    return { ok: false, error: `no rule ${id}; 'resolagent rules list' shows what there is` };
  }

  /** Takes a change back as far as it still stands. */
  undo(change: RuleChange): RuleChange {
    const there = new Set(this.#personal.map((rule) => rule.id));
    return this.#apply({
      added: change.removed.filter((rule) => !there.has(rule.id)),
      removed: change.added.filter((rule) => there.has(rule.id)),
    });
  }

  /** Drops rules whose time is over. */
  expire(now: UnixMs): void {
    const over = this.#personal.filter((rule) => rule.until !== null && rule.until <= now);
    if (over.length > 0) void this.save(this.#apply({ added: [], removed: over }));
  }

  /** Writes a change down; false when it is in force but could not be written. */
  async save(change: RuleChange): Promise<boolean> {
    const removed = change.removed.map((rule) => rule.id);
    return (await this.store.saveRules(change.added, removed)).saved;
  }

  #apply(change: RuleChange): RuleChange {
    const gone = new Set(change.removed.map((rule) => rule.id));
    this.#personal = [...this.#personal.filter((rule) => !gone.has(rule.id)), ...change.added];
    this.#compile();
    return change;
  }

  #compile(): void {
    this.#set = compileRules(this.all());
  }
}

function newId(): RuleId {
  return crypto.getRandomValues(Buffer.alloc(4)).toString('hex') as RuleId;
}
