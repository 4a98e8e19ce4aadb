import type { Config } from '../config/schema.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import type { Flow } from './flow.ts';
import type { FlowDeadlines } from './ports.ts';

/** How long the answer to a refused HTTP request may take to be read. */
const LINGER_MS = 1_000;

/** The deadlines of a flow, with the times the configuration gives them. */
export function flowDeadlines(config: Config): FlowDeadlines & { close(): void } {
  const queue = (delayMs: number, due: (flow: Flow) => void): DeadlineQueue<Flow> =>
    new DeadlineQueue<Flow>(delayMs, due);
  const queues = {
    silent: queue(config.proxy.sniffWaitMs, (flow) => flow.sniffTimedOut()),
    sniff: queue(config.proxy.sniffTimeoutMs, (flow) => flow.sniffTimedOut()),
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
