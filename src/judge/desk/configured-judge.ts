import type { Config } from '../../config/schema.ts';
import type { Inquiry } from '../../model/inquiry.ts';
import type { Status } from '../../schema/status.ts';
import type { JudgingParts } from './ports.ts';
import { JudgeServer } from './server.ts';
import { TokenBudget } from './token-budget.ts';

/** Keys that are read at the moment of use. */
const LIVE: ReadonlySet<string> = new Set(['holdMs', 'whileJudging', 'dailyTokens']);

/** Why a judge is not asked whose server says nothing itself. */
const NOT_ASKED: Readonly<Partial<Record<Status['judge']['state'], string>>> = {
  off: 'judge.enabled = false',
  out_of_tokens: 'judge.dailyTokens are used up',
};

/** The judge as it is configured: its model, whether the server of it is there, and the tokens it may use. */
export class ConfiguredJudge {
  readonly server = new JudgeServer(() => this.#serverChanged());
  readonly #parts: Pick<JudgingParts, 'setUp' | 'notice'>;
  readonly #budget: TokenBudget;
  /** Told when it can be asked, or no longer. */
  readonly #changed: () => void;
  #config: Config['judge'];

  constructor(config: Config, parts: Pick<JudgingParts, 'setUp' | 'notice' | 'memory'>, changed: () => void) {
    this.#parts = parts;
    this.#changed = changed;
    this.#config = config.judge;
    // Not the wall clock: set forward or back it would give the day's tokens away, or hold them back for years.
    this.#budget = new TokenBudget(parts.memory.tokens, () => performance.now());
    this.#begin(config);
  }

  /**
   * Takes a changed configuration; true when that means another model, another server or other tools. A judge that was refused, or
   * could not be set up, is begun anew also where nothing changed, for its key may have.
   */
  configure(config: Config): boolean {
    const before = this.#config;
    this.#config = config.judge;
    const isSame = Bun.deepEquals(fixedPart(before), fixedPart(config.judge));
    if (isSame && this.server.state !== 'refused') return false;
    this.#begin(config);
    return true;
  }

  get config(): Config['judge'] {
    return this.#config;
  }

  get state(): Status['judge']['state'] {
    return this.server.state === 'ready' && this.isSpent ? 'out_of_tokens' : this.server.state;
  }

  get tokensUsed(): number {
    return this.#budget.used;
  }

  /** The day's tokens are used up. */
  get isSpent(): boolean {
    return this.#budget.isSpent(this.#config.dailyTokens);
  }

  get spentText(): string {
    return `judge.dailyTokens = ${this.#config.dailyTokens} are used up; it goes on within 24 hours`;
  }

  /** How many inquiries may run now: near the end of the day's tokens so many as are left for. */
  get places(): number {
    if (this.state !== 'ready') return 0;
    return Math.min(this.server.atOnce, this.#budget.inquiriesLeft(this.#config.dailyTokens));
  }

  /** Why nothing new is asked for a program, in a sentence; null when it is. */
  whyNot(program: string): string | null {
    const { state } = this;
    // A server that is asked for the first time says within a moment whether it is there; what is held until then is decided anew.
    if (state !== 'ready' && state !== 'unknown')
      return `the judge is not asked: ${this.server.detail ?? NOT_ASKED[state] ?? state}`;
    return this.#budget.isSpentBy(program, this.#config.dailyTokens)
      ? 'the judge is not asked: this program has used its part of judge.dailyTokens'
      : null;
  }

  /** Counts what an inquiry used. `program` null: for a person. */
  spend({ tokens }: Inquiry, program: string | null): void {
    const wasSpent = this.isSpent;
    this.#budget.spend(tokens.prompt + tokens.completion, program);
    if (wasSpent || !this.isSpent) return;
    this.#parts.notice(`the judge is not asked: ${this.spentText}`);
    this.#changed();
  }

  #begin(config: Config): void {
    const setup = config.judge.enabled ? this.#parts.setUp(config) : null;
    this.server.use(setup);
    if (setup !== null && 'error' in setup) this.#parts.notice(`the judge is not asked: ${setup.error}`);
  }

  #serverChanged(): void {
    const { state, detail } = this.server;
    const { apiUrl, model } = this.#config;
    this.#parts.notice(
      state === 'ready'
        ? `the judge is ready: ${model} at ${apiUrl}`
        : `the judge is not asked: ${detail ?? state}; 'resolagent judge check' tells more`,
    );
    this.#changed();
  }
}

/** What a change of means another judge. */
function fixedPart(judge: Config['judge']): object {
  return Object.fromEntries(Object.entries(judge).filter(([key]) => !LIVE.has(key)));
}
