import type { ModelLimits } from '../core/model.ts';
import { fault, type ModelFault } from './failure.ts';

/** The deadline of one exchange, over all the requests that it takes; ends them when it is reached. */
export class RequestDeadline {
  readonly #over = Promise.withResolvers<ModelFault>();
  readonly #control = new AbortController();
  readonly #total: ReturnType<typeof setTimeout>;
  #silence: ReturnType<typeof setTimeout> | null = null;
  #isLingering = false;
  #known: ModelFault | null = null;
  #fault: ModelFault | null = null;
  readonly #stop = (): void => this.#end('it was given up');

  constructor(
    private readonly limits: ModelLimits,
    private readonly caller: AbortSignal,
  ) {
    const { totalMs } = limits;
    // Rounded up: the caller's own clock, which looks at fractions, must not find time left.
    const waitMs = Math.max(0, Math.ceil(totalMs));
    this.#total = setTimeout(() => this.#end(`no whole reply within ${totalMs} ms`), waitMs);
    if (caller.aborted) this.#stop();
    else caller.addEventListener('abort', this.#stop, { once: true });
  }

  /** What work comes to, or how its time ended before that; work that rejects is a fault of ours. Never rejects. */
  within<T>(work: Promise<T>): Promise<T | ModelFault> {
    const told = work.catch((error) => fault('broken', `the client failed: ${String(error)}`));
    return Promise.race([told, this.#over.promise]);
  }

  /** Comes with the end of the exchange; closes the connection. */
  get signal(): AbortSignal {
    return this.#control.signal;
  }

  /** How the time ended; null while it goes on. */
  get fault(): ModelFault | null {
    return this.#fault;
  }

  /** A request is made. A reply in one piece comes when all of it is written: only the whole time limits it. */
  begin(isWhole: boolean): void {
    const { firstByteMs } = this.limits;
    this.#isLingering = false;
    this.#known = null;
    this.#wait(isWhole ? null : firstByteMs, `no reply began within ${firstByteMs} ms`);
  }

  /** Bytes of the answer came. */
  heard(): void {
    const { idleMs } = this.limits;
    if (!this.#isLingering) this.#wait(idleMs, `the reply stopped for ${idleMs} ms`);
  }

  /**
   * What came of it is known but for what few servers still send: the rest of a stream, the words for an error. Bytes no longer delay
   * the end, which then means `known`.
   */
  linger(ms: number, known: ModelFault | null = null): void {
    this.#isLingering = true;
    this.#known = known;
    this.#wait(Math.min(ms, this.limits.idleMs), 'the stream was not closed');
  }

  close(): void {
    clearTimeout(this.#total);
    if (this.#silence !== null) clearTimeout(this.#silence);
    this.caller.removeEventListener('abort', this.#stop);
    this.#control.abort(new Error('the exchange is over'));
  }

  #wait(ms: number | null, detail: string): void {
    if (this.#silence !== null) clearTimeout(this.#silence);
    this.#silence = ms === null || this.signal.aborted ? null : setTimeout(() => this.#end(detail), ms);
  }

  #end(detail: string): void {
    this.#fault ??= this.#known ?? fault('timed_out', detail);
    this.#over.resolve(this.#fault);
    this.close();
  }
}
