import type { UnixMs } from '../../model/brand.ts';
import type { Enforcement } from '../../platform/enforcement.ts';
import type { Listeners } from '../../proxy/listeners.ts';
import type { Offload } from '../../proxy/offload/offload.ts';
import type { Status } from '../../schema/status.ts';
import type { Controlled } from './controlled.ts';
import type { Counters } from './counters.ts';
import type { LoopLag } from './loop-lag.ts';
import type { Percentiles } from './percentiles.ts';

/** What a status tells beside what clients can reach. */
export interface StatusParts {
  readonly version: string;
  readonly startedAt: UnixMs;
  /** As it was at the start: a change counts after a restart. */
  readonly failMode: Status['failMode'];
  readonly proxy: Status['proxy'];
  readonly configPath: string;
  /** Why files on disk are not in force. */
  readonly configErrors: readonly string[];
  readonly counters: Counters;
  readonly lag: LoopLag;
  readonly offload: Offload | null;
  readonly listeners: Listeners;
  /** Null while the engine starts. */
  readonly enforcement: Enforcement | null;
}

/** What the status line and `status` show. */
export function engineStatus(engine: Controlled, parts: StatusParts): Status {
  const { config, acceptor } = engine;
  const {
    version,
    startedAt,
    failMode,
    proxy,
    configPath,
    configErrors,
    counters,
    lag,
    offload,
    listeners,
    enforcement,
  } = parts;
  return {
    ...{ version, startedAt, failMode, proxy },
    pid: process.pid,
    mode: config.policy.mode,
    unattended: config.policy.unattended,
    guardRunning: enforcement?.guarded ?? false,
    enforcement: enforcement?.report ?? { state: 'unknown', probedAt: null, detail: null },
    interference: enforcement?.interference ?? null,
    counts: counters.counts({
      open: acceptor.flows.size,
      held: acceptor.held,
      goneBeforeAccept: listeners.gone,
      turnedAway: listeners.turnedAway(),
    }),
    decisionUs: percentiles(counters.decisionUs),
    connectUs: percentiles(counters.connectUs),
    loopLagMs: lag.report(),
    ledger: ledgerStatus(engine),
    offload: { state: offload?.state ?? 'none', carried: offload?.size ?? 0 },
    lists: engine.lists.status(),
    rules: engine.rules.all().length,
    judge: engine.asking.judging.status(),
    notify: config.screen.notify,
    config: {
      path: configPath,
      error: configErrors.length === 0 ? null : configErrors.join('\n'),
    },
    memoryMb: Math.round(process.memoryUsage.rss() / 1_048_576),
  };
}

/** What is wrong with the ledger, else with the file of rules beside it. */
function ledgerStatus(engine: Controlled): Status['ledger'] {
  const ledger = engine.ledger.status();
  const { error, notice } = engine.rules.health;
  if (ledger.state === 'ok' && error !== null) return { ...ledger, state: 'failing', error };
  return { ...ledger, error: ledger.error ?? notice };
}

function percentiles(figure: Percentiles): { p50: number | null; p99: number | null } {
  return { p50: figure.at(0.5), p99: figure.at(0.99) };
}
