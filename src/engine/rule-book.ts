import type { RuleId, UnixMs } from '../model/brand.ts';
import type { Rule } from '../model/rule.ts';
import { compileRules, type RuleSet } from '../policy/rules/rule-set.ts';
import { checkRule } from '../policy/rules/text.ts';
import type { RuleDraft } from '../schema/rule.ts';

/** Rules kept at most; more would be a list. */
const RULES_MAX = 20_000;
/** Rules put into force without a pause for connections. */
const SLICE = 100;

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
  readonly #set: RuleSet = compileRules([]);
  /** Changes one after the other: a rule must not go before it came. Settles without an error. */
  #enforcing: Promise<void> = Promise.resolve();

  constructor(private readonly store: RuleStore) {}

  get set(): RuleSet {
    return this.#set;
  }

  all(): readonly Rule[] {
    return [...this.#personal, ...this.#fromFiles];
  }

  /** Before the first connection. */
  load(personal: readonly Rule[]): void {
    this.#personal = [...personal];
    this.#set.change(personal, []);
  }

  /** Takes the rules of files in place of those of the last time. */
  async loadFiles(rules: readonly Rule[]): Promise<void> {
    const before = this.#fromFiles;
    this.#fromFiles = rules;
    await this.#enforce({ added: rules, removed: before });
  }

  /** Makes rules. One that says the opposite on the same terms, or the same, is replaced. All or none. */
  async add(drafts: readonly RuleDraft[], origin: Rule['origin'], now: UnixMs): Promise<RuleOutcome> {
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
      if (added.length % SLICE === 0) await nextTurn();
    }
    const terms = new Set(added.map(termsOf));
    const replaced = this.#personal.filter((old) => terms.has(termsOf(old)));
    if (this.#personal.length + added.length - replaced.length > RULES_MAX) {
      return { ok: false, error: `there would be more than ${RULES_MAX} rules; use a list for so many` };
    }
    return { ok: true, change: await this.#apply({ added, removed: replaced }) };
  }

  async remove(id: string): Promise<RuleOutcome> {
    const rule = this.#personal.find((candidate) => candidate.id === id);
    if (rule !== undefined) return { ok: true, change: await this.#apply({ added: [], removed: [rule] }) };
    const fromFile = this.#fromFiles.some((candidate) => candidate.id === id);
    if (fromFile) return { ok: false, error: `rule ${id} stands in a file of rules.d: change it there` };
    return { ok: false, error: `no rule ${id}; 'resolagent rules list' shows what there is` };
  }

  /** Takes a change back as far as it still stands. */
  undo(change: RuleChange): Promise<RuleChange> {
    const there = new Set(this.#personal.map((rule) => rule.id));
    return this.#apply({
      added: change.removed.filter((rule) => !there.has(rule.id)),
      removed: change.added.filter((rule) => there.has(rule.id)),
    });
  }

  /** Drops rules whose time is over. */
  async expire(now: UnixMs): Promise<void> {
    const over = this.#personal.filter((rule) => rule.until !== null && rule.until <= now);
    if (over.length > 0) await this.save(await this.#apply({ added: [], removed: over }));
  }

  /** Writes a change down; false when it is in force but could not be written. */
  async save(change: RuleChange): Promise<boolean> {
    const removed = change.removed.map((rule) => rule.id);
    return (await this.store.saveRules(change.added, removed)).saved;
  }

  async #apply(change: RuleChange): Promise<RuleChange> {
    const gone = new Set(change.removed.map((rule) => rule.id));
    this.#personal = [...this.#personal.filter((rule) => !gone.has(rule.id)), ...change.added];
    await this.#enforce(change);
    return change;
  }

  #enforce(change: RuleChange): Promise<void> {
    const enforced = this.#enforcing.then(() => this.#enforceSlices(change));
    this.#enforcing = enforced.catch(() => undefined);
    return enforced;
  }

  /** In slices, so that no connection waits for thousands of rules; the old go last, so that none finds a gap. */
  async #enforceSlices({ added, removed }: RuleChange): Promise<void> {
    const old = new Map(removed.map((rule) => [rule.id, rule]));
    for (const slice of slices(added)) {
      // A rule of a file keeps its id when its text changes: then old and new change places in one step.
      const same = slice.map((rule) => old.get(rule.id)).filter((rule) => rule !== undefined);
      for (const rule of same) old.delete(rule.id);
      this.#set.change(slice, same);
      if (slice.length === SLICE) await nextTurn();
    }
    for (const slice of slices([...old.values()])) {
      this.#set.change([], slice);
      if (slice.length === SLICE) await nextTurn();
    }
  }
}

/** What a rule is about, whatever it says and until when; hosts are in their one spelling here. */
function termsOf({ host, port, user, app }: Rule): string {
  return [host, port, user, app].join('\0');
}

function slices(rules: readonly Rule[]): (readonly Rule[])[] {
  return Array.from({ length: Math.ceil(rules.length / SLICE) }, (_, i) =>
    rules.slice(i * SLICE, (i + 1) * SLICE),
  );
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function newId(): RuleId {
  return crypto.getRandomValues(Buffer.alloc(4)).toString('hex') as RuleId;
}
