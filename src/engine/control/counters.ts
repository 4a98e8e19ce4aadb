import type { Effect, FlowRecord } from '../../model/flow.ts';
import type { Status } from '../../schema/status.ts';
import { Percentiles } from './percentiles.ts';

/** What is counted elsewhere. */
type Now = Pick<Status['counts'], 'open' | 'held' | 'goneBeforeAccept' | 'turnedAway'>;

/** What the status line counts, since the engine started. A flow counts once, with the verdict it got first. */
export class Counters {
  readonly decisionUs = new Percentiles();
  readonly connectUs = new Percentiles();
  total = 0;
  #allowed = 0;
  #blocked = 0;
  #defaulted = 0;
  #refusedAtLimit = 0;
  #notRedirected = 0;
  #unknownOrigin = 0;

  /**
   * Counts a flow's state. Returns as what it is counted from now on; `before` is what this returned last, null at first. One that
   * is held again, because its client named its server late, stays counted as it was until that is decided.
   */
  changed(before: Effect | null, flow: FlowRecord): Effect {
    const isHeld = flow.effect === 'held';
    if (before === null) this.decided(flow);
    else if (before === 'held' && !isHeld) this.settled(flow);
    else if (before === 'forward' && !isHeld && flow.effect !== 'forward') this.refusedLater();
    return before !== null && isHeld ? before : flow.effect;
  }

  decided(flow: FlowRecord): void {
    this.total++;
    this.decisionUs.add(flow.decisionUs);
    if (flow.effect !== 'held') this.settled(flow);
    if (flow.verdict.reason === 'too_many_connections') this.#refusedAtLimit++;
    if (flow.verdict.reason === 'not_redirected') this.#notRedirected++;
    if (flow.origin.unknown !== null) this.#unknownOrigin++;
  }

  /** What became of a flow, also of one that was held first. */
  settled(flow: FlowRecord): void {
    if (flow.effect === 'forward') this.#allowed++;
    else if (flow.effect !== 'closed') this.#blocked++;
    if (flow.defaulted) this.#defaulted++;
  }

  /** An allowed flow that the name-is-true rule or a new rule refused after all. */
  refusedLater(): void {
    this.#allowed--;
    this.#blocked++;
  }

  counts({ open, held, goneBeforeAccept, turnedAway }: Now): Status['counts'] {
    return {
      total: this.total,
      allowed: this.#allowed,
      blocked: this.#blocked,
      defaulted: this.#defaulted,
      held,
      open,
      refusedAtLimit: this.#refusedAtLimit,
      notRedirected: this.#notRedirected,
      goneBeforeAccept,
      turnedAway,
      unknownOrigin: this.#unknownOrigin,
    };
  }
}
