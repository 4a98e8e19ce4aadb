import type { Network } from './network.ts';
import type { Programs } from './programs.ts';
import type { Running } from './run.ts';

/** Proxies that do the firewall's task: read the name in the ClientHello, choose the server by it, forward. */
export const PEERS = ['haproxy', 'haproxy-splice', 'nginx', 'sniproxy', 'c-splice'] as const;
export type PeerName = (typeof PEERS)[number];

/** The first binary is `resolagent`, which all others are compared with; the second `resolagent-2`, and so on. */
export type FirewallName = 'resolagent' | `resolagent-${number}`;

/** What is measured. */
export type SubjectName = 'direct' | FirewallName | PeerName;

/** The name of the nth binary, counted from 0. */
export function firewallName(index: number): FirewallName {
  return index === 0 ? 'resolagent' : `resolagent-${index + 1}`;
}

/** Where all subjects live. */
export interface World {
  readonly network: Network;
  readonly programs: Programs;
}

/** A subject that runs: where the client dials, and the program in between. */
export interface Subject {
  readonly name: SubjectName;
  /** The network namespace of its clients. */
  readonly near: string;
  readonly ip: string;
  readonly port: number;
  /** Null for `direct`. */
  readonly program: Running | null;
  close(): Promise<void>;
}
