import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Socket } from 'bun';
import type { Interceptor } from '../intercept/interceptor.ts';
import type { FlowId, UnixMs } from '../model/brand.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { Flow } from './flow.ts';
import type { FlowParts } from './ports.ts';
import type { Pressure } from './pressure.ts';
import { refusedRecord } from './refused-record.ts';
import { type AcceptReason, acceptVerdict } from './verdicts.ts';

/** Flows that are asked again without a pause for the others. */
const FLOWS_A_SLICE = 500;

/** Accepts redirected connections as flows, and keeps those that are not over. */
export class Acceptor {
  readonly flows = new Map<FlowId, Flow>();

  constructor(
    private readonly interceptor: Interceptor,
    private readonly pressure: Pressure,
    private readonly parts: FlowParts,
  ) {}

  /** A new flow; null for the probe's own connection, and for what is refused at once. */
  accept(socket: Socket<Flow | null>, peer: Endpoint, local: Endpoint): Flow | null {
    const { fd } = socket as unknown as { fd: number };
    const original = this.interceptor.originalDst({ fd, peer, local });
    if (original.kind === 'direct') return this.#refuse(socket, local, 'not_redirected');
    if (original.kind === 'failed') return this.#refuse(socket, local, 'destination_unknown', original.error);
    if (this.interceptor.isProbe(original.dst)) {
      socket.terminate();
      return null;
    }
    const open = this.flows.size;
    if (open >= this.parts.settings.maxConnections || this.pressure.full(open, fd)) {
      return this.#refuse(socket, original.dst, 'too_many_connections');
    }
    const { journal } = this.parts;
    const flow = new Flow(this.parts, journal.nextFlowId(), socket as Socket<Flow>, peer, original.dst);
    this.flows.set(flow.id, flow);
    return flow;
  }

  #refuse(socket: Socket<Flow | null>, dst: Endpoint, reason: AcceptReason, detail?: string): null {
    socket.terminate();
    const { journal, deciding } = this.parts;
    const verdict = acceptVerdict(reason, detail);
    journal.refused(refusedRecord(journal.nextFlowId(), Date.now() as UnixMs, dst, deciding.mode, verdict));
    return null;
  }

  /** Asks the policy again about open and held flows, in slices. Returns how many were reset. */
  async decideAgain(): Promise<number> {
    let cut = 0;
    let asked = 0;
    for (const flow of [...this.flows.values()]) {
      if (flow.decideAgain()) cut++;
      if (++asked % FLOWS_A_SLICE === 0) await nextTurn();
    }
    return cut;
  }

  /** Frees descriptors while they are scarce; called ten times a second. */
  relieve(): void {
    this.pressure.relieve(this.flows);
  }

  get held(): number {
    let held = 0;
    for (const flow of this.flows.values()) if (flow.isHeld) held++;
    return held;
  }
}
