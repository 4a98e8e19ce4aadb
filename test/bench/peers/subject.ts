import type { Network } from './network.ts';
import type { Programs } from './programs.ts';
import type { Running } from './run.ts';

export const SUBJECTS = [
  'direct',
  'resolagent',
  'haproxy',
  'haproxy-splice',
  'nginx',
  'sniproxy',
  'c-splice',
] as const;

/** What is measured. */
export type SubjectName = (typeof SUBJECTS)[number];

/** Where all subjects live. */
export interface World {
  readonly network: Network;
  readonly programs: Programs;
  /** The command that is the firewall. */
  readonly firewall: readonly string[];
}

/** A subject that runs: where the client dials, and the program in between. */
export interface Subject {
  readonly name: SubjectName;
  readonly ip: string;
  readonly port: number;
  /** Null for `direct`. */
  readonly program: Running | null;
  close(): Promise<void>;
}
