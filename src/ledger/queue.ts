import type { FlowRecord } from '../model/flow.ts';

/** Flow records that wait for the disk; past it the oldest are given up. */
const QUEUE_MAX_FLOWS = 65_536;
/** The same bound in bytes, by estimate: hostile paths and names are long. */
const QUEUE_MAX_BYTES = 128 * 1_048_576;
/** Flow records that go to the database in one transaction. */
export const BATCH_MAX_FLOWS = 512;
/** What a record weighs beside its strings of unbounded length. */
const RECORD_BASE_BYTES = 1_000;

/**
 * What waits to be written: one record an id, the newest state of it, in the order of arrival. A batch that was taken
 * stays in flight until it is settled as written; until then `take` gives the same batch again.
 * Ids stand in a ring beside the map, because taking the first key of a big Map again and again is slow in JavaScriptCore
 * (29 µs each at this size).
 */
export class FlowQueue {
  readonly #maxFlows: number;
  readonly #maxBytes: number;
  readonly #ring: Float64Array;
  /** What the first state of the flow in each place of the ring weighs; later states differ by little. */
  readonly #weights: Float64Array;
  readonly #waiting = new Map<number, FlowRecord>();
  #inFlight: FlowRecord[] = [];
  #inFlightBytes = 0;
  #head = 0;
  #bytes = 0;
  #lost = 0;

  constructor(maxFlows: number = QUEUE_MAX_FLOWS, maxBytes: number = QUEUE_MAX_BYTES) {
    this.#maxFlows = maxFlows;
    this.#maxBytes = maxBytes;
    this.#ring = new Float64Array(maxFlows);
    this.#weights = new Float64Array(maxFlows);
  }

  /** Records not yet known to be on disk. */
  get size(): number {
    return this.#waiting.size + this.#inFlight.length;
  }

  /** Records given up since the start. */
  get lost(): number {
    return this.#lost;
  }

  put(flow: FlowRecord): void {
    if (!this.#waiting.has(flow.id)) this.#enter(flow);
    this.#waiting.set(flow.id, flow);
    while (this.#bytes + this.#inFlightBytes > this.#maxBytes && this.#waiting.size > 1) this.#giveUpOldest();
  }

  /** The next batch, oldest first, empty when nothing waits. The caller settles it before it takes another. */
  take(): readonly FlowRecord[] {
    if (this.#inFlight.length > 0) return this.#inFlight;
    while (this.#inFlight.length < BATCH_MAX_FLOWS && this.#waiting.size > 0) {
      const weight = this.#weights[this.#head] ?? 0;
      const flow = this.#shift();
      if (flow === undefined) break;
      this.#inFlight.push(flow);
      this.#inFlightBytes += weight;
    }
    return this.#inFlight;
  }

  /** Says how the batch in flight went: written (it is forgotten, `refused` of it lost) or to be tried again. */
  settle(written: boolean, refused = 0): void {
    if (!written) return;
    this.#lost += refused;
    this.#inFlight = [];
    this.#inFlightBytes = 0;
  }

  /** The newest state of a flow that is not known to be on disk. */
  find(id: number): FlowRecord | null {
    return this.#waiting.get(id) ?? this.#inFlight.find((flow) => flow.id === id) ?? null;
  }

  /** Gives up all that waits, and counts it. */
  abandon(): void {
    this.#lost += this.size;
    this.#waiting.clear();
    this.#inFlight = [];
    this.#bytes = 0;
    this.#inFlightBytes = 0;
  }

  #enter(flow: FlowRecord): void {
    if (this.#waiting.size === this.#maxFlows) this.#giveUpOldest();
    const place = (this.#head + this.#waiting.size) % this.#maxFlows;
    const weight = weigh(flow);
    this.#ring[place] = flow.id;
    this.#weights[place] = weight;
    this.#bytes += weight;
  }

  #shift(): FlowRecord | undefined {
    const id = this.#ring[this.#head] ?? 0;
    const flow = this.#waiting.get(id);
    this.#waiting.delete(id);
    this.#bytes -= this.#weights[this.#head] ?? 0;
    this.#head = (this.#head + 1) % this.#maxFlows;
    return flow;
  }

  #giveUpOldest(): void {
    this.#shift();
    this.#lost++;
  }
}

/** Estimates the bytes a record holds; only what can be long is measured. */
function weigh(flow: FlowRecord): number {
  let bytes = RECORD_BASE_BYTES + (flow.origin.path?.length ?? 0) + (flow.sniff.sni?.length ?? 0);
  bytes += flow.sniff.httpHost?.length ?? 0;
  for (const parent of flow.origin.parents) bytes += 50 + (parent.path?.length ?? 0);
  for (const evidence of flow.verdict.evidence) bytes += 100 + evidence.text.length;
  for (const name of flow.sniff.alpn) bytes += 20 + name.length;
  return bytes;
}
