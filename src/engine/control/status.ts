import type { Enforcement } from '../../platform/enforcement.ts';
import type { Status } from '../../schema/status.ts';
import type { Engine } from '../engine.ts';
import type { Percentiles } from './percentiles.ts';

/** What the status line and `status` show. */
export function engineStatus(engine: Engine, enforcement: Enforcement | null): Status {
  const { config, options } = engine;
  let held = 0;
  for (const flow of engine.flows.values()) if (flow.phase === 'held') held++;
  return {
    version: options.version,
    pid: process.pid,
    startedAt: engine.startedAt,
    mode: config.policy.mode,
    unattended: config.policy.unattended,
    failMode: options.config.intercept.failMode,
    guardRunning: enforcement?.guarded ?? false,
    enforcement: enforcement?.report ?? { state: 'unknown', probedAt: null, detail: null },
    counts: engine.counters.counts(engine.flows.size, held),
    decisionUs: percentiles(engine.counters.decisionUs),
    connectUs: percentiles(engine.counters.connectUs),
    loopLagMs: engine.lag.report(),
    ledger: engine.ledger.status(),
    lists: engine.lists.status(),
    rules: engine.rules.all().length,
    judge: engine.asking.judging.status(),
    notify: config.screen.notify,
    config: {
      path: options.paths.config,
      error: engine.configErrors.length === 0 ? null : engine.configErrors.join('\n'),
    },
    memoryMb: Math.round(process.memoryUsage.rss() / 1_048_576),
  };
}

function percentiles(figure: Percentiles): { p50: number | null; p99: number | null } {
  return { p50: figure.at(0.5), p99: figure.at(0.99) };
}
