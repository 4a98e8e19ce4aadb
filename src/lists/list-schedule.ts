import type { ListControl, ListRow } from './list-control.ts';
import type { UpdateResult } from './update-job.ts';

/** How old a source may become before it is asked again. */
export const UPDATE_EVERY_MS = 86_400_000;
/** After a failed attempt, the next one; doubled with every further failure up to `UPDATE_EVERY_MS`. */
const RETRY_MS = 900_000;
const FIRST_LOOK_MS = 30_000;
const LOOK_EVERY_MS = 300_000;
// Machines started together must not ask together.
const SPREAD = 0.1;

/** The sources that are on and due at a moment. `spread` from 0 to 1 shifts the day, so that not all machines ask at once. */
export function dueSources(
  rows: readonly ListRow[],
  failures: (name: string) => number,
  nowMs: number,
  spread: number,
): string[] {
  const due = (row: ListRow) => {
    if (!row.on || row.url === null) return false;
    if (row.checkedAt === null) return true;
    const failed = failures(row.name);
    const wait = failed === 0 ? UPDATE_EVERY_MS : Math.min(UPDATE_EVERY_MS, RETRY_MS * 2 ** (failed - 1));
    return nowMs - row.checkedAt >= wait * (1 + SPREAD * spread);
  };
  return rows.filter(due).map((row) => row.name);
}

/** Keeps the sources up to date while the engine runs. */
export class ListSchedule {
  readonly #control: ListControl;
  readonly #onResults: (results: readonly UpdateResult[]) => void;
  readonly #onError: (error: string) => void;
  readonly #failures = new Map<string, number>();
  readonly #spread = Math.random();
  #timer: ReturnType<typeof setTimeout>;
  #closed = false;

  /** `onError` is told when an update could not be made at all. */
  constructor(
    control: ListControl,
    onResults: (results: readonly UpdateResult[]) => void,
    onError: (error: string) => void,
  ) {
    this.#control = control;
    this.#onResults = onResults;
    this.#onError = onError;
    this.#timer = this.#after(FIRST_LOOK_MS);
  }

  /** Stops; an update that is running comes to its end. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #after(delayMs: number): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => void this.#look(), delayMs);
    timer.unref();
    return timer;
  }

  async #look(): Promise<void> {
    const names = dueSources(
      this.#control.status(),
      (name) => this.#failures.get(name) ?? 0,
      Date.now(),
      this.#spread,
    );
    if (names.length > 0) {
      try {
        const results = await this.#control.update({ names, force: false });
        for (const result of results) this.#failures.set(result.name, result.state.failures);
        this.#onResults(results);
      } catch (error) {
        this.#onError(error instanceof Error ? error.message : String(error));
      }
    }
    if (!this.#closed) this.#timer = this.#after(LOOK_EVERY_MS);
  }
}
