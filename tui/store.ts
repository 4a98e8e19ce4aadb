import { parseFilter } from '../src/model/filter/filter.ts';
import type { FlowRecord } from '../src/model/flow.ts';
import type { Rule } from '../src/model/rule.ts';
import type { ListProgress, ListReport } from '../src/schema/list.ts';
import type { Prompt } from '../src/schema/prompt.ts';
import type { Status } from '../src/schema/status.ts';
import { indexAtOrBelow } from './draw/list.ts';
import type { Tone } from './draw/text.ts';
import { FlowRing } from './feed/flow-ring.ts';
import { type JudgePages, keepTranscript, type Transcribed } from './judge/pages.ts';
import { fateOf } from './question/fate.ts';
import { keptQuestions, nextQueue } from './question/queue.ts';
import { shortHostOf } from './question/words.ts';
import { type Explained, firstSnapshot, type Snapshot } from './snapshot.ts';
import { reduceUi, type UiAction } from './ui-state.ts';

/** How often what arrives is drawn; keys are drawn at once. */
const FRAME_MS = 100;
/** How often ages are drawn anew when nothing arrives. */
const CLOCK_MS = 1_000;
const TOAST_MS = 8_000;
/** Explanations kept; past it the oldest goes and is asked for again when looked at. */
const EXPLANATIONS_MAX = 64;

/** What the store takes from outside. */
export interface StoreOptions {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly ringMax?: number;
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
  /** The newest list; it becomes the queue when it is drawn, so that keys hit what was seen. */
  #questions: readonly Prompt[] = [];
  /** The question that was answered here last. */
  #answered: number | null = null;
  #snapshot: Snapshot;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#ring = new FlowRing(options.ringMax);
    this.#filter = { text: '', matches: null };
    this.#snapshot = firstSnapshot(options.clock());
    this.#clockTimer = setInterval(() => this.#tick(), CLOCK_MS);
  }

  getSnapshot = (): Snapshot => this.#snapshot;

  /** The moment, milliseconds since 1970: that of the picture is up to a second old. */
  now(): number {
    return this.#options.clock();
  }

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
    // Nobody is left to take an answer.
    if (state === 'gone') this.#questions = [];
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

  /** All open questions; the newest list wins. */
  setQuestions(questions: readonly Prompt[]): void {
    this.#questions = keptQuestions(questions);
    this.#later();
  }

  setAskingPaused(paused: boolean): void {
    if (paused === this.#snapshot.askingPaused) return;
    this.#patch({ askingPaused: paused });
    this.#later();
  }

  /** A question that was answered is not asked again, even before the engine's next list says so. */
  dropQuestion(id: number): void {
    this.#answered = id;
    this.#questions = this.#questions.filter((question) => question.id !== id);
    this.#publish();
  }

  /** What became of the connections of a question that is over, in few words. */
  fateOf(question: Prompt): string {
    if (question.id === this.#answered) return 'you answered';
    if (this.#snapshot.link.state === 'gone') return 'the engine is gone';
    return fateOf(question, this.#ring.newestFirst(), this.#options.clock());
  }

  setJudge(part: Partial<JudgePages>): void {
    this.#patch({ judge: { ...this.#snapshot.judge, ...part } });
    this.#publish();
  }

  setTranscript(inquiry: number, transcribed: Transcribed): void {
    this.setJudge({ transcripts: keepTranscript(this.#snapshot.judge.transcripts, inquiry, transcribed) });
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
    const clock = this.#options.clock();
    this.#advanceQueue(clock);
    const { ui, flows: before, headSince, link } = this.#snapshot;
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

  /** Puts the newest questions into the picture; a lasting answer whose question is over is put away, and that is said. */
  #advanceQueue(clock: number): void {
    const { queue: before, ui } = this.#snapshot;
    const queue = nextQueue(before, this.#questions, ui.question, clock);
    this.#patch({ queue });
    if (ui.scope === null || ui.scope.question === queue.front?.id) return;
    const lost = before.front ?? queue.left;
    const text = lost === null ? 'the question is over' : `${shortHostOf(lost)}: ${this.fateOf(lost)}`;
    const toast = { text: `nothing was sent · ${text}`, tone: 'warn', until: clock + TOAST_MS } as const;
    this.#patch({ ui: { ...ui, scope: null, toast } });
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
