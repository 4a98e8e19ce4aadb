import type { ListControl, ListRow } from '../list-control.ts';
import type { UpdateResult } from './job.ts';

/** After a failed attempt, the next one; doubled with every further failure up to the usual time. */
const RETRY_MS = 900_000;
const FIRST_LOOK_MS = 30_000;
const LOOK_EVERY_MS = 300_000;
// Machines started together must not ask together.
const SPREAD = 0.1;

/**
 * The sources that are on and due at a moment: asked `everyMs` ago or longer. `spread` from 0 to 1 shifts that, so that not all
 * machines ask at once.
 */
export function dueSources(
  rows: readonly ListRow[],
  failures: (name: string) => number,
  nowMs: number,
  everyMs: number,
  spread: number,
): string[] {
  const due = (row: ListRow) => {
    if (!row.on || row.url === null) return false;
    if (row.checkedAt === null) return true;
    const failed = failures(row.name);
    const wait = failed === 0 ? everyMs : Math.min(everyMs, RETRY_MS * 2 ** (failed - 1));
    return nowMs - row.checkedAt >= wait * (1 + SPREAD * spread);
  };
  return rows.filter(due).map((row) => row.name);
}

/** What the schedule needs. */
export interface ScheduleOptions {
  readonly control: ListControl;
  /** How old a source may become before it is asked again. */
  readonly everyMs: number;
  /** Told of every attempt. */
  readonly onResults: (results: readonly UpdateResult[]) => void;
  /** Told when an update could not be made at all. */
  readonly onError: (error: string) => void;
}

/** Keeps the sources up to date while the engine runs. */
export class ListSchedule {
  readonly #options: ScheduleOptions;
  readonly #spread = Math.random();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #looking = false;
  #again = false;
  #closed = false;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    this.#after(FIRST_LOOK_MS);
  }

  /** Looks at once for sources that are due, such as one that was just switched on. */
  lookNow(): void {
    this.#after(0);
  }

  /** Stops; an update that is running comes to its end. */
  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #after(delayMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#look(), delayMs);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    this.#again = this.#looking;
    if (this.#looking) return;
    this.#looking = true;
    const { control, everyMs, onResults, onError } = this.#options;
    try {
      const failures = (name: string): number => control.failures(name);
      const names = dueSources(control.status(), failures, Date.now(), everyMs, this.#spread);
      if (names.length > 0) onResults(await control.update({ names, force: false }));
    } catch (error) {
      onError(error instanceof Error ? error.message : String(error));
    }
    this.#looking = false;
    this.#after(this.#again ? 0 : LOOK_EVERY_MS);
  }
}
