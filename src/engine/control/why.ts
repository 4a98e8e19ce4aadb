import { ControlError } from '../../control/handlers.ts';
import type { FlowRecord } from '../../model/flow.ts';
import type { Subject } from '../../model/subject.ts';
import type { TraceStep } from '../../policy/decide.ts';
import { explain } from '../../policy/explain.ts';
import { type Why, whyOf } from '../../policy/why.ts';
import type { Controlled } from './controlled.ts';

/** A stored connection as it would be asked about again, at the moment it was accepted. */
export function subjectOfRecord(engine: Controlled, { origin, target, sniff, at }: FlowRecord): Subject {
  const { host, ip, port } = target;
  const domain = host === null ? null : engine.decider.domainOf(host);
  return { origin, host, domain, ip, port, sniff, now: at };
}

/** The newest state of a flow: as it lives, else as it is stored. Throws `not_found`. */
export async function recordOf(engine: Controlled, id: FlowRecord['id']): Promise<FlowRecord> {
  const record = engine.acceptor.flows.get(id)?.recordIfDecided() ?? (await engine.ledger.flow(id));
  if (record === null) throw new ControlError('not_found', `no flow ${id} in the ledger`);
  return record;
}

/** Holds a stored verdict against the policy of today. */
export async function whyFlow(
  engine: Controlled,
  flow: FlowRecord,
): Promise<Why & { readonly flow: FlowRecord; readonly steps: readonly TraceStep[] }> {
  const { policy, unattended } = engine.decider;
  const settings = { mode: flow.mode, unattended };
  const { verdict, steps } = explain(subjectOfRecord(engine, flow), policy, settings, () => false);
  const under = await engine.ledger.policiesOf(flow);
  return { ...whyOf(flow, under, engine.policyVersion(), verdict), flow, steps };
}
