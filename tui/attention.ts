import type { Status } from '../src/control/schema.ts';
import type { ScreenClient } from './client.ts';
import { appOf, targetOf } from './question-words.ts';
import type { ScreenStore } from './store.ts';

/** How often the engine is told at most that a person is there. */
const PRESENT_EVERY_MS = 10_000;
/** Without a key for so long the terminal counts as not looked at. */
const AWAY_MS = 10_000;
/** How often a person is called at most. */
const CALL_EVERY_MS = 10_000;

/** How a person is called to the terminal. */
export type Call = (how: Exclude<Status['notify'], 'never'>, text: string) => void;

/** Whether a person is at the keys: tells the engine so, and calls for one when something is asked and nobody is. */
export class Attention {
  readonly #client: ScreenClient;
  readonly #store: ScreenStore;
  readonly #call: Call;
  #keyAt: number;
  #presentAt = Number.NEGATIVE_INFINITY;
  #calledAt = Number.NEGATIVE_INFINITY;
  /** Open questions that a person was called for, or stood before. */
  #known: ReadonlySet<number> = new Set();

  constructor(client: ScreenClient, store: ScreenStore, call: Call) {
    this.#client = client;
    this.#store = store;
    this.#call = call;
    // Whoever opened the screen looks at it.
    this.#keyAt = store.now();
  }

  /** A key was pressed. */
  async keyPressed(): Promise<void> {
    const now = this.#store.now();
    this.#keyAt = now;
    this.#know();
    if (!isPast(this.#presentAt, PRESENT_EVERY_MS, now)) return;
    if (this.#store.getSnapshot().link.state !== 'live') return;
    this.#presentAt = now;
    try {
      await this.#client.request('present', {});
    } catch {
      // The next key says it again; that the engine is gone is shown by the status line.
    }
  }

  /** A picture was drawn: calls when it asks something new of nobody. */
  look(): void {
    const { status, queue, link } = this.#store.getSnapshot();
    const how = status?.notify ?? 'never';
    if (how === 'never' || link.state !== 'live') return;
    const fresh = queue.questions.find((question) => !this.#known.has(question.id));
    const now = this.#store.now();
    if (fresh === undefined || !isPast(this.#keyAt, AWAY_MS, now)) return;
    if (!isPast(this.#calledAt, CALL_EVERY_MS, now)) return;
    this.#calledAt = now;
    this.#know();
    this.#call(how, `${appOf(fresh)} wants ${targetOf(fresh)}`);
  }

  #know(): void {
    this.#known = new Set(this.#store.getSnapshot().queue.questions.map((question) => question.id));
  }
}

/** A clock that was set back counts as past: silence for hours would be worse than one call too many. */
function isPast(at: number, spanMs: number, now: number): boolean {
  return Math.abs(now - at) >= spanMs;
}
