import { existsSync, readdirSync, rmSync } from 'node:fs';
import { ENV } from './run.ts';

/** Where ip-netns(8) looks for files that stand in for those of /etc. */
export const NETNS_ETC = '/etc/netns';
const NETNS_RUN = '/var/run/netns';
const TEMP = '/tmp';

/** One name a world, so that runs and test files never meet: the pid of the test process and a number. */
export interface WorldNames {
  readonly client: string;
  readonly internet: string;
  readonly folder: string;
  readonly tmux: string;
}

let worlds = 0;

export function nextNames(): WorldNames {
  const id = `${process.pid}-${++worlds}`;
  return {
    client: `rae-client-${id}`,
    internet: `rae-internet-${id}`,
    folder: `${TEMP}/rae-${id}`,
    tmux: `rae-${id}`,
  };
}

const NAME = /^rae-(?:client-|internet-)?(\d+)-\d+$/;

/** Takes away everything of one world. Synchronous, since it also runs while the process exits; never throws. */
export function removeWorld({ client, internet, folder, tmux }: WorldNames): void {
  spawn(['tmux', '-L', tmux, 'kill-server']);
  for (const namespace of [client, internet]) removeNamespace(namespace);
  rmSync(folder, { recursive: true, force: true });
}

/** Takes away what runs left behind that were killed: only what carries the pid of a process that is gone. */
export function removeLeftovers(): void {
  for (const name of listed(NETNS_RUN).filter(isLeftover)) removeNamespace(name);
  for (const name of listed(NETNS_ETC).filter(isLeftover))
    rmSync(`${NETNS_ETC}/${name}`, { recursive: true, force: true });
  for (const name of listed(TEMP).filter(isLeftover))
    rmSync(`${TEMP}/${name}`, { recursive: true, force: true });
}

function isLeftover(name: string): boolean {
  const pid = NAME.exec(name)?.[1];
  return pid !== undefined && !existsSync(`/proc/${pid}`);
}

function removeNamespace(name: string): void {
  if (!existsSync(`${NETNS_RUN}/${name}`)) return;
  const pids = spawn(['ip', 'netns', 'pids', name]).split('\n').map(Number);
  for (const pid of pids) if (pid > 1) end(pid);
  spawn(['ip', 'netns', 'del', name]);
  rmSync(`${NETNS_ETC}/${name}`, { recursive: true, force: true });
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function listed(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function spawn(command: string[]): string {
  return Bun.spawnSync(command, {
    env: ENV,
    stdin: 'ignore',
    stderr: 'ignore',
    timeout: 10_000,
  }).stdout.toString();
}
