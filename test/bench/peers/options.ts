import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** How long and how often things are measured. */
export interface Plan {
  readonly rounds: number;
  /** Connections made one after the other, for latency. */
  readonly latencyCount: number;
  readonly rateMs: number;
  /** Bytes flow for so long before they count: flows settle, and large ones leave for the offload thread. */
  readonly bulkWarmMs: number;
  readonly bulkMs: number;
  readonly idleConnections: number;
  readonly stalledStreams: number;
  /** Connections that come and go before memory is looked at: compiled code and the like are not paid by each. */
  readonly warmConnections: number;
  /** How long the resident memory is waited for to come to rest. */
  readonly settleMs: number;
}

export interface Options {
  readonly plan: Plan;
  readonly json: boolean;
  /** The commands that are firewalls, without their arguments; all are compared with the first. */
  readonly firewalls: readonly (readonly string[])[];
  /** Names of subjects to measure; empty for all. */
  readonly only: readonly string[];
}

// A bit under eight minutes on two cores.
const FULL: Plan = {
  rounds: 5,
  latencyCount: 3_000,
  rateMs: 2_000,
  bulkWarmMs: 400,
  bulkMs: 1_500,
  idleConnections: 4_000,
  stalledStreams: 200,
  warmConnections: 2_000,
  settleMs: 6_000,
};
// Under a minute: tells a change of a third, not of a tenth.
const QUICK: Plan = {
  rounds: 2,
  latencyCount: 600,
  rateMs: 500,
  bulkWarmMs: 250,
  bulkMs: 300,
  idleConnections: 1_000,
  stalledStreams: 50,
  warmConnections: 2_000,
  settleMs: 6_000,
};
// Seconds: tells that everything runs, and no figure.
const SMOKE: Plan = {
  rounds: 1,
  latencyCount: 20,
  rateMs: 50,
  bulkWarmMs: 20,
  bulkMs: 50,
  idleConnections: 20,
  stalledStreams: 4,
  warmConnections: 20,
  settleMs: 0,
};

export const USAGE = `usage: npm run bench -- [--quick | --smoke] [--json] [--only NAME,…] [--rounds N] [--idle N]
                        [--binary PATH …] [--source]
  --quick    under a minute, coarse
  --smoke    a few seconds: that it runs, its figures mean nothing
  --json     one object on standard output in place of the tables
  --only     some of: direct, resolagent, resolagent-2, haproxy, haproxy-splice, nginx, sniproxy, c-splice
  --binary   a binary in place of ./resolagent; further ones are resolagent-2 and so on, measured in the same rounds
  --source   src/main.ts in place of the first binary`;

/** Reads the command line, null when help is asked for; throws with a sentence on what is wrong with it. */
export function readOptions(argv: readonly string[], root: string): Options | null {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      smoke: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      source: { type: 'boolean', default: false },
      binary: { type: 'string', multiple: true, default: [`${root}/resolagent`] },
      only: { type: 'string', default: '' },
      rounds: { type: 'string' },
      idle: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const base = values.smoke ? SMOKE : values.quick ? QUICK : FULL;
  const binaries = values.binary.map((path) => [resolve(path)]);
  const source = [process.execPath, `${root}/src/main.ts`];
  return {
    plan: {
      ...base,
      rounds: count('rounds', values.rounds, base.rounds),
      idleConnections: count('idle', values.idle, base.idleConnections),
    },
    json: values.json,
    firewalls: values.source ? [source, ...binaries.slice(1)] : binaries,
    only: values.only === '' ? [] : values.only.split(','),
  };
}

function count(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`--${name} takes a number from 1 to 999999, not ${text}`);
  return Number(text);
}
