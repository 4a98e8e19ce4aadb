const LINE_MAX_CHARS = 200;

/** When a silent engine counts as dead: after so many looks without a beat between them. */
export interface Patience {
  readonly lookMs: number;
  readonly looks: number;
}

/** What the engine has said so far, and how long it has said nothing. */
export class WatchdogOrders {
  /** The id of the rules to remove should the engine die, or null. */
  armed: string | null = null;
  // One character more than a line may have, so that a cut line never passes for a whole one.
  #rest = '';
  /** Looks since the last beat; null while silence means nothing: before the first beat, and when the engine ends by itself. */
  #silentLooks: number | null = null;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly patience: Patience) {}

  /** True while there is an engine to guard, or rules to remove. */
  get onDuty(): boolean {
    return this.armed !== null || this.#silentLooks !== null;
  }

  /**
   * Looks whether the engine beats, once every `lookMs`; true when it counts as dead. A look that comes late does not count: while the
   * watchdog itself did not run (stopped, starved, the machine asleep) it heard nothing, and has yet to read what was said meanwhile.
   */
  look(nowMs: number): boolean {
    const isLate = nowMs - this.#lookedAt > 2 * this.patience.lookMs;
    this.#lookedAt = nowMs;
    if (this.#silentLooks === null || isLate) return false;
    return ++this.#silentLooks >= this.patience.looks;
  }

  /** Takes the next piece of `armed ID`, `beat` and `disarm` lines; a line it cannot read changes nothing. */
  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, LINE_MAX_CHARS + 1);
    for (const line of lines) {
      const id = /^armed ([\w.:-]+)$/.exec(line.length > LINE_MAX_CHARS ? '' : line)?.[1];
      if (id !== undefined) this.armed = id;
      else if (line === 'beat') this.#silentLooks = 0;
      else if (line === 'disarm') this.#standDown();
    }
  }

  #standDown(): void {
    this.armed = null;
    this.#silentLooks = null;
  }
}
