import type { Config } from '../config/schema.ts';
import { DeadlineQueue } from './deadline-queue.ts';

/** How long a client may be silent where its server will not speak first; servers of HTTP close after about as long. */
const IDLE_MS = 60_000;
/** How long the answer to a refused HTTP request may take to be read. */
const LINGER_MS = 1_000;

/** A flow as its deadlines see it. */
export interface TimedFlow {
  sniffTimedOut(): void;
  idleTimedOut(): void;
  connectTimedOut(): void;
  holdTimedOut(): void;
  lingered(): void;
}

/** The deadlines of a flow's phases; each calls the method of the same name. */
export interface FlowDeadlines {
  readonly silent: DeadlineQueue<TimedFlow>;
  readonly sniff: DeadlineQueue<TimedFlow>;
  /** The wait for a silent client that no server was dialled for. */
  readonly idle: DeadlineQueue<TimedFlow>;
  readonly connect: DeadlineQueue<TimedFlow>;
  /** The wait for the judge. */
  readonly judge: DeadlineQueue<TimedFlow>;
  /** The wait for the person. */
  readonly hold: DeadlineQueue<TimedFlow>;
  readonly linger: DeadlineQueue<TimedFlow>;
}

/** The deadlines of a flow, with the times the configuration gives them. */
export function flowDeadlines(config: Config, idleMs = IDLE_MS): FlowDeadlines & { close(): void } {
  const queue = (delayMs: number, due: (flow: TimedFlow) => void) =>
    new DeadlineQueue<TimedFlow>(delayMs, due);
  const queues = {
    silent: queue(config.proxy.sniffWaitMs, (flow) => flow.sniffTimedOut()),
    sniff: queue(config.proxy.sniffTimeoutMs, (flow) => flow.sniffTimedOut()),
    idle: queue(idleMs, (flow) => flow.idleTimedOut()),
    connect: queue(config.proxy.connectTimeoutMs, (flow) => flow.connectTimedOut()),
    judge: queue(config.judge.holdMs, (flow) => flow.holdTimedOut()),
    hold: queue(config.policy.holdMs, (flow) => flow.holdTimedOut()),
    linger: queue(LINGER_MS, (flow) => flow.lingered()),
  };
  return {
    ...queues,
    close() {
      for (const each of Object.values(queues)) each.close();
    },
  };
}
