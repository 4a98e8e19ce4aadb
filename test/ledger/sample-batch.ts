import type { Batch } from '../../src/ledger/wire.ts';
import type { FlowRecord } from '../../src/model/flow.ts';

/** What one transaction writes: flows, of which the last one is the last that was given an id, `over` on top. */
export function batchOf(flows: readonly FlowRecord[], over: Partial<Batch> = {}): Batch {
  return {
    flows,
    inquiries: [],
    verdicts: [],
    policies: [],
    issued: { flow: flows.at(-1)?.id ?? 0, inquiry: 0 },
    ...over,
  };
}
