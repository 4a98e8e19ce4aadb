const DAY_MS = 86_400_000;
/** Inquiries are counted together when they lie this close, so that a day needs few entries. */
const SLOT_MS = 600_000;
/** Programs that are told apart within one of them; what others spend counts for all alone. */
const PROGRAMS_MAX = 256;

interface Slot {
  readonly at: number;
  tokens: number;
  readonly byProgram: Map<string, number>;
}

/** The tokens that inquiries used within the last 24 hours, and for which programs. */
export class TokenBudget {
  readonly #slots: Slot[] = [];

  /** `used` were spent before this run of the engine, and count for a day from now on. */
  constructor(used: number, now: number) {
    if (used > 0) this.#slots.push({ at: now, tokens: used, byProgram: new Map() });
  }

  /** `program` null: for a person. */
  spend(tokens: number, program: string | null, now: number): void {
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

  used(now: number): number {
    this.#forget(now);
    return this.#slots.reduce((sum, slot) => sum + slot.tokens, 0);
  }

  usedBy(program: string, now: number): number {
    this.#forget(now);
    return this.#slots.reduce((sum, slot) => sum + (slot.byProgram.get(program) ?? 0), 0);
  }

  #forget(now: number): void {
    while (this.#slots[0] !== undefined && this.#slots[0].at <= now - DAY_MS) this.#slots.shift();
  }
}
