import type { ModelLimits } from './runner.ts';

/** Why a request was ended by us. */
export type Ended = 'time' | 'stopped' | 'size';

/** Ends one request: at its time, when no byte comes for too long, when too many come, or when the caller no longer wants it. */
export class RequestWatch {
  readonly #control = new AbortController();
  readonly #total: ReturnType<typeof setTimeout>;
  #silence: ReturnType<typeof setTimeout>;
  #sizeBytes = 0;
  #ended: Ended | null = null;
  readonly #stop = (): void => this.#end('stopped');

  constructor(
    private readonly limits: ModelLimits,
    private readonly maxBytes: number,
    private readonly caller: AbortSignal,
  ) {
    this.#total = setTimeout(() => this.#end('time'), limits.totalMs);
    this.#silence = setTimeout(() => this.#end('time'), limits.firstByteMs);
    if (caller.aborted) this.#end('stopped');
    else caller.addEventListener('abort', this.#stop, { once: true });
  }

  get signal(): AbortSignal {
    return this.#control.signal;
  }

  /** Null while it goes on. */
  get ended(): Ended | null {
    return this.#ended;
  }

  /** Bytes of the answer came. */
  heard(bytes: number): void {
    clearTimeout(this.#silence);
    if (this.#ended !== null) return;
    this.#sizeBytes += bytes;
    if (this.#sizeBytes > this.maxBytes) this.#end('size');
    else this.#silence = setTimeout(() => this.#end('time'), this.limits.idleMs);
  }

  /** Waits anew for a first byte: another request is made in place of one that the server could not do. */
  again(): void {
    clearTimeout(this.#silence);
    if (this.#ended === null) this.#silence = setTimeout(() => this.#end('time'), this.limits.firstByteMs);
  }

  close(): void {
    clearTimeout(this.#total);
    clearTimeout(this.#silence);
    this.caller.removeEventListener('abort', this.#stop);
    this.#control.abort(new Error('the request is over'));
  }

  #end(why: Ended): void {
    this.#ended ??= why;
    this.#control.abort(new Error(`ended: ${why}`));
  }
}
