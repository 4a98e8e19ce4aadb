import type { Attributor } from '../attribute/attributor.ts';
import type { Config } from '../config/schema.ts';
import type { Origin, Verdict } from '../model/flow.ts';
import type { Policy, Question } from '../policy/decide.ts';
import type { DeadlineQueue } from './deadline-queue.ts';
import type { Connect } from './dial.ts';
import type { Flow } from './flow.ts';
import type { Mover } from './mover.ts';
import type { Resolve } from './resolver.ts';

/** The deadlines of a flow's phases; each calls the method of the same name. */
export interface FlowDeadlines {
  readonly silent: DeadlineQueue<Flow>;
  readonly sniff: DeadlineQueue<Flow>;
  readonly connect: DeadlineQueue<Flow>;
  readonly hold: DeadlineQueue<Flow>;
  readonly linger: DeadlineQueue<Flow>;
}

/** What the engine gives every flow; read at the moment of use, so a changed policy counts at once. */
export interface FlowContext {
  readonly config: Config;
  readonly policy: Policy;
  readonly attributor: Attributor;
  readonly resolver: Resolve;
  readonly mover: Mover | null;
  readonly connect: Connect;
  readonly deadlines: FlowDeadlines;
  /** Hashes a raw JA4 fingerprint. */
  ja4(raw: string): string;
  /** Why a program's connection is refused before it is decided; null to go on. */
  refusal(origin: Origin): Verdict | null;
  /** Told of every question once, before it is decided. */
  observe(question: Question): void;
  /** What to wait for before deciding anew, when a verdict rests on something that is being looked up. */
  missing(question: Question, verdict: Verdict): Promise<void> | null;
  /** Whether a person can be asked now. */
  canAsk(): boolean;
  /** The flow was decided, changed or ended. */
  changed(flow: Flow): void;
  /** The flow is over: forget it. */
  over(flow: Flow): void;
}
