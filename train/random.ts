/** A seeded source of numbers: the same seed gives the same training run, byte for byte. */
export interface Random {
  /** A number from 0 (included) to 1 (not included). */
  unit(): number;
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number;
  /** A whole number from `low` to `high`, both included. */
  range(low: number, high: number): number;
  /** One of the items; the list must not be empty. */
  pick<T>(items: ArrayLike<T>): T;
}

/** mulberry32 (Tommy Ettinger, public domain): 32 bits of state, enough for shuffling and drawing letters. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const unit = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number): number => Math.floor(unit() * limit);
  return {
    unit,
    below,
    range: (low, high) => low + below(high - low + 1),
    pick: <T>(items: ArrayLike<T>): T => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('pick from an empty list');
      return item;
    },
  };
}

/** Puts the items in a random order, in place (Fisher-Yates). */
export function shuffle(items: Int32Array, random: Random): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const held = items[i] ?? 0;
    items[i] = items[j] ?? 0;
    items[j] = held;
  }
}
