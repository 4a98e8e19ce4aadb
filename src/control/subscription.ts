import type { FlowRecord } from '../model/flow.ts';
import type { Prompt } from '../schema/prompt.ts';
import type { Status } from '../schema/status.ts';

/** Flows that wait for one reader; past it the oldest are given up and counted as missed. */
const PENDING_MAX_FLOWS = 8_192;
/** Flows and text of one event, so that making it takes about a millisecond; the rest goes with the next. */
const EVENT_MAX_FLOWS = 512;
const EVENT_MAX_CHARS = 524_288;

/** The JSON text of a flow; made once for all readers. */
export type FlowToJson = (flow: FlowRecord) => string;

/** What one subscriber is still to be told: the newest state of each flow, and the newest status. */
export class Subscription {
  readonly as: 'screen' | 'log';
  readonly #filter: (flow: FlowRecord) => boolean;
  readonly #maxFlows: number;
  /** The order in which ids came; an id whose flow is gone from `pending` was sent or given up. */
  #order: number[] = [];
  #orderAt = 0;
  readonly #pending = new Map<number, FlowRecord>();
  #status: Status | null = null;
  #questions: readonly Prompt[] | null = null;
  #missed = 0;

  constructor(
    as: 'screen' | 'log',
    filter: (flow: FlowRecord) => boolean,
    maxFlows: number = PENDING_MAX_FLOWS,
  ) {
    this.as = as;
    this.#filter = filter;
    this.#maxFlows = maxFlows;
  }

  get waiting(): boolean {
    return this.#pending.size > 0 || this.#status !== null || this.#questions !== null || this.#missed > 0;
  }

  offer(flow: FlowRecord): void {
    if (!this.#filter(flow)) return;
    if (!this.#pending.has(flow.id)) {
      if (this.#pending.size >= this.#maxFlows) {
        this.#next();
        this.#missed++;
      }
      this.#order.push(flow.id);
    }
    this.#pending.set(flow.id, flow);
  }

  offerStatus(status: Status): void {
    this.#status = status;
  }

  offerQuestions(questions: readonly Prompt[]): void {
    if (this.as === 'screen') this.#questions = questions;
  }

  /** The next lines to send, none when nothing waits. `toJson` is asked once a flow. */
  takeLines(toJson: FlowToJson): string {
    let text = '';
    const flows = this.#takeFlows(toJson);
    if (flows.length > 0 || this.#missed > 0) {
      text += `{"event":"flows","flows":[${flows.join(',')}],"missed":${this.#missed}}\n`;
      this.#missed = 0;
    }
    if (this.#status !== null) text += `${JSON.stringify({ event: 'status', status: this.#status })}\n`;
    this.#status = null;
    if (this.#questions !== null)
      text += `${JSON.stringify({ event: 'questions', questions: this.#questions })}\n`;
    this.#questions = null;
    return text;
  }

  #takeFlows(toJson: FlowToJson): string[] {
    const flows: string[] = [];
    let chars = 0;
    while (this.#pending.size > 0 && flows.length < EVENT_MAX_FLOWS && chars < EVENT_MAX_CHARS) {
      const flow = this.#next();
      if (flow === null) break;
      const json = toJson(flow);
      chars += json.length;
      flows.push(json);
    }
    return flows;
  }

  /** Takes the flow that waits longest. */
  #next(): FlowRecord | null {
    const id = this.#order[this.#orderAt++];
    // Taken ids are cut off in one go, now and then: cutting each off would move the whole array.
    if (this.#orderAt > this.#maxFlows) {
      this.#order = this.#order.slice(this.#orderAt);
      this.#orderAt = 0;
    }
    const flow = id === undefined ? undefined : this.#pending.get(id);
    if (id !== undefined) this.#pending.delete(id);
    return flow ?? null;
  }
}
