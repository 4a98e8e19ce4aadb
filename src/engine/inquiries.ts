import type { Inquiry, JudgeInput } from '../judge/judge-types.ts';
import type { RegistrableDomain } from '../model/brand.ts';
import type { OnFindings } from './judge-setup.ts';

/** Inquiries that wait for a place; past it nothing is judged, and the person is asked. */
const QUEUE_MAX = 1_000;
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
  /** Looks into it; never rejects. */
  readonly investigate: (
    input: JudgeInput,
    id: number,
    onFindings: OnFindings,
    signal: AbortSignal,
  ) => Promise<Inquiry>;
  /** Told of an end before those who waited are. */
  readonly done: (inquiry: Inquiry) => void;
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
    readonly prepare: () => Promise<JudgeInput>,
  ) {}
}

/** The inquiries under way: one a registrable domain at a time, which all flows to it share; so many at once as the server can. */
export class Inquiries {
  readonly #byDomain = new Map<RegistrableDomain, Pending>();
  /** Those of them that wait for a place, in their order. */
  readonly #queue = new Set<Pending>();
  #nextId: number;

  constructor(private readonly options: InquiryOptions) {
    this.#nextId = options.firstId;
  }

  get running(): number {
    return this.#byDomain.size - this.#queue.size;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** Whether one more domain would find room. */
  get hasRoom(): boolean {
    return this.#queue.size < QUEUE_MAX;
  }

  get(domain: RegistrableDomain): Entry | null {
    return this.#byDomain.get(domain) ?? null;
  }

  /** An id for an inquiry that is made outside the queue. */
  nextId(): number {
    return this.#nextId++;
  }

  /** Joins the inquiry into a domain, beginning one if there is none; null when there is no room. `prepare` is called at its start. */
  join(domain: RegistrableDomain, prepare: () => Promise<JudgeInput>, waiter: Waiter): Entry | null {
    let entry = this.#byDomain.get(domain);
    if (entry === undefined) {
      if (!this.hasRoom) return null;
      entry = new Pending(this.nextId(), domain, prepare);
      this.#byDomain.set(domain, entry);
      this.#queue.add(entry);
      this.#next();
    }
    entry.waiters.add(waiter);
    return entry;
  }

  /** Somebody no longer waits. */
  leave(domain: RegistrableDomain, waiter: Waiter): void {
    this.#byDomain.get(domain)?.waiters.delete(waiter);
  }

  /** Gives up those that have not begun: who waits for them asks its policy again. */
  dropQueued(): void {
    const dropped = [...this.#queue];
    this.#queue.clear();
    for (const entry of dropped) this.#byDomain.delete(entry.domain);
    for (const entry of dropped) void tell(entry.waiters);
  }

  /** Gives up all; those that run end as stopped. */
  close(): void {
    for (const entry of this.#byDomain.values()) entry.end.abort();
    this.dropQueued();
  }

  #next(): void {
    for (const entry of this.#queue) {
      if (this.running >= this.options.atOnce()) return;
      this.#queue.delete(entry);
      entry.running = true;
      void this.#run(entry);
    }
    this.options.changed();
  }

  async #run(entry: Pending): Promise<void> {
    const onFindings = (findings: readonly string[]): void => {
      entry.findings = findings;
      this.options.changed();
    };
    const input = await entry.prepare();
    const inquiry = await this.options.investigate(input, entry.id, onFindings, entry.end.signal);
    this.#byDomain.delete(entry.domain);
    this.options.done(inquiry);
    this.#next();
    await tell(entry.waiters);
  }
}

async function tell(waiters: ReadonlySet<Waiter>): Promise<void> {
  let told = 0;
  for (const waiter of [...waiters]) {
    waiter.decideAgain();
    if (++told % TOLD_A_SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}
