/** One new name of a process and the generated-name model's log-odds for it. */
export interface BurstName {
  readonly name: string;
  readonly logit: number;
  /** When it was first asked for, in milliseconds of any steady clock. */
  readonly atMs: number;
}

/** The last distinct new names of one process, oldest first; never more than `BURST.maxNames`. */
export interface BurstWindow {
  readonly names: readonly BurstName[];
}

/** What the window says. */
export interface BurstVerdict {
  /** The names together look generated: each of them is to be judged as hostile. */
  readonly raised: boolean;
  /** The row of the threshold table that decided, or came nearest; null with fewer than three names. */
  readonly count: number | null;
  /** Mean of the clipped log-odds of the last `count` names. */
  readonly mean: number;
  /** What the mean has to exceed. */
  readonly needed: number;
  /** The names that the mean was taken over. */
  readonly names: readonly string[];
}

/** The mean of the last `count` names must exceed `mean`; measured by the trainer. */
export interface BurstThreshold {
  readonly count: number;
  readonly mean: number;
}

/** Bounds of the window. */
export const BURST = {
  maxNames: 10,
  /** Names older than this no longer count. */
  spanMs: 10 * 60_000,
  /** Each name's log-odds count within plus and minus this, so that one name alone decides nothing. */
  clip: 6,
} as const;

/** An empty window. */
export const EMPTY_BURST: BurstWindow = { names: [] };

/** The window with one more name. A name that is in it already changes nothing but its place in time. */
export function pushBurst(window: BurstWindow, name: BurstName): BurstWindow {
  const kept = window.names.filter((old) => old.name !== name.name && name.atMs - old.atMs <= BURST.spanMs);
  return { names: [...kept, name].slice(-BURST.maxNames) };
}

/** The contribution of one name to the mean. */
export function clipBurst(logit: number): number {
  return Math.max(-BURST.clip, Math.min(BURST.clip, logit));
}

/** Judges the window against each row of the table; the first row passed decides. */
export function judgeBurst(window: BurstWindow, thresholds: readonly BurstThreshold[]): BurstVerdict {
  let nearest: BurstVerdict = { raised: false, count: null, mean: 0, needed: 0, names: [] };
  for (const { count, mean: needed } of thresholds) {
    const last = window.names.slice(-count);
    if (last.length < count) continue;
    const mean = last.reduce((sum, { logit }) => sum + clipBurst(logit), 0) / count;
    const verdict = { raised: mean > needed, count, mean, needed, names: last.map(({ name }) => name) };
    if (verdict.raised) return verdict;
    if (nearest.count === null || mean - needed > nearest.mean - nearest.needed) nearest = verdict;
  }
  return nearest;
}
