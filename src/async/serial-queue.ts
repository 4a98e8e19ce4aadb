/** Lets one task run at a time; the others wait in the order they came. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs a task when those before it are done, however they ended. */
  next<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(task, task);
    // The next in turn must not fail because this one did.
    this.#last = turn.catch(() => {});
    return turn;
  }
}
