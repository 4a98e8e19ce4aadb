import { INQUIRY_TOKENS } from '../core/state.ts';

const DAY_MS = 86_400_000;
/** Inquiries are counted together when they lie this close, so that a day needs few entries. */
const SLOT_MS = 600_000;
/** Programs that are told apart within one of them; what others spend counts for all alone. */
const PROGRAMS_MAX = 256;
/** Of a day's tokens, what one program can use: the rest is for the others. */
const PROGRAM_SHARE = 0.75;

interface Slot {
  readonly at: number;
  tokens: number;
  readonly byProgram: Map<string, number>;
}

/** The tokens that inquiries used within the last 24 hours, and for which programs. A `daily` limit of 0 is none. */
export class TokenBudget {
  readonly #slots: Slot[] = [];
  readonly #clock: () => number;

  /** `used` were spent before this run of the engine, and count for a day from now on. The clock is one that nobody sets. */
  constructor(used: number, clock: () => number) {
    this.#clock = clock;
    if (used > 0) this.#slots.push({ at: clock(), tokens: used, byProgram: new Map() });
  }

  /** `program` null: for a person. */
  spend(tokens: number, program: string | null): void {
    const now = this.#clock();
    let slot = this.#slots.at(-1);
    if (slot === undefined || now - slot.at >= SLOT_MS) {
      slot = { at: now, tokens: 0, byProgram: new Map() };
      this.#slots.push(slot);
    }
    slot.tokens += tokens;
    const { byProgram } = slot;
    if (program === null || (byProgram.size >= PROGRAMS_MAX && !byProgram.has(program))) return;
    byProgram.set(program, (byProgram.get(program) ?? 0) + tokens);
  }

  get used(): number {
    return this.#sum(({ tokens }) => tokens);
  }

  isSpent(daily: number): boolean {
    return daily > 0 && this.used >= daily;
  }

  /** Whether a program has used its part. */
  isSpentBy(program: string, daily: number): boolean {
    return daily > 0 && this.#sum(({ byProgram }) => byProgram.get(program) ?? 0) >= daily * PROGRAM_SHARE;
  }

  /** How many inquiries there are tokens for. */
  inquiriesLeft(daily: number): number {
    return daily === 0 ? Number.POSITIVE_INFINITY : Math.ceil((daily - this.used) / INQUIRY_TOKENS);
  }

  #sum(tokensOf: (slot: Slot) => number): number {
    const since = this.#clock() - DAY_MS;
    while (this.#slots[0] !== undefined && this.#slots[0].at <= since) this.#slots.shift();
    return this.#slots.reduce((sum, slot) => sum + tokensOf(slot), 0);
  }
}
