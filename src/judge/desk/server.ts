import { cleanText } from '../../model/clean.ts';
import type { Inquiry, ModelFailure } from '../../model/inquiry.ts';
import type { JudgeSetup } from './ports.ts';

/** How long a server may take to say that it is there. */
const ALIVE_MS = 2_000;
/** The first pause before a server that was not there is tried again, and the longest. */
const RETRY_FIRST_MS = 2_000;
const RETRY_MAX_MS = 60_000;
/** A server that let so many inquiries in a row run out of time without one reply counts as not there. */
const SILENT_MAX = 3;
/** Inquiries that it is given at once: to begin with, and at most. */
const AT_ONCE_FIRST = 8;
const AT_ONCE_MAX = 32;

/** How the server stands; `unknown` before the first try has ended, `off` without a model, `refused` too when none could be set up. */
export type ServerState = 'off' | 'unknown' | 'ready' | 'unreachable' | 'refused';

/**
 * Knows whether the model's server is there, so that no connection waits for one that is not, save those whose inquiries find that out,
 * for it may be starting anew; and how much it can do at once. A server that is gone is told once, and tried again after a pause that
 * doubles up to a minute.
 */
export class JudgeServer {
  #setup: JudgeSetup | null = null;
  #state: ServerState = 'off';
  #detail: string | null = null;
  #atOnce = AT_ONCE_FIRST;
  #retryMs: number;
  #silent = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    /** Told of a new state, but for that of another model. */
    private readonly changed: () => void,
    private readonly retryFirstMs: number = RETRY_FIRST_MS,
  ) {
    this.#retryMs = retryFirstMs;
  }

  /** Has to do with another model from now on, or with none; what comes of the one before no longer counts. */
  use(setup: JudgeSetup | { readonly error: string } | null): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#setup = setup === null || 'error' in setup ? null : setup;
    this.#detail = setup !== null && 'error' in setup ? setup.error : null;
    this.#state = this.#setup !== null ? 'unknown' : this.#detail !== null ? 'refused' : 'off';
    this.#atOnce = AT_ONCE_FIRST;
    this.#retryMs = this.retryFirstMs;
    this.#silent = 0;
  }

  /** The model; null where there is none. */
  get setup(): JudgeSetup | null {
    return this.#setup;
  }

  get state(): ServerState {
    return this.#state;
  }

  /** What the server said, or why no model could be set up; null when there is nothing to say. */
  get detail(): string | null {
    return this.#detail;
  }

  /**
   * Inquiries that it is given at once: one more for each that it finished in time, half as many when it did not keep up. A local
   * model works through a queue, and what waits in it runs out of time; a large service takes all there are.
   */
  get atOnce(): number {
    return Math.floor(this.#atOnce);
  }

  /** Tries the server; settles when it has answered or its time is over. */
  async probe(): Promise<void> {
    const setup = this.#setup;
    // A look that throws is a fault of ours; the server counts as not there, and is looked at again.
    const broken = (error: unknown) => ({ kind: 'unreachable' as const, detail: cleanText(String(error)) });
    const alive = await setup?.isAlive(ALIVE_MS).catch(broken);
    if (alive === undefined || setup !== this.#setup) return;
    if (alive.kind === 'alive') this.#is('ready', null);
    else this.#lost(alive.kind, alive.detail);
  }

  /** Takes from how an inquiry of a model ended how its server does. */
  ended(
    setup: JudgeSetup,
    { outcome, rounds, failure }: Pick<Inquiry, 'outcome' | 'rounds' | 'failure'>,
  ): void {
    if (setup !== this.#setup) return;
    const isOver = outcome.why === 'time_over';
    const replied = rounds.some(({ dialect }) => dialect !== null);
    const isCrowded = rounds.some(({ retried }) => retried.some(({ why }) => why === 'rate_limited'));
    if (replied) {
      // Only a reply ends the growing of the pauses, for a server can be there and its model hang.
      this.#silent = 0;
      this.#retryMs = this.retryFirstMs;
    }
    if (failure !== null) this.#failed(failure.why, failure.detail);
    else if (isOver && !replied) this.#failed('timed_out', 'no reply in time');
    if (isOver || isCrowded || failure?.why === 'timed_out' || failure?.why === 'rate_limited')
      this.#atOnce = Math.max(1, this.#atOnce / 2);
    else if (outcome.why !== 'stopped' && failure === null)
      this.#atOnce = Math.min(AT_ONCE_MAX, this.#atOnce + 1);
  }

  #failed(why: ModelFailure, detail: string): void {
    if (why === 'unreachable' || why === 'refused') this.#lost(why, detail);
    // What concerns one request alone says nothing of the server.
    else if (why !== 'rate_limited' && why !== 'too_long' && ++this.#silent >= SILENT_MAX)
      this.#lost('unreachable', `${detail}; ${SILENT_MAX} inquiries in a row had no reply`);
  }

  #lost(state: 'unreachable' | 'refused', detail: string): void {
    this.#silent = 0;
    this.#is(state, detail);
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.probe();
    }, this.#retryMs);
    this.#retryMs = Math.min(RETRY_MAX_MS, this.#retryMs * 2);
  }

  #is(state: ServerState, detail: string | null): void {
    const isNew = state !== this.#state;
    this.#state = state;
    this.#detail = detail;
    if (isNew) this.changed();
  }
}
