import type { FlowRecord } from '../../src/model/flow.ts';
import type { Inquiry } from '../../src/model/inquiry.ts';
import type { Rule } from '../../src/model/rule.ts';
import type { Explanation } from '../../src/schema/explanation.ts';
import type { ListProgress, ListReport } from '../../src/schema/list.ts';
import type { Prompt } from '../../src/schema/prompt.ts';
import type { Status } from '../../src/schema/status.ts';
import type { Tone } from '../draw/text.ts';
import { shortHostOf } from '../words/question.ts';
import { FlowFilter } from './flow-filter.ts';
import { FlowRing, firstNot } from './flow-ring.ts';
import { type Loaded, withLatest } from './loaded.ts';
import { keptQuestions, nextQueue } from './question-queue.ts';
import { resolutionOf } from './resolution.ts';
import { firstSnapshot, type JudgePages, type Snapshot } from './snapshot.ts';
import { reduceUi, type UiAction } from './ui-state.ts';

/** How often what arrives is drawn; keys are drawn at once. */
const FRAME_MS = 100;
/** How often ages are drawn anew when nothing arrives. */
const CLOCK_MS = 1_000;
const TOAST_MS = 8_000;
/** Explanations and transcripts kept; past it the oldest goes and is asked for again when looked at. */
const EXPLANATIONS_MAX = 64;
const TRANSCRIPTS_MAX = 16;

/** What the store takes from outside. */
export interface StoreOptions {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly ringMax?: number;
}

/** Holds the snapshot: what arrives is gathered and published every 100 ms, what a key changed at once. */
export class ScreenStore {
  readonly #ring: FlowRing;
  readonly #listeners = new Set<() => void>();
  readonly #clockTimer: ReturnType<typeof setInterval>;
  #frameTimer: ReturnType<typeof setTimeout> | null = null;
  #frozen: readonly FlowRecord[] | null = null;
  readonly #filter = new FlowFilter();
  /** The newest list; it becomes the queue when it is drawn, so that keys hit what was seen. */
  #questions: readonly Prompt[] = [];
  /** The question that was answered here last. */
  #answered: number | null = null;
  #snapshot: Snapshot;

  constructor(private readonly options: StoreOptions) {
    this.#ring = new FlowRing(options.ringMax);
    this.#snapshot = firstSnapshot(options.clock());
    this.#clockTimer = setInterval(() => this.#tick(), CLOCK_MS);
  }

  getSnapshot = (): Snapshot => this.#snapshot;

  /** The moment, milliseconds since 1970: that of the snapshot is up to a second old. */
  now(): number {
    return this.options.clock();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Applies what a key did, and draws it at once. */
  act(action: UiAction): void {
    const ui = reduceUi(this.#snapshot.ui, action);
    if (!ui.frozen) this.#frozen = null;
    else this.#frozen ??= this.#ring.newestFirst();
    this.#filter.set(ui.filter);
    this.#draw(ui.frozen ? { ui } : { ui, newer: 0 });
  }

  /** Says something in the line above the keys for some seconds. */
  say(text: string, tone: Tone): void {
    this.act({ type: 'toast', toast: { text, tone, until: this.now() + TOAST_MS } });
  }

  addFlows(flows: readonly FlowRecord[], missed: number): void {
    const added = this.#ring.push(flows);
    const { newer, missed: before } = this.#snapshot;
    this.#gather({ newer: this.#frozen === null ? 0 : newer + added, missed: before + missed });
  }

  setStatus(status: Status): void {
    const rulesChanged = this.#snapshot.status !== null && this.#snapshot.status.rules !== status.rules;
    this.#gather({ status, lists: byCategory(status.lists) });
    if (rulesChanged) this.rulesChanged();
  }

  setLink(state: 'live' | 'stopping' | 'gone'): void {
    const { link } = this.#snapshot;
    if (link.state === 'gone') return;
    // Nobody is left to take an answer.
    if (state === 'gone') this.#questions = [];
    const announced = link.state === 'stopping';
    this.#draw({ link: state === 'gone' ? { state, at: this.now(), announced } : { state } });
  }

  /** Rules or lists were added, removed, switched or undone: what was explained before no longer holds. */
  rulesChanged(): void {
    this.#gather({ rulesRevision: this.#snapshot.rulesRevision + 1 });
  }

  setRules(part: Partial<Loaded<readonly Rule[]>>): void {
    const { value, error } = { ...this.#snapshot.rules, ...part };
    this.#draw({ rules: { value: value?.toSorted(latestFirst) ?? null, error } });
  }

  /** All open questions; the newest list wins. */
  setQuestions(questions: readonly Prompt[]): void {
    this.#questions = keptQuestions(questions);
    this.#gather({});
  }

  setAskingPaused(paused: boolean): void {
    if (paused !== this.#snapshot.askingPaused) this.#gather({ askingPaused: paused });
  }

  /** A question that was answered is not asked again, even before the engine's next list says so. */
  dropQuestion(id: number): void {
    this.#answered = id;
    this.#questions = this.#questions.filter((question) => question.id !== id);
    this.#draw({});
  }

  /** How a question that is over was resolved, in few words. */
  resolutionOf(question: Prompt): string {
    if (question.id === this.#answered) return 'you answered';
    if (this.#snapshot.link.state === 'gone') return 'the engine is gone';
    return resolutionOf(question, this.#ring.newestFirst(), this.now());
  }

  setJudge(part: Partial<JudgePages>): void {
    this.#draw({ judge: { ...this.#snapshot.judge, ...part } });
  }

  setTranscript(inquiry: number, loaded: Loaded<Inquiry>): void {
    const { transcripts } = this.#snapshot.judge;
    this.setJudge({ transcripts: withLatest(transcripts, inquiry, loaded, TRANSCRIPTS_MAX) });
  }

  setExplained(key: string, loaded: Loaded<Explanation>): void {
    this.#draw({ explained: withLatest(this.#snapshot.explained, key, loaded, EXPLANATIONS_MAX) });
  }

  setListProgress(progress: ListProgress | null): void {
    this.#gather({ listProgress: progress });
  }

  /** Ends the timers; the last snapshot stays. */
  close(): void {
    clearInterval(this.#clockTimer);
    if (this.#frameTimer !== null) clearTimeout(this.#frameTimer);
    this.#frameTimer = null;
    this.#listeners.clear();
  }

  #tick(): void {
    // The last snapshot stands still: ages that went on would look like life.
    if (this.#snapshot.link.state !== 'gone' || this.#snapshot.ui.toast !== null) this.#draw({});
  }

  /** Takes what arrived, and draws it with what else arrives within a frame. */
  #gather(part: Partial<Snapshot>): void {
    this.#patch(part);
    this.#frameTimer ??= setTimeout(() => this.#draw({}), FRAME_MS);
  }

  #patch(part: Partial<Snapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...part };
  }

  /** Takes what changed, and draws everything at once. */
  #draw(part: Partial<Snapshot>): void {
    this.#patch(part);
    if (this.#frameTimer !== null) clearTimeout(this.#frameTimer);
    this.#frameTimer = null;
    const clock = this.now();
    this.#advanceQueue(clock);
    const { ui, flows: before, headSince, link } = this.#snapshot;
    const source = this.#frozen ?? this.#ring.newestFirst();
    const flows = this.#filter.apply(source);
    const chosen = ui.choices.flows?.id;
    // Where the flow is gone the next older one stands in its place.
    const index = chosen === undefined ? 0 : firstNot(flows, (flow) => flow.id > Number(chosen));
    const at = Math.max(0, Math.min(index, flows.length - 1));
    this.#patch({
      now: link.state === 'gone' ? link.at : clock,
      flows,
      total: source.length,
      chosen: flows[at] ?? null,
      chosenIndex: at,
      headSince: flows[0]?.id === before[0]?.id ? headSince : clock,
      ui: ui.toast !== null && ui.toast.until <= clock ? { ...ui, toast: null } : ui,
    });
    for (const listener of this.#listeners) listener();
  }

  /** Puts the newest questions into the snapshot; a lasting answer whose question is over is put away, and that is said. */
  #advanceQueue(clock: number): void {
    const { queue: before, ui } = this.#snapshot;
    const queue = nextQueue(before, this.#questions, ui.question, clock);
    this.#patch({ queue });
    if (ui.scope === null || ui.scope.question === queue.front?.id) return;
    const lost = before.front ?? queue.ended;
    const text = lost === null ? 'the question is over' : `${shortHostOf(lost)}: ${this.resolutionOf(lost)}`;
    const toast = { text: `nothing was sent · ${text}`, tone: 'warn', until: clock + TOAST_MS } as const;
    this.#patch({ ui: { ...ui, scope: null, toast } });
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
