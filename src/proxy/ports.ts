import type { Attributor } from '../attribute/attributor.ts';
import type { Config } from '../config/schema.ts';
import type { Evidence, Origin, Reason, Verdict } from '../model/flow.ts';
import type { Subject } from '../model/subject.ts';
import type { Policy } from '../policy/policy.ts';
import type { Resolve } from '../resolve/resolver.ts';
import type { DeadlineQueue } from './deadline-queue.ts';
import type { Connect } from './dial.ts';
import type { Flow } from './flow.ts';
import type { Offload } from './offload/offload.ts';

/** The deadlines of a flow's phases; each calls the method of the same name. */
export interface FlowDeadlines {
  readonly silent: DeadlineQueue<Flow>;
  readonly sniff: DeadlineQueue<Flow>;
  readonly connect: DeadlineQueue<Flow>;
  /** The wait for the judge. */
  readonly judge: DeadlineQueue<Flow>;
  /** The wait for the person. */
  readonly hold: DeadlineQueue<Flow>;
  readonly linger: DeadlineQueue<Flow>;
}

/** What the engine gives every flow; read at the moment of use, so a changed policy counts at once. */
export interface FlowContext {
  readonly config: Config;
  readonly policy: Policy;
  readonly attributor: Attributor;
  readonly resolver: Resolve;
  readonly offload: Offload | null;
  readonly connect: Connect;
  readonly deadlines: FlowDeadlines;
  /** Hashes a raw JA4 fingerprint. */
  ja4(raw: string): string;
  /** Why a program's connection is refused before it is decided; null to go on. */
  refusal(origin: Origin): Verdict | null;
  /** Told of every question once, before it is decided. */
  observe(subject: Subject): void;
  /** What to wait for before deciding anew, when a verdict rests on something that is being looked up. */
  missing(subject: Subject, verdict: Verdict): Promise<void> | null;
  /** What a person answered a moment ago for such a connection; null when nobody did. */
  answered(subject: Subject): Verdict | null;
  /** Whether whom a verdict asks can be asked now: the judge, or a person. */
  canAsk(verdict: Verdict, subject: Subject): boolean;
  /**
   * The flow waits for the judge or a person, or goes on while the judge thinks. Returns what there is to say of it; a later
   * answer comes as `decideAgain`.
   */
  waits(flow: Flow, subject: Subject, verdict: Verdict): readonly Evidence[];
  /** A flow that waited for a person got no answer; why. */
  unanswered(): Reason & ('time_over' | 'nobody_to_ask');
  /** The flow was decided, changed or ended. */
  changed(flow: Flow): void;
  /** The flow is over: forget it. */
  over(flow: Flow): void;
}
