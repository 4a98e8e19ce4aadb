import type { Ledger } from '../ledger/ledger.ts';
import type { FlowId, Uid } from '../model/brand.ts';
import type { FlowRecord } from '../model/flow.ts';
import type { FairShare } from '../proxy/fair-share.ts';
import type { Journal, ReportedFlow } from '../proxy/ports.ts';
import type { Asking } from './asking.ts';
import { Counters } from './control/counters.ts';

/** Who hears of flows. */
export interface JournalParts {
  readonly ledger: Ledger;
  readonly asking: Asking;
  readonly share: FairShare;
  /** Told of every state of every flow. */
  readonly told: (record: FlowRecord) => void;
  /** Told once that a flow is over. */
  readonly forget: (id: FlowId) => void;
}

/** Writes down what becomes of flows, counts them, and tells those who watch. */
export class FlowJournal implements Journal {
  readonly counters = new Counters();

  constructor(private readonly parts: JournalParts) {}

  nextFlowId(): FlowId {
    return this.parts.ledger.nextFlowId();
  }

  waits(id: FlowId, uid: Uid | null): void {
    this.parts.share.taken(id, uid);
  }

  changed(flow: ReportedFlow): void {
    const { asking, share } = this.parts;
    const record = flow.record();
    if (!flow.isHeld) asking.questions.gone(flow.id);
    if (flow.counted === null) share.taken(flow.id, record.origin.uid);
    flow.counted = this.counters.changed(flow.counted, record);
    if (record.connectUs !== null && record.state === 'open') this.counters.connectUs.add(record.connectUs);
    this.#tell(record);
  }

  over(flow: ReportedFlow): void {
    const { asking, share, forget } = this.parts;
    share.given(flow.id);
    asking.over(flow);
    forget(flow.id);
  }

  refused(record: FlowRecord): void {
    this.counters.decided(record);
    this.#tell(record);
  }

  #tell(record: FlowRecord): void {
    this.parts.ledger.record(record);
    this.parts.told(record);
  }
}
