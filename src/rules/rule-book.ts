import { setImmediate as nextTurn } from 'node:timers/promises';
import { SetDigest } from '../files/digest.ts';
import type { RuleId, UnixMs } from '../model/brand.ts';
import type { Rule } from '../model/rule.ts';
import { compileRules } from '../policy/rules/rule-set.ts';
import { type CheckedRule, checkRule } from '../policy/rules/text.ts';
import type { RuleDraft } from '../schema/rule.ts';

/** Rules kept at most; more would be a list. */
const RULES_MAX = 20_000;
/** Rules put into force without a pause for connections. */
const SLICE = 100;

/** Rules that came and rules that went. */
export interface RuleChange {
  /** `ended`: their time is over. `files`: rules.d was read again, and may say what it said before. */
  readonly why: 'added' | 'removed' | 'undone' | 'ended' | 'files';
  readonly added: readonly CheckedRule[];
  readonly removed: readonly CheckedRule[];
}

/** A change that is in force. */
export interface RuleUpdate {
  readonly ok: true;
  readonly change: RuleChange;
  /** What follows from it: open flows that were cut, and whether it is on disk. Else it is tried again every second. */
  readonly settled: Promise<{ readonly resetFlows: number; readonly saved: boolean }>;
}

export type RuleOutcome = RuleUpdate | { readonly ok: false; readonly error: string };

/** How the kept rules stand. */
export interface RuleHealth {
  /** Why what was saved last is not kept; null when it is. */
  readonly error: string | null;
  /** Something that happened and is over, and that a person should know. */
  readonly notice: string | null;
}

/** Keeps the rules that a person made over restarts. */
export interface RuleStore {
  /** What was kept, for the start. Never rejects. */
  read(): Promise<readonly CheckedRule[]>;
  /** Keeps these in place of those before; false when that has not worked within a few seconds. Never rejects. */
  save(rules: readonly Rule[]): Promise<boolean>;
  /** Keeps what could not be kept, or is gone since. Cheap enough for once a second; never rejects. */
  keep(): Promise<void>;
  readonly health: RuleHealth;
}

/**
 * The rules in force: those a person made, whose one durable form the store keeps, and those of rules.d, which files keep. Every
 * change is announced once it is in force, whoever made it.
 */
export class RuleBook {
  readonly set = compileRules([]);
  readonly #store: RuleStore;
  readonly #onChange: (change: RuleChange) => Promise<number>;
  #personal: readonly CheckedRule[] = [];
  #fromFiles: readonly CheckedRule[] = [];
  /** How many of them had ended when that was last looked at. */
  #filesEnded = 0;
  readonly #digest = new SetDigest();
  /** Changes one after the other: a rule must not go before it came. Settles without an error. */
  #enforcing: Promise<void> = Promise.resolve();

  /** `onChange` is told of a change that is in force, asks open flows again, and says how many were cut. */
  constructor(store: RuleStore, onChange: (change: RuleChange) => Promise<number>) {
    this.#store = store;
    this.#onChange = onChange;
  }

  /** Whether the rules in force are all on disk. */
  get health(): RuleHealth {
    return this.#store.health;
  }

  /** Tells sets of rules apart, whatever order they came in. */
  get digest(): string {
    return this.#digest.toString();
  }

  all(): readonly Rule[] {
    return rulesOf([...this.#personal, ...this.#fromFiles]);
  }

  /** Takes in the kept rules, before the first connection. */
  async load(): Promise<void> {
    this.#personal = await this.#store.read();
    this.#change(this.#personal, []);
    await this.#store.keep();
  }

  /** Takes the rules of files in place of those of the last time. Announced even when they are the same. */
  async loadFiles(rules: readonly CheckedRule[], now: UnixMs): Promise<void> {
    const change: RuleChange = { why: 'files', added: rules, removed: this.#fromFiles };
    this.#fromFiles = rules;
    this.#filesEnded = endedOf(rules, now).length;
    await this.#enforce(change);
    await this.#onChange(change);
  }

  /** Makes rules. One that says the opposite on the same terms, or the same, is replaced. All or none. */
  async add(drafts: readonly RuleDraft[], origin: Rule['origin'], now: UnixMs): Promise<RuleOutcome> {
    const added: CheckedRule[] = [];
    for (const [index, draft] of drafts.entries()) {
      const until = draft.until as UnixMs | null;
      if (until !== null && until <= now)
        return { ok: false, error: `rule ${index + 1}: its end has already passed` };
      const check = checkRule<Rule>({ ...draft, until, id: newId(), createdAt: now, origin });
      if (!check.ok) {
        const error = `${check.key} ${check.error}`;
        return { ok: false, error: drafts.length === 1 ? error : `rule ${index + 1}: ${error}` };
      }
      added.push(check.checked);
      if (added.length % SLICE === 0) await nextTurn();
    }
    const terms = new Set(added.map(termsOf));
    const removed = this.#personal.filter((old) => terms.has(termsOf(old)));
    if (this.#personal.length + added.length - removed.length > RULES_MAX) {
      return { ok: false, error: `there would be more than ${RULES_MAX} rules; use a list for so many` };
    }
    return this.#apply({ why: 'added', added, removed });
  }

  async remove(id: string): Promise<RuleOutcome> {
    const found = this.#personal.find(({ rule }) => rule.id === id);
    if (found !== undefined) return this.#apply({ why: 'removed', added: [], removed: [found] });
    const fromFile = this.#fromFiles.some(({ rule }) => rule.id === id);
    if (fromFile) return { ok: false, error: `rule ${id} stands in a file of rules.d: change it there` };
    return { ok: false, error: `no rule ${id}; 'resolagent rules list' shows what there is` };
  }

  /** Takes a change back as far as it still stands. */
  undo(change: RuleChange): Promise<RuleUpdate> {
    const there = new Set(this.#personal.map(({ rule }) => rule.id));
    return this.#apply({
      why: 'undone',
      added: change.removed.filter(({ rule }) => !there.has(rule.id)),
      removed: change.added.filter(({ rule }) => there.has(rule.id)),
    });
  }

  /**
   * For once a second, by the clock on the wall, which may be set: rules whose time is over go. Those of files stay in their file,
   * and count again when the clock is set back. What is not on disk yet is written.
   */
  async tick(now: UnixMs): Promise<void> {
    const removed = endedOf(this.#personal, now);
    if (removed.length > 0) await (await this.#apply({ why: 'ended', added: [], removed })).settled;
    const ofFiles = endedOf(this.#fromFiles, now);
    if (ofFiles.length !== this.#filesEnded) {
      this.#filesEnded = ofFiles.length;
      await this.#onChange({ why: 'ended', added: [], removed: ofFiles });
    }
    await this.#store.keep();
  }

  /** A last try to write what is not on disk, in a few seconds at most. */
  close(): Promise<void> {
    return this.#store.keep();
  }

  async #apply(change: RuleChange): Promise<RuleUpdate> {
    const gone = new Set(change.removed.map(({ rule }) => rule.id));
    this.#personal = [...this.#personal.filter(({ rule }) => !gone.has(rule.id)), ...change.added];
    await this.#enforce(change);
    const settled = Promise.all([this.#onChange(change), this.#store.save(rulesOf(this.#personal))]);
    return { ok: true, change, settled: settled.then(([resetFlows, saved]) => ({ resetFlows, saved })) };
  }

  #enforce(change: RuleChange): Promise<void> {
    const enforced = this.#enforcing.then(() => this.#enforceSlices(change));
    this.#enforcing = enforced.catch(() => undefined);
    return enforced;
  }

  /** In slices, so that no connection waits for thousands of rules; the old go last, so that none finds a gap. */
  async #enforceSlices({ added, removed }: RuleChange): Promise<void> {
    const old = new Map(removed.map((each) => [each.rule.id, each]));
    for (const slice of slices(added)) {
      // A rule of a file keeps its id when its text changes: then old and new change places in one step.
      const same = slice.map(({ rule }) => old.get(rule.id)).filter((each) => each !== undefined);
      for (const { rule } of same) old.delete(rule.id);
      this.#change(slice, same);
      if (slice.length === SLICE) await nextTurn();
    }
    for (const slice of slices([...old.values()])) {
      this.#change([], slice);
      if (slice.length === SLICE) await nextTurn();
    }
  }

  #change(added: readonly CheckedRule[], removed: readonly CheckedRule[]): void {
    for (const checked of [...added, ...removed]) this.#digest.toggle(decidingFields(checked));
    this.set.change(added, removed);
  }
}

/** The fields of a rule that decide, as text. */
function decidingFields({
  rule: { id, action, host, port, app, user, until, createdAt },
}: CheckedRule): string {
  return JSON.stringify([id, action, host, port, app, user, until, createdAt]);
}

/** The rules as they are shown and written. */
export function rulesOf(checked: readonly CheckedRule[]): readonly Rule[] {
  return checked.map(({ rule }) => rule);
}

function endedOf(rules: readonly CheckedRule[], now: UnixMs): readonly CheckedRule[] {
  return rules.filter(({ rule }) => rule.until !== null && rule.until <= now);
}

/** What a rule is about, whatever it says and until when; hosts are in their one spelling here. */
function termsOf({ rule: { host, port, user, app } }: CheckedRule): string {
  return [host, port, user, app].join('\0');
}

function slices(rules: readonly CheckedRule[]): (readonly CheckedRule[])[] {
  return Array.from({ length: Math.ceil(rules.length / SLICE) }, (_, i) =>
    rules.slice(i * SLICE, (i + 1) * SLICE),
  );
}

function newId(): RuleId {
  return crypto.getRandomValues(Buffer.alloc(4)).toString('hex') as RuleId;
}
