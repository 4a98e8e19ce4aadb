import type { HeldFlow } from '../ask/questions.ts';
import type { Attributor } from '../attribute/attributor.ts';
import type { Config } from '../config/schema.ts';
import type { FlowId, Host, RegistrableDomain, Uid } from '../model/brand.ts';
import type { Effect, Evidence, FlowRecord, Mode, Origin, Verdict } from '../model/flow.ts';
import type { Subject } from '../model/subject.ts';
import type { Policy } from '../policy/policy.ts';
import type { Resolve } from '../resolve/resolver.ts';
import type { FlowDeadlines } from './deadlines.ts';
import type { Connect } from './dial.ts';
import type { LoopBrake } from './loop-brake.ts';
import type { Offload } from './offload/offload.ts';
import type { RefusedNames } from './refused-names.ts';

/** Decides flows. Read at the moment of use, so that a changed policy counts at once. */
export interface Deciding {
  readonly policy: Policy;
  readonly mode: Mode;
  readonly unattended: 'allow' | 'block';
  /** What a verdict on a name counts for: see `Subject.domain`. */
  domainOf(host: Host): RegistrableDomain | null;
  /** The verdict on a program that is refused whatever it asks for; null to go on. */
  refusal(origin: Origin): Verdict | null;
  /** Notes what a program asks for; once a flow, before it is decided. */
  observe(subject: Subject): void;
  /** Settles when a verdict is to be thought over, because it rests on what is being looked up; null when it stands. Never rejects. */
  missing(subject: Subject, verdict: Verdict): Promise<void> | null;
}

/** Asks judge and person about flows. */
export interface Asking {
  /** Whether the one that a verdict asks can be asked now. */
  canAsk(verdict: Verdict, subject: Subject): boolean;
  /**
   * The flow waits for the judge or a person, or goes on while the judge thinks. Returns what there is to say of it; a later
   * answer comes as `decideAgain`.
   */
  wait(flow: HeldFlow, subject: Subject, verdict: Verdict): readonly Evidence[];
  /** Why a flow that waited for a person got no answer. */
  unanswered(): 'time_over' | 'nobody_to_ask';
}

/** A flow as the journal sees it; it has a verdict. */
export interface ReportedFlow extends HeldFlow {
  /** Waits for the judge or a person. */
  readonly isHeld: boolean;
  /** How the journal has counted it; null while it has not. */
  counted: Effect | null;
  record(): FlowRecord;
}

/** Hears what becomes of flows. */
export interface Journal {
  /** A flow that is not decided is kept for longer: its user has it from now on. */
  waits(id: FlowId, uid: Uid | null): void;
  /** A flow was decided, changed or ended. */
  changed(flow: ReportedFlow): void;
  /** A flow is over: nothing more comes of it. */
  over(flow: ReportedFlow): void;
  /** A connection was refused at accept. */
  refused(record: FlowRecord): void;
  nextFlowId(): FlowId;
}

/** What every flow is made with. */
export interface FlowParts {
  readonly deciding: Deciding;
  readonly asking: Asking;
  readonly journal: Journal;
  readonly attributor: Attributor;
  readonly resolver: Resolve;
  /** How upstream connections are made. */
  readonly connect: Connect;
  /** Null where our connections cannot come round by another program. */
  readonly loops: LoopBrake | null;
  /** Null where the kernel cannot move bytes for us. */
  readonly offload: Offload | null;
  /** The limits of `proxy` in the configuration, as they are now. */
  readonly settings: Config['proxy'];
  readonly deadlines: FlowDeadlines;
  readonly refusedNames: RefusedNames;
  /** Hashes a raw JA4 fingerprint. */
  ja4(raw: string): string;
}
