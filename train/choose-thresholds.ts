/** Honest names that a threshold is chosen on. */
export interface HonestSet {
  /** Log-odds of the names that the threshold can touch. */
  readonly logits: Float64Array;
  /** All names of the set, those that a table passes included. */
  readonly total: number;
  /** The largest share of `total` that may lie above the threshold. */
  readonly budget: number;
}

/** The lowest log-odds threshold that keeps every set within its budget, rounded up to a hundredth. */
export function chooseThreshold(sets: readonly HonestSet[]): number {
  let threshold = Number.NEGATIVE_INFINITY;
  for (const { logits, total, budget } of sets) {
    const sorted = logits.slice().sort();
    const allowed = Math.floor(budget * total);
    const first = sorted[sorted.length - 1 - allowed];
    if (first !== undefined && first > threshold) threshold = first;
  }
  return Math.ceil((threshold + 1e-9) * 100) / 100;
}
