const DAY_MS = 86_400_000;
/** Inquiries are counted together when they lie this close, so that a day needs few entries. */
const SLOT_MS = 600_000;

/** The tokens that inquiries used within the last 24 hours. */
export class TokenBudget {
  readonly #slots: { readonly at: number; tokens: number }[] = [];

  /** `used` were spent before this run of the engine, and count for a day from now on. */
  constructor(used: number, now: number) {
    if (used > 0) this.#slots.push({ at: now, tokens: used });
  }

  spend(tokens: number, now: number): void {
    const last = this.#slots.at(-1);
    if (last !== undefined && now - last.at < SLOT_MS) last.tokens += tokens;
    else this.#slots.push({ at: now, tokens });
  }

  used(now: number): number {
    while (this.#slots[0] !== undefined && this.#slots[0].at <= now - DAY_MS) this.#slots.shift();
    return this.#slots.reduce((sum, slot) => sum + slot.tokens, 0);
  }
}
