import type { Status } from '../../src/schema/status.ts';

/** The status of an engine that has just begun. */
export function sampleStatus(over: Partial<Status> = {}): Status {
  return {
    version: '0.1.0',
    pid: 4_242,
    startedAt: 1_790_000_000_000,
    mode: 'enforce',
    unattended: 'allow',
    failMode: 'open',
    proxy: { port: 297, configured: 297 },
    guardRunning: true,
    enforcement: { state: 'enforced', probedAt: 1_790_000_000_100, detail: null },
    counts: {
      total: 0,
      allowed: 0,
      blocked: 0,
      defaulted: 0,
      held: 0,
      open: 0,
      refusedAtLimit: 0,
      notRedirected: 0,
      unknownOrigin: 0,
    },
    decisionUs: { p50: null, p99: null },
    connectUs: { p50: null, p99: null },
    loopLagMs: { p99: 0, max: 0 },
    ledger: { state: 'ok', error: null, queued: 0, lost: 0, path: '/var/lib/resolagent/ledger.db' },
    lists: [],
    rules: 0,
    judge: {
      state: 'off',
      detail: null,
      model: 'gpt-oss-20b',
      apiUrl: 'http://127.0.0.1:1234/v1',
      running: 0,
      waiting: 0,
      done: 0,
      marked: 0,
      tokensToday: 0,
      dailyTokens: 1_000_000,
    },
    notify: 'never',
    config: { path: null, error: null },
    memoryMb: 60,
    ...over,
  };
}
