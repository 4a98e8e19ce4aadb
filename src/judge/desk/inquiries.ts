import type { RegistrableDomain } from '../../model/brand.ts';
import type { Inquiry, JudgeInput } from '../../model/inquiry.ts';
import type { OnFindings } from './ports.ts';

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

/** One domain that is looked into, or waits to be. */
export interface Entry {
  readonly id: number;
  readonly domain: RegistrableDomain;
  readonly waiters: ReadonlySet<Waiter>;
  /** What was found so far, in sentences for a person. */
  readonly findings: readonly string[];
  readonly running: boolean;
}

/** What inquiries need. */
export interface InquiryOptions {
  /** The first id that no inquiry ever had. */
  readonly firstId: number;
  /** How many may run now. */
  readonly atOnce: () => number;
  /** Looks into it. */
  readonly investigate: (
    input: JudgeInput,
    id: number,
    onFindings: OnFindings,
    signal: AbortSignal,
  ) => Promise<Inquiry>;
  /** Told of an end, and in whose name it was looked into, before those who waited are. */
  readonly done: (inquiry: Inquiry, program: string) => void;
  /** One of the others threw: a fault of ours. */
  readonly failed: (error: unknown) => void;
  /** Told when findings or counts changed. */
  readonly changed: () => void;
}

class Pending implements Entry {
  readonly waiters = new Set<Waiter>();
  findings: readonly string[] = [];
  running = false;
  readonly end = new AbortController();

  constructor(
    readonly id: number,
    readonly domain: RegistrableDomain,
    /** In whose name it waits and runs. */
    public program: string,
    readonly prepare: () => Promise<JudgeInput>,
  ) {}
}

/** What a desk that closed had not answered, for another to take on. */
export type Left = readonly Pick<Pending, 'domain' | 'program' | 'prepare' | 'waiters'>[];

/**
 * The inquiries under way: one a registrable domain at a time, which all flows to it share; so many at once as the server can.
 * Those somebody waits for go first, and among them those of the program that has the fewest under way.
 */
export class Inquiries {
  readonly #byDomain = new Map<RegistrableDomain, Pending>();
  /** Those of them that wait for a place, in their order. */
  readonly #queue = new Set<Pending>();
  /** How many of the queue are a program's. */
  readonly #queued = new Map<string, number>();
  readonly #runs = new Set<Promise<void>>();
  #nextId: number;
  #closed = false;

  constructor(private readonly options: InquiryOptions) {
    this.#nextId = options.firstId;
  }

  get running(): number {
    return this.#byDomain.size - this.#queue.size;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** Whether one more domain of a program would find room. */
  hasRoom(program: string): boolean {
    return !this.#closed && this.#queue.size < QUEUE_MAX && this.#queuedOf(program) < PROGRAM_MAX;
  }

  get(domain: RegistrableDomain): Entry | null {
    return this.#byDomain.get(domain) ?? null;
  }

  /** An id for an inquiry that is made outside the queue. */
  nextId(): number {
    return this.#nextId++;
  }

  /** Joins the inquiry into a domain, beginning one if there is none; null when there is no room. `prepare` is called at its start. */
  join(
    domain: RegistrableDomain,
    program: string,
    prepare: () => Promise<JudgeInput>,
    waiter: Waiter,
  ): Entry | null {
    let entry = this.#byDomain.get(domain);
    if (entry === undefined) {
      if (!this.hasRoom(program)) return null;
      entry = new Pending(this.nextId(), domain, program, prepare);
      entry.waiters.add(waiter);
      this.#enqueue(entry);
      this.begin();
    } else {
      entry.waiters.add(waiter);
      this.#share(entry, program);
    }
    return entry;
  }

  /** Somebody no longer waits. */
  leave(domain: RegistrableDomain, waiter: Waiter): void {
    this.#byDomain.get(domain)?.waiters.delete(waiter);
  }

  /** Gives up those that have not begun: who waits for them asks its policy again. */
  dropQueued(): void {
    const dropped = [...this.#queue];
    for (const entry of dropped) {
      this.#dequeue(entry);
      this.#byDomain.delete(entry.domain);
    }
    if (dropped.length > 0) this.options.changed();
    for (const entry of dropped) void tell(entry.waiters);
  }

  /** Gives up all: those that run end as stopped, and who waited is left to whom it may concern. */
  close(): Left {
    this.#closed = true;
    const left = [...this.#byDomain.values()].map(({ domain, program, prepare, waiters }) => ({
      ...{ domain, program, prepare },
      waiters: new Set(waiters),
    }));
    for (const entry of this.#byDomain.values()) {
      entry.waiters.clear();
      entry.end.abort();
      if (this.#queue.has(entry)) this.#dequeue(entry);
    }
    this.#byDomain.clear();
    return left;
  }

  /** Settles when all that ran at the close has ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#runs);
  }

  /** Takes on what another left, before anything was asked here. */
  adopt(left: Left): void {
    for (const { domain, program, prepare, waiters } of left) {
      const entry = new Pending(this.nextId(), domain, program, prepare);
      for (const waiter of waiters) entry.waiters.add(waiter);
      this.#enqueue(entry);
    }
    this.begin();
  }

  /** Begins as many as may run now. */
  begin(): void {
    while (this.running < this.options.atOnce()) {
      const entry = this.#first();
      if (entry === null) break;
      this.#dequeue(entry);
      entry.running = true;
      const run = this.#run(entry).finally(() => this.#runs.delete(run));
      this.#runs.add(run);
    }
    this.options.changed();
  }

  #enqueue(entry: Pending): void {
    this.#byDomain.set(entry.domain, entry);
    this.#queue.add(entry);
    this.#count(entry.program, 1);
  }

  #dequeue(entry: Pending): void {
    this.#queue.delete(entry);
    this.#count(entry.program, -1);
  }

  #queuedOf(program: string): number {
    return this.#queued.get(program) ?? 0;
  }

  #count(program: string, change: 1 | -1): void {
    const count = this.#queuedOf(program) + change;
    if (count > 0) this.#queued.set(program, count);
    else this.#queued.delete(program);
  }

  /** A name that several ask for waits in the name of the one with the shortest queue. */
  #share(entry: Pending, program: string): void {
    if (!this.#queue.has(entry) || this.#queuedOf(program) + 1 >= this.#queuedOf(entry.program)) return;
    this.#count(entry.program, -1);
    entry.program = program;
    this.#count(program, 1);
  }

  #first(): Pending | null {
    const running = new Map<string, number>();
    for (const { program, running: runs } of this.#byDomain.values())
      if (runs) running.set(program, (running.get(program) ?? 0) + 1);
    let first: Pending | null = null;
    let firstRank = Number.POSITIVE_INFINITY;
    for (const entry of this.#queue) {
      const rank = (entry.waiters.size > 0 ? 0 : QUEUE_MAX) + (running.get(entry.program) ?? 0);
      if (rank < firstRank) [first, firstRank] = [entry, rank];
    }
    return first;
  }

  /** Never rejects. */
  async #run(entry: Pending): Promise<void> {
    try {
      await this.#investigate(entry);
    } catch (error) {
      this.options.failed(error);
    }
    if (this.#byDomain.get(entry.domain) === entry) this.#byDomain.delete(entry.domain);
    if (!this.#closed) this.begin();
    await tell(entry.waiters);
  }

  async #investigate(entry: Pending): Promise<void> {
    const { id, end } = entry;
    const onFindings = (findings: readonly string[]): void => {
      entry.findings = findings;
      this.options.changed();
    };
    const input = await entry.prepare();
    if (end.signal.aborted) return;
    const inquiry = await this.options.investigate(input, id, onFindings, end.signal);
    this.#byDomain.delete(entry.domain);
    this.options.done(inquiry, entry.program);
  }
}

/** Has all who wait ask their policy again. */
export async function tell(waiters: ReadonlySet<Waiter>): Promise<void> {
  let told = 0;
  for (const waiter of [...waiters]) {
    waiter.decideAgain();
    if (++told % TOLD_A_SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}
