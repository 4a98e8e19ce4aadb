import type { FlowRecord } from '../../src/model/flow.ts';

/** Most flows the screen keeps; past it the oldest goes. */
export const RING_MAX_FLOWS = 5_000;

/** The latest flows, newest state per id. Age is the id: events may arrive out of order. */
export class FlowRing {
  readonly #max: number;
  /** Newest last, so that the usual new flow is an append. */
  readonly #flows: FlowRecord[] = [];
  #newestFirst: readonly FlowRecord[] | null = [];
  /** Highest id ever dropped: a late state of a dropped flow must not come back as a new row. */
  #dropped = Number.NEGATIVE_INFINITY;

  constructor(max: number = RING_MAX_FLOWS) {
    this.#max = max;
  }

  /** Takes newer states; returns how many of them are flows not seen before. */
  push(flows: readonly FlowRecord[]): number {
    let added = 0;
    for (const flow of flows) if (this.#put(flow)) added++;
    const excess = this.#flows.length - this.#max;
    if (excess > 0) this.#dropped = this.#flows.splice(0, excess).at(-1)?.id ?? this.#dropped;
    if (flows.length > 0) this.#newestFirst = null;
    return added;
  }

  /** All flows, newest first; the same array until something changed. */
  newestFirst(): readonly FlowRecord[] {
    this.#newestFirst ??= this.#flows.toReversed();
    return this.#newestFirst;
  }

  /** True when the flow is a new one. */
  #put(flow: FlowRecord): boolean {
    if (flow.id <= this.#dropped) return false;
    const last = this.#flows.at(-1);
    if (last === undefined || flow.id > last.id) {
      this.#flows.push(flow);
      return true;
    }
    const at = firstNot(this.#flows, (other) => other.id < flow.id);
    const isKnown = this.#flows[at]?.id === flow.id;
    this.#flows.splice(at, isKnown ? 1 : 0, flow);
    return !isKnown;
  }
}

/** Index of the first item that is not `before`, in a list where those that are stand first; `length` when all are. */
export function firstNot<T>(items: readonly T[], before: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    const item = items[mid];
    if (item !== undefined && before(item)) low = mid + 1;
    else high = mid;
  }
  return low;
}
