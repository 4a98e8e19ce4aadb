import type { Prompt } from '../../src/schema/prompt.ts';
import type { Status } from '../../src/schema/status.ts';
import { hasTimedOut } from '../state/resolution.ts';
import type { ScreenStore } from '../state/store.ts';
import { appOf, targetOf } from '../words/question.ts';
import type { ScreenClient } from './client.ts';

/** How often the engine is told at most that a person is there: it takes whoever was silent for the time of a question to be away. */
const PRESENT_EVERY_MS = 1_000;
/** Without a key for so long the terminal counts as not looked at. */
const AWAY_MS = 10_000;
/** How often a person is called at most. */
const CALL_EVERY_MS = 10_000;

/** How a person is called to the terminal. */
export type Notify = (how: Exclude<Status['notify'], 'never'>, text: string) => void;

/** Whether a person is at the keys: tells the engine so, and calls for one when something is asked and nobody is. */
export class Presence {
  #keyAt: number;
  #presentAt = Number.NEGATIVE_INFINITY;
  #calledAt = Number.NEGATIVE_INFINITY;
  /** Open questions that a person was called for, or stood before. */
  #known: ReadonlySet<number> = new Set();
  /** The questions of the last snapshot. */
  #asked: readonly Prompt[] = [];

  constructor(
    private readonly client: ScreenClient,
    private readonly store: ScreenStore,
    private readonly notify: Notify,
  ) {
    // Whoever opened the screen looks at it.
    this.#keyAt = store.now();
  }

  /** A key was pressed. */
  async keyPressed(): Promise<void> {
    const now = this.store.now();
    this.#keyAt = now;
    this.#know();
    this.store.setAskingPaused(false);
    if (!isPast(this.#presentAt, PRESENT_EVERY_MS, now)) return;
    if (this.store.getSnapshot().link.state !== 'live') return;
    this.#presentAt = now;
    try {
      await this.client.request('present', {});
    } catch {
      // The next key says it again; that the engine is gone is shown by the status line.
    }
  }

  /** A snapshot was drawn: calls when it asks something new of nobody, and says so when nothing is asked any more. */
  refresh(): void {
    const { status, queue, link } = this.store.getSnapshot();
    this.#watch(queue.questions);
    const how = status?.notify ?? 'never';
    if (how === 'never' || link.state !== 'live') return;
    const fresh = queue.questions.find((question) => !this.#known.has(question.id));
    const now = this.store.now();
    if (fresh === undefined || !isPast(this.#keyAt, AWAY_MS, now)) return;
    if (!isPast(this.#calledAt, CALL_EVERY_MS, now)) return;
    this.#calledAt = now;
    this.#know();
    this.notify(how, `${appOf(fresh)} wants ${targetOf(fresh)}`);
  }

  /** The engine asks nobody after a question ran out at an empty chair, before a key is pressed at one of the screens. */
  #watch(questions: readonly Prompt[]): void {
    const before = this.#asked;
    if (before === questions) return;
    this.#asked = questions;
    const now = this.store.now();
    const isNew = questions.some(({ id }) => !before.some((other) => other.id === id));
    const over = before.filter(({ id }) => !questions.some((other) => other.id === id));
    const ranOut = over.some((question) => hasTimedOut(question, now) && this.#keyAt < question.since);
    if (isNew) this.store.setAskingPaused(false);
    else if (ranOut && this.store.getSnapshot().link.state === 'live') this.store.setAskingPaused(true);
  }

  #know(): void {
    this.#known = new Set(this.store.getSnapshot().queue.questions.map((question) => question.id));
  }
}

/** A clock that was set back counts as past: silence for hours would be worse than one call too many. */
function isPast(at: number, spanMs: number, now: number): boolean {
  return Math.abs(now - at) >= spanMs;
}
