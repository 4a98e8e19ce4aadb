import type { ListProgress, ListReport } from '../src/control/list-schema.ts';
import type { Explanation, Status } from '../src/control/schema.ts';
import { parseFilter } from '../src/model/filter.ts';
import type { FlowRecord } from '../src/model/flow.ts';
import type { Rule } from '../src/model/rule.ts';
import { FlowRing } from './flow-ring.ts';
import { indexAtOrBelow } from './list.ts';
import type { Tone } from './text.ts';
import { FIRST_UI, reduceUi, type UiAction, type UiState } from './ui-state.ts';

/** How often what arrives is drawn; keys are drawn at once. */
const FRAME_MS = 100;
/** How often ages are drawn anew when nothing arrives. */
const CLOCK_MS = 1_000;
const TOAST_MS = 8_000;
/** Explanations kept; past it the oldest goes and is asked for again when looked at. */
const EXPLANATIONS_MAX = 64;

/** How the screen stands to the engine. */
export type Link =
  | { readonly state: 'attaching' }
  | { readonly state: 'live' }
  /** The engine said that it stops, and has not gone yet. */
  | { readonly state: 'stopping' }
  | { readonly state: 'gone'; readonly at: number; readonly announced: boolean };

/** What is known of the steps behind a flow. */
export type Explained =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly explanation: Explanation }
  | { readonly state: 'failed'; readonly error: string };

/** What the store takes from outside. */
export interface StoreOptions {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly ringMax?: number;
}

/** One immutable picture of everything the screen draws. */
export interface Snapshot {
  readonly now: number;
  readonly link: Link;
  readonly status: Status | null;
  /** What the filter lets through, newest first. */
  readonly flows: readonly FlowRecord[];
  /** Flows in the ring or, frozen, in the picture; before the filter. */
  readonly total: number;
  /** Flows that arrived since the freeze. */
  readonly newer: number;
  /** Events that the engine dropped because this screen was slow. */
  readonly missed: number;
  /** The row the keys act on; null when there is none. */
  readonly chosen: FlowRecord | null;
  readonly chosenIndex: number;
  /** Since when the newest row has been the newest. */
  readonly headSince: number;
  readonly rules: readonly Rule[] | null;
  readonly rulesError: string | null;
  /** Every list and source, those of a category together. */
  readonly lists: readonly ListReport[];
  /** The download under way that this screen asked for; null when there is none. */
  readonly listProgress: ListProgress | null;
  /** Grows when rules changed: an explanation from before is stale. */
  readonly rulesRevision: number;
  readonly explained: ReadonlyMap<string, Explained>;
  readonly ui: UiState;
}

/** Holds the picture: what arrives is gathered and published every 100 ms, what a key changed at once. */
export class ScreenStore {
  readonly #options: StoreOptions;
  readonly #ring: FlowRing;
  readonly #listeners = new Set<() => void>();
  readonly #clockTimer: ReturnType<typeof setInterval>;
  #frameTimer: ReturnType<typeof setTimeout> | null = null;
  #frozen: readonly FlowRecord[] | null = null;
  #filter: { readonly text: string; readonly matches: ((flow: FlowRecord) => boolean) | null };
  #verdicts = new WeakMap<FlowRecord, boolean>();
  #filtered: { readonly source: readonly FlowRecord[]; readonly flows: readonly FlowRecord[] } | null = null;
  #snapshot: Snapshot;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#ring = new FlowRing(options.ringMax);
    this.#filter = { text: '', matches: null };
    this.#snapshot = firstSnapshot(options.clock());
    this.#clockTimer = setInterval(() => this.#tick(), CLOCK_MS);
  }

  getSnapshot = (): Snapshot => this.#snapshot;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Applies what a key did, and draws it at once. */
  act(action: UiAction): void {
    const ui = reduceUi(this.#snapshot.ui, action);
    if (ui.frozen && this.#frozen === null) this.#frozen = this.#ring.newestFirst();
    if (!ui.frozen && this.#frozen !== null) this.#frozen = null;
    if (!ui.frozen) this.#patch({ newer: 0 });
    this.#patch({ ui });
    this.#setFilter(ui.filter);
    this.#publish();
  }

  /** Says something in the line above the keys for some seconds. */
  say(text: string, tone: Tone): void {
    this.act({ type: 'toast', toast: { text, tone, until: this.#options.clock() + TOAST_MS } });
  }

  addFlows(flows: readonly FlowRecord[], missed: number): void {
    const added = this.#ring.push(flows);
    const { newer, missed: before } = this.#snapshot;
    this.#patch({ newer: this.#frozen === null ? 0 : newer + added, missed: before + missed });
    this.#later();
  }

  setStatus(status: Status): void {
    const rulesChanged = this.#snapshot.status !== null && this.#snapshot.status.rules !== status.rules;
    this.#patch({ status, lists: byCategory(status.lists) });
    if (rulesChanged) this.rulesChanged();
    this.#later();
  }

  setLink(state: 'live' | 'stopping' | 'gone'): void {
    if (this.#snapshot.link.state === 'gone') return;
    const now = this.#options.clock();
    const announced = this.#snapshot.link.state === 'stopping';
    this.#patch({ link: state === 'gone' ? { state, at: now, announced } : { state } });
    this.#publish();
  }

  /** Rules or lists were added, removed, switched or undone: what was explained before no longer holds. */
  rulesChanged(): void {
    this.#patch({ rulesRevision: this.#snapshot.rulesRevision + 1 });
    this.#later();
  }

  setRules(rules: readonly Rule[]): void {
    this.#patch({ rules: rules.toSorted(latestFirst), rulesError: null });
    this.#publish();
  }

  setListProgress(progress: ListProgress | null): void {
    this.#patch({ listProgress: progress });
    this.#later();
  }

  setRulesError(error: string): void {
    this.#patch({ rulesError: error });
    this.#publish();
  }

  setExplained(key: string, explained: Explained): void {
    const kept = [...this.#snapshot.explained].filter(([other]) => other !== key);
    this.#patch({ explained: new Map([...kept.slice(1 - EXPLANATIONS_MAX), [key, explained]]) });
    this.#publish();
  }

  /** Ends the timers; the last picture stays. */
  close(): void {
    clearInterval(this.#clockTimer);
    if (this.#frameTimer !== null) clearTimeout(this.#frameTimer);
    this.#frameTimer = null;
    this.#listeners.clear();
  }

  #tick(): void {
    // The last picture stands still: ages that went on would look like life.
    if (this.#snapshot.link.state !== 'gone' || this.#snapshot.ui.toast !== null) this.#publish();
  }

  #later(): void {
    this.#frameTimer ??= setTimeout(() => this.#publish(), FRAME_MS);
  }

  #patch(part: Partial<Snapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...part };
  }

  #setFilter(text: string): void {
    if (text === this.#filter.text) return;
    const parsed = text === '' ? null : parseFilter(text);
    this.#filter = { text, matches: parsed?.ok ? parsed.matches : null };
    this.#verdicts = new WeakMap();
    this.#filtered = null;
  }

  #publish(): void {
    if (this.#frameTimer !== null) clearTimeout(this.#frameTimer);
    this.#frameTimer = null;
    const { ui, flows: before, headSince, link } = this.#snapshot;
    const clock = this.#options.clock();
    const source = this.#frozen ?? this.#ring.newestFirst();
    const flows = this.#filterFlows(source);
    const index = ui.flow === null ? 0 : Math.min(indexAtOrBelow(flows, ui.flow.id), flows.length - 1);
    this.#patch({
      now: link.state === 'gone' ? link.at : clock,
      flows,
      total: source.length,
      chosen: flows[index] ?? null,
      chosenIndex: Math.max(0, index),
      headSince: flows[0]?.id === before[0]?.id ? headSince : clock,
      ui: ui.toast !== null && ui.toast.until <= clock ? { ...ui, toast: null } : ui,
    });
    for (const listener of this.#listeners) listener();
  }

  #filterFlows(source: readonly FlowRecord[]): readonly FlowRecord[] {
    const { matches } = this.#filter;
    if (matches === null) return source;
    if (this.#filtered?.source === source) return this.#filtered.flows;
    const flows = source.filter((flow) => {
      const known = this.#verdicts.get(flow);
      if (known !== undefined) return known;
      const verdict = matches(flow);
      this.#verdicts.set(flow, verdict);
      return verdict;
    });
    this.#filtered = { source, flows };
    return flows;
  }
}

/** Index of the list that the keys act on. */
export function chosenList({ lists, ui }: Snapshot): number {
  return Math.max(
    0,
    lists.findIndex((list) => list.name === ui.list?.id),
  );
}

/** In the order of the engine, but sources that were never downloaded stand with the others of their category. */
function byCategory(lists: readonly ListReport[]): readonly ListReport[] {
  const order = [...new Set(lists.map((list) => list.category))];
  return lists.toSorted((a, b) => order.indexOf(a.category) - order.indexOf(b.category));
}

/** What a person made last stands first, what files say last. */
function latestFirst(a: Rule, b: Rule): number {
  if ((a.origin === 'file') !== (b.origin === 'file')) return a.origin === 'file' ? 1 : -1;
  return b.createdAt - a.createdAt;
}

function firstSnapshot(now: number): Snapshot {
  return {
    now,
    link: { state: 'attaching' },
    status: null,
    flows: [],
    total: 0,
    newer: 0,
    missed: 0,
    chosen: null,
    chosenIndex: 0,
    headSince: now,
    rules: null,
    rulesError: null,
    lists: [],
    listProgress: null,
    rulesRevision: 0,
    explained: new Map(),
    ui: FIRST_UI,
  };
}
