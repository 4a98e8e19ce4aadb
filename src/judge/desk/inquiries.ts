import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JudgeInput } from '../../model/inquiry.ts';
import { type Judged, judgedKey } from './kept-verdicts.ts';

/** Inquiries that wait for a place; past it nothing is judged, and the person is asked. */
const QUEUE_MAX = 1_000;
/** Of them those of one program, so that a noisy one leaves room for the others. */
const PROGRAM_MAX = 250;
/** Flows told of one answer without a pause for the others. */
const TOLD_A_SLICE = 200;

/** Who waits for an answer; asks its policy again once there is one. */
export interface Waiter {
  decideAgain(): boolean;
}

/** What inquiries need. */
export interface InquiryOptions {
  /** The first id that no inquiry ever had. */
  readonly firstId: number;
  /** How many may run now. */
  readonly atOnce: () => number;
  /** Looks into it and keeps what comes of it, before those who waited are told. */
  readonly investigate: (entry: Entry, input: JudgeInput, signal: AbortSignal) => Promise<void>;
  /** It threw: a fault of ours. */
  readonly failed: (error: unknown) => void;
  /** Told when counts changed. */
  readonly changed: () => void;
}

/** One domain that is looked into for a program, or waits to be. */
export class Entry {
  waiters: Set<Waiter> = new Set();
  /** What was found so far, in sentences for a person. */
  findings: readonly string[] = [];
  /** Ends it; null while it waits for a place. */
  end: AbortController | null = null;

  constructor(
    readonly id: number,
    readonly judged: Judged,
    /** In whose name it waits and runs. */
    public program: string,
    /** Called at its start. */
    readonly prepare: () => Promise<JudgeInput>,
  ) {}
}

/**
 * The inquiries under way: one a registrable domain and program at a time, which all such flows share; so many at once as the server can.
 * Those somebody waits for go first, and among them those of the program that has the fewest under way.
 */
export class Inquiries {
  /** In the order in which they were asked for. */
  readonly #entries = new Map<string, Entry>();
  readonly #runs = new Set<Promise<void>>();
  /** Whose inquiries have ended, while those who waited hear of it. */
  readonly #telling = new Set<string>();
  #nextId: number;
  #closed = false;

  constructor(private readonly options: InquiryOptions) {
    this.#nextId = options.firstId;
  }

  get running(): number {
    return this.#entries.size - this.waiting;
  }

  get waiting(): number {
    return this.#waitingOf(null);
  }

  /** Whether one more domain of a program would find room. */
  hasRoom(program: string): boolean {
    return !this.#closed && this.waiting < QUEUE_MAX && this.#waitingOf(program) < PROGRAM_MAX;
  }

  get(judged: Judged): Entry | null {
    return this.#entries.get(judgedKey(judged)) ?? null;
  }

  /** Who waited for an inquiry is being told of its end, and must not wait for the next. */
  isTelling(judged: Judged): boolean {
    return this.#telling.has(judgedKey(judged));
  }

  /** An id for an inquiry that is made outside the queue. */
  nextId(): number {
    return this.#nextId++;
  }

  /** Joins the inquiry into a domain for a program, beginning one if there is none; null when there is no room. */
  join(judged: Judged, program: string, prepare: () => Promise<JudgeInput>, waiter: Waiter): Entry | null {
    const key = judgedKey(judged);
    const known = this.#entries.get(key);
    if (known === undefined && !this.hasRoom(program)) return null;
    const entry = known ?? new Entry(this.nextId(), judged, program, prepare);
    entry.waiters.add(waiter);
    if (known === undefined) {
      this.#entries.set(key, entry);
      this.begin();
    } else if (entry.end === null && this.#waitingOf(program) + 1 < this.#waitingOf(entry.program)) {
      // A name that several ask for waits in the name of the one with the shortest queue.
      entry.program = program;
    }
    return entry;
  }

  /** Somebody no longer waits. */
  leave(judged: Judged, waiter: Waiter): void {
    this.#entries.get(judgedKey(judged))?.waiters.delete(waiter);
  }

  /** Begins as many as may run now. */
  begin(): void {
    if (this.#closed) return;
    while (this.running < this.options.atOnce()) {
      const entry = this.#first();
      if (entry === null) break;
      entry.end = new AbortController();
      const run = this.#run(entry, entry.end.signal).finally(() => this.#runs.delete(run));
      this.#runs.add(run);
    }
    this.options.changed();
  }

  /** Gives up those that have not begun: who waits for them asks its policy again. */
  dropQueued(): void {
    const dropped = this.#queue();
    for (const { judged } of dropped) this.#entries.delete(judgedKey(judged));
    if (dropped.length > 0) this.options.changed();
    for (const { waiters } of dropped) void tell(waiters);
  }

  /** Stops what runs. What is still open is asked anew, in its order; who waits for the rest asks its policy again. */
  restart(isOpen: (judged: Judged) => boolean): void {
    const entries = [...this.#entries.values()].map((entry) => this.#renewed(entry));
    this.#entries.clear();
    const settled: Entry[] = [];
    for (const entry of entries) {
      if (isOpen(entry.judged)) this.#entries.set(judgedKey(entry.judged), entry);
      else settled.push(entry);
    }
    for (const { waiters } of settled) void tell(waiters);
    this.begin();
  }

  /** Gives up all, and tells nobody. Settles when what ran has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { waiters, end } of this.#entries.values()) {
      waiters.clear();
      end?.abort();
    }
    this.#entries.clear();
    await Promise.all(this.#runs);
  }

  /** Those that wait for a place, in their order. */
  #queue(): readonly Entry[] {
    return [...this.#entries.values()].filter(({ end }) => end === null);
  }

  /** How many wait for a place; of a program, or of all. Asked for each connection. */
  #waitingOf(program: string | null): number {
    let count = 0;
    for (const entry of this.#entries.values())
      if (entry.end === null && (program === null || entry.program === program)) count++;
    return count;
  }

  #first(): Entry | null {
    const running = new Map<string, number>();
    for (const { program, end } of this.#entries.values())
      if (end !== null) running.set(program, (running.get(program) ?? 0) + 1);
    let first: Entry | null = null;
    let firstRank = Number.POSITIVE_INFINITY;
    for (const entry of this.#queue()) {
      const rank = (entry.waiters.size > 0 ? 0 : QUEUE_MAX) + (running.get(entry.program) ?? 0);
      if (rank < firstRank) [first, firstRank] = [entry, rank];
    }
    return first;
  }

  /** The same question with all who wait for it, not begun; what ran has nobody who waits for it. */
  #renewed(entry: Entry): Entry {
    if (entry.end === null) return entry;
    const again = new Entry(this.nextId(), entry.judged, entry.program, entry.prepare);
    again.waiters = entry.waiters;
    entry.waiters = new Set();
    entry.end.abort();
    return again;
  }

  /** Never rejects. */
  async #run(entry: Entry, signal: AbortSignal): Promise<void> {
    try {
      const input = await entry.prepare();
      if (!signal.aborted) await this.options.investigate(entry, input, signal);
    } catch (error) {
      this.options.failed(error);
    }
    const { waiters } = entry;
    const key = judgedKey(entry.judged);
    const isLatest = this.#entries.get(key) === entry;
    if (isLatest) {
      this.#entries.delete(key);
      this.#telling.add(key);
    }
    this.begin();
    await tell(waiters);
    if (isLatest) this.#telling.delete(key);
  }
}

/** Has all who wait ask their policy again. */
async function tell(waiters: ReadonlySet<Waiter>): Promise<void> {
  let told = 0;
  for (const waiter of [...waiters]) {
    waiter.decideAgain();
    if (++told % TOLD_A_SLICE === 0) await nextTurn();
  }
}
