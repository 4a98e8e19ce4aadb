import { writeFileSync } from 'node:fs';
import type { Status } from '../../../src/schema/status.ts';
import { REDIRECTED_PORT, SERVER_IP } from './network.ts';
import { must, Running, until } from './run.ts';
import type { Subject, World } from './subject.ts';

const START_LIMIT_MS = 10_000;

/** The firewall, running as on any machine: rules in the kernel, attribution, decision and ledger. */
export interface Firewall extends Subject {
  /** From the start of the process to enforced rules. */
  readonly startMs: number;
  status(): Promise<Status>;
}

/** Starts it with the defaults, but that one port is redirected and not all, so that the peers' connections pass it by. */
export async function startFirewall({ network, programs, firewall }: World): Promise<Firewall> {
  const folder = `${programs.folder}/firewall`;
  const config = `${programs.folder}/firewall.toml`;
  writeFileSync(config, `[intercept]\nports = [${REDIRECTED_PORT}]\n`, { mode: 0o600 });
  const places = ['--config', config, '--state', `${folder}-state`, '--socket', `${folder}-run/control.sock`];
  const from = performance.now();
  const program = new Running(network.near, [...firewall, 'daemon', '--quiet', ...places]);
  await until(START_LIMIT_MS, () => program.ended || program.errors.includes('\n'));
  const startMs = performance.now() - from;
  if (!program.errors.includes('; enforced')) {
    await program.stop();
    throw new Error(`resolagent does not enforce: ${program.errors.trim()}`);
  }
  return {
    name: 'resolagent',
    ip: SERVER_IP,
    port: REDIRECTED_PORT,
    program,
    startMs,
    status: async () => {
      const said = await must([...firewall, 'status', '--json', ...places]);
      return JSON.parse(said) as Status;
    },
    close: () => program.stop(),
  };
}
