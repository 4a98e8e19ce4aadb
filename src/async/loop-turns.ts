/**
 * Lets the inquiries of one judge work one after the other, one a turn of the event loop: what fifty of them do when they begin together
 * must not hold up connections. Work that waits for the network is no work here.
 */
export class LoopTurns {
  readonly #waiting: (() => void)[] = [];

  /** Settles when it is the caller's turn. */
  next(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#waiting.push(resolve) === 1) setImmediate(() => this.#run());
    return promise;
  }

  #run(): void {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(() => this.#run());
  }
}
