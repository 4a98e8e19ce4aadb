import type { FlowRecord } from '../model/flow.ts';
import { INQUIRY_MAX_BYTES, type InquiryRow, type VerdictChange } from './table/judge-rows.ts';
import type { PolicyRow } from './table/policy-table.ts';
import { type QueueOptions, WriteQueue } from './write-queue.ts';

const MIB = 1_048_576;
/** What a record weighs beside its text of unbounded length. */
const BASE_BYTES = 1_000;
/** Records that go to the database in one transaction; lines that go to the blocked file at once. */
export const BATCH_MAX = 512;

const FLOWS: QueueOptions<number, FlowRecord> = {
  keyOf: ({ id }) => id,
  weigh: weighFlow,
  maxItems: 65_536,
  // By estimate: hostile paths and names are long.
  maxBytes: 128 * MIB,
  batchItems: BATCH_MAX,
  batchBytes: Number.POSITIVE_INFINITY,
};

const INQUIRIES: QueueOptions<number, InquiryRow> = {
  keyOf: ({ summary }) => summary.id,
  weigh: ({ bytes }) => BASE_BYTES + bytes,
  maxItems: 4_096,
  maxBytes: 64 * MIB,
  batchItems: BATCH_MAX,
  batchBytes: INQUIRY_MAX_BYTES,
};

const VERDICTS: QueueOptions<VerdictChange, VerdictChange> = {
  // Each by itself, in order: what is taken back of a domain must neither overtake what is kept for a program, nor be overtaken by it.
  keyOf: (change) => change,
  weigh: () => BASE_BYTES,
  maxItems: 16_384,
  maxBytes: Number.POSITIVE_INFINITY,
  batchItems: BATCH_MAX,
  batchBytes: Number.POSITIVE_INFINITY,
};

const POLICIES: QueueOptions<string, PolicyRow> = {
  keyOf: ({ firstFlow, at, version }) => [firstFlow, at, ...Object.values(version)].join(' '),
  weigh: () => BASE_BYTES,
  maxItems: 4_096,
  maxBytes: Number.POSITIVE_INFINITY,
  batchItems: BATCH_MAX,
  batchBytes: Number.POSITIVE_INFINITY,
};

/** Flow records that wait for the disk; `limits` for tests. */
export const flowQueue = (limits: Partial<QueueOptions<number, FlowRecord>> = {}) =>
  new WriteQueue({ ...FLOWS, ...limits });

/** Transcripts that wait for the disk. */
export const inquiryQueue = (limits: Partial<QueueOptions<number, InquiryRow>> = {}) =>
  new WriteQueue({ ...INQUIRIES, ...limits });

/** Changes of the policy. */
export const policyQueue = () => new WriteQueue(POLICIES);

/** Changes of what the judge's verdicts are. */
export const verdictQueue = () => new WriteQueue(VERDICTS);

/** Estimates the bytes a record holds; only what can be long is measured. */
function weighFlow(flow: FlowRecord): number {
  let bytes = BASE_BYTES + (flow.origin.path?.length ?? 0) + (flow.sniff.sni?.length ?? 0);
  bytes += flow.sniff.httpHost?.length ?? 0;
  for (const parent of flow.origin.parents) bytes += 50 + (parent.path?.length ?? 0);
  for (const evidence of flow.verdict.evidence) bytes += 100 + evidence.text.length;
  for (const name of flow.sniff.alpn) bytes += 20 + name.length;
  return bytes;
}
