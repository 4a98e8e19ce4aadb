import { parse } from 'tldts';
import type { DomainHistory, Seen } from '../../model/history.ts';
import type { FlowGroup, HistoryQuery, HistorySlice } from './history-reader.ts';

/** What of a history is told. */
export const PROGRAMS_TOLD = 8;
export const OTHERS_TOLD = 8;
/** Different names that are told apart while it is put together; past it, new ones are only counted as one more. */
const NAMES_MAX = 10_000;

/** Puts a history together from slices. Bounded, however many names there are. */
export class HistorySum {
  readonly #query: HistoryQuery;
  readonly #domain = new Tally();
  readonly #app = new Tally();
  readonly #programs = new Counts<{ name: string | null; path: string | null }>();
  readonly #others = new Counts<string>();
  #bare = 0;
  #flows = 0;
  #since: number | null = null;

  constructor(query: HistoryQuery) {
    this.#query = query;
  }

  /** Flows in the slices so far. */
  get flows(): number {
    return this.#flows;
  }

  add(slice: HistorySlice): void {
    this.#flows += slice.flows;
    this.#since = least(this.#since, slice.since);
    for (const group of slice.groups) this.#addGroup(group);
  }

  /** `isWhole`: nothing was left out. */
  result(isWhole: boolean): DomainHistory {
    const { entries: programs, count: programCount } = this.#programs.top(PROGRAMS_TOLD);
    const { entries: others, count: otherCount } = this.#others.top(OTHERS_TOLD);
    return {
      looked: { flows: this.#flows, since: this.#since, isWhole },
      domain: {
        ...this.#domain.seen(),
        programs: programs.map(([program, flows]) => ({ ...program, flows })),
        programCount,
      },
      app: {
        ...this.#app.seen(),
        others: others.map(([domain, flows]) => ({ domain, flows })),
        otherCount,
        bare: this.#bare,
      },
    };
  }

  #addGroup(group: FlowGroup): void {
    const { host, name, path, flows } = group;
    const isOfDomain =
      host !== null && (host === this.#query.domain || host.endsWith(`.${this.#query.domain}`));
    if (isOfDomain) {
      this.#domain.add(group);
      this.#programs.add(path === null ? `name ${name}` : `path ${path}`, { name, path }, flows);
    }
    if (group.isApp !== 1) return;
    this.#app.add(group);
    if (group.isRecent !== 1 || isOfDomain) return;
    if (host === null) this.#bare += flows;
    else {
      const domain =
        parse(host, { allowPrivateDomains: true, detectIp: false, extractHostname: false }).domain ?? host;
      this.#others.add(domain, domain, flows);
    }
  }
}

/** Counts of one kind of flows. */
class Tally {
  #flows = 0;
  #allowed = 0;
  #blocked = 0;
  #held = 0;
  #defaulted = 0;
  #first: number | null = null;
  #last: number | null = null;

  add({ effect, defaulted, flows, first, last }: FlowGroup): void {
    this.#flows += flows;
    if (effect === 'forward') this.#allowed += flows;
    else if (effect === 'held') this.#held += flows;
    else if (effect === 'closed') return;
    else this.#blocked += flows;
    if (defaulted === 1) this.#defaulted += flows;
    this.#first = least(this.#first, first);
    this.#last = this.#last === null ? last : Math.max(this.#last, last);
  }

  seen(): Seen {
    return {
      flows: this.#flows,
      allowed: this.#allowed,
      blocked: this.#blocked,
      held: this.#held,
      defaulted: this.#defaulted,
      first: this.#first,
      last: this.#last,
    };
  }
}

/** Flows a key, for the first `NAMES_MAX` keys; for the others, how often one came. */
class Counts<T> {
  readonly #byKey = new Map<string, [value: T, flows: number]>();
  #more = 0;

  add(key: string, value: T, flows: number): void {
    const known = this.#byKey.get(key);
    if (known !== undefined) known[1] += flows;
    else if (this.#byKey.size < NAMES_MAX) this.#byKey.set(key, [value, flows]);
    else this.#more++;
  }

  top(most: number): { entries: readonly (readonly [T, number])[]; count: number } {
    const entries = [...this.#byKey.values()].sort(([, a], [, b]) => b - a).slice(0, most);
    return { entries, count: this.#byKey.size + this.#more };
  }
}

function least(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}
