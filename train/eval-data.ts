import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Host } from '../src/model/brand.ts';
import { normalizeHost } from '../src/model/host.ts';
import { type ScoreModel, toLogit } from '../src/score/model.ts';
import { type HostScore, scoreHost } from '../src/score/score-host.ts';
import { readRows } from './csv.ts';

/** What a file of names is evidence of; told by its name. */
export type FileKind = 'honest' | 'generated' | 'phishing' | 'other';

/** One name with what the eval keeps of its score. */
export interface Scored {
  readonly host: Host;
  readonly group: string;
  readonly generated: number;
  readonly phishing: number;
  readonly outcome: HostScore['outcome'];
  readonly standing: HostScore['standing'];
}

/** One CSV file, scored. */
export interface ScoredFile {
  readonly file: string;
  readonly kind: FileKind;
  readonly names: readonly Scored[];
  /** Lines whose first field is no host name. */
  readonly skipped: number;
}

const KINDS: readonly (readonly [RegExp, FileKind])[] = [
  [/dga|generated/, 'generated'],
  [/phish/, 'phishing'],
  [/benign|cdn|curated|popular|allow|honest|tranco|umbrella|alexa/, 'honest'],
];

/** Scores every `.csv` of a folder whose first column is a host or domain (files named `aux_*` are not names). */
export function scoreFolder(dir: string, model: ScoreModel): ScoredFile[] {
  const files = readdirSync(dir).filter((name) => name.endsWith('.csv') && !name.startsWith('aux_'));
  return files.sort().map((name) => {
    const file = basename(name, '.csv');
    const kind = KINDS.find(([pattern]) => pattern.test(file))?.[1] ?? 'other';
    const rows = readRows(join(dir, name));
    const names = rows.flatMap((row) => {
      const host = normalizeHost(row.name);
      return host === null ? [] : [scored(host, row.group, model)];
    });
    return { file, kind, names, skipped: rows.length - names.length };
  });
}

function scored(host: Host, group: string, model: ScoreModel): Scored {
  const { generated, phishing, outcome, standing } = scoreHost(host, model);
  return { host, group, generated: toLogit(generated), phishing: toLogit(phishing), outcome, standing };
}

/** Time a name takes, in microseconds. */
export interface Timing {
  readonly p50Us: number;
  readonly p99Us: number;
  readonly meanUs: number;
  readonly names: number;
}

const TIMED_NAMES = 30_000;

/** Times `scoreHost` name by name over names of all files in turn, after one warming pass. */
export function timeScoring(files: readonly ScoredFile[], model: ScoreModel): Timing {
  const all = files.flatMap((file) => file.names.map((name) => name.host));
  const step = Math.max(1, Math.floor(all.length / TIMED_NAMES));
  const hosts = all.filter((_, i) => i % step === 0);
  for (const host of hosts) scoreHost(host, model);
  const times = Float64Array.from(hosts, (host) => {
    const start = Bun.nanoseconds();
    scoreHost(host, model);
    return (Bun.nanoseconds() - start) / 1000;
  }).sort();
  const at = (share: number): number => times[Math.floor(share * (times.length - 1))] ?? 0;
  const sum = times.reduce((total, time) => total + time, 0);
  return { p50Us: at(0.5), p99Us: at(0.99), meanUs: sum / Math.max(1, times.length), names: times.length };
}
