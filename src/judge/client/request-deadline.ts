import { setTimeout as sleep } from 'node:timers/promises';
import { Deadline } from '../../async/deadline.ts';
import type { ModelLimits } from '../core/model.ts';
import { fault, type ModelFault } from './failure.ts';

/** The deadline of one exchange, over all the requests that it takes. */
export class RequestDeadline extends Deadline<ModelFault> {
  #isLingering = false;

  constructor(
    private readonly limits: ModelLimits,
    caller: AbortSignal,
  ) {
    const { totalMs } = limits;
    super(totalMs, caller, timedOut(`no whole reply within ${totalMs} ms`), timedOut('it was given up'));
  }

  /** A request is made. A reply in one piece comes when all of it is written: only the whole time limits it. */
  begin(isWhole: boolean): void {
    const ms = isWhole ? this.limits.totalMs : this.limits.firstByteMs;
    this.#isLingering = false;
    this.endIn(ms, timedOut(`no reply began within ${ms} ms`));
  }

  /** Waits before a request is made again; over at once when the time is, or the caller's signal comes. */
  async pause(ms: number): Promise<void> {
    this.begin(true);
    // It rejects when all is over, which the next request finds out.
    await sleep(ms, undefined, { signal: this.signal }).catch(() => undefined);
  }

  /** Bytes of the answer came. */
  heard(): void {
    const { idleMs } = this.limits;
    if (!this.#isLingering) this.endIn(idleMs, timedOut(`the reply stopped for ${idleMs} ms`));
  }

  /**
   * What came of it is known but for what few servers still send: the rest of a stream, the words for an error. Nothing delays the end
   * from now on, which then means `known`.
   */
  linger(ms: number, known: ModelFault = timedOut('the stream was not closed')): void {
    if (this.#isLingering) return;
    this.#isLingering = true;
    this.endIn(Math.min(ms, this.limits.idleMs), known);
  }
}

function timedOut(detail: string): ModelFault {
  return fault('timed_out', detail);
}
