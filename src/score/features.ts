/** Most features one host may have; what would go beyond is dropped. Enough for 253 characters. */
const MAX_FEATURES = 4096;
/** Most groups of features a model tells apart in its explanation. */
const MAX_GROUPS = 8;

/**
 * Bucket numbers of one name, in groups. One sink belongs to one model and is written anew for each name, so that scoring
 * makes no garbage. `ends[g]` is where group g ends.
 */
export class FeatureSink {
  readonly indexes = new Int32Array(MAX_FEATURES);
  readonly ends = new Int32Array(MAX_GROUPS);
  count = 0;

  /** Begins a new name. */
  clear(): void {
    this.count = 0;
    this.ends.fill(0);
  }

  add(index: number): void {
    if (this.count < MAX_FEATURES) this.indexes[this.count++] = index;
  }

  /** Everything added since the last call belongs to `group`; groups must be closed in ascending order. */
  close(group: number): void {
    this.ends[group] = this.count;
  }
}
