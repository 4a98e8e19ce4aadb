import type { FlowRecord } from '../../model/flow.ts';

/** Lines that wait for the worker; past it new ones are given up. */
const PENDING_MAX = 16_384;
/** Flows remembered as already written, in two generations of this size. */
const SEEN_MAX = 32_768;

/**
 * Picks what goes into the file of blocked flows: each flow that was really stopped, once, though it is recorded at the
 * verdict and again at the end.
 */
export class BlockedOnce {
  #pending: FlowRecord[] = [];
  /** Taken, and not known to be written. */
  #inFlight: readonly FlowRecord[] = [];
  #seen = new Set<number>();
  #seenBefore = new Set<number>();
  #lost = 0;

  /** Lines given up because the worker did not take them. */
  get lost(): number {
    return this.#lost;
  }

  get waiting(): boolean {
    return this.#pending.length + this.#inFlight.length > 0;
  }

  offer(flow: FlowRecord): void {
    // By effect, not by verdict: permissive mode forwards what the verdict would block.
    if (flow.effect !== 'reset' && flow.effect !== 'forbidden') return;
    if (this.#seen.has(flow.id) || this.#seenBefore.has(flow.id)) return;
    if (this.#seen.size >= SEEN_MAX) {
      this.#seenBefore = this.#seen;
      this.#seen = new Set();
    }
    this.#seen.add(flow.id);
    if (this.#pending.length >= PENDING_MAX) this.#lost++;
    else this.#pending.push(flow);
  }

  /** What is to be written now; the same again until it is settled. */
  take(limit: number): readonly FlowRecord[] {
    if (this.#inFlight.length === 0) this.#inFlight = this.#pending.splice(0, limit);
    return this.#inFlight;
  }

  /** What was taken is written, or told as lost. */
  settle(): void {
    this.#inFlight = [];
  }
}
