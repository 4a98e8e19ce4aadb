/** What was asked of the engine: loading while it has neither value nor error. A value stays when a later one cannot be had. */
export interface Loaded<T> {
  readonly value: T | null;
  /** For a person; clean. */
  readonly error: string | null;
}

/** Before the answer. */
export const LOADING: Loaded<never> = { value: null, error: null };

/** A map with one more entry, its newest; of more than `max` the oldest goes. */
export function withLatest<K, V>(map: ReadonlyMap<K, V>, key: K, value: V, max: number): ReadonlyMap<K, V> {
  const others = [...map].filter(([other]) => other !== key);
  return new Map([...others.slice(1 - max), [key, value]]);
}
