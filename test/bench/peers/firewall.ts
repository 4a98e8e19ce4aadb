import { writeFileSync } from 'node:fs';
import type { Status } from '../../../src/schema/status.ts';
import { askStatus } from '../../e2e/world/control-line.ts';
import { within } from '../../until.ts';
import { REDIRECTED_PORT, SERVER_IP } from './network.ts';
import { Running } from './run.ts';
import { firewallName, type Subject, type World } from './subject.ts';

const START_LIMIT_MS = 10_000;

/** The firewall, running as on any machine: rules in the kernel, attribution, decision and ledger. */
export interface Firewall extends Subject {
  /** From the start of the process to enforced rules. */
  readonly startMs: number;
  status(): Promise<Status>;
}

/**
 * Starts the nth binary with the defaults, but that one port is redirected and not all, so that the peers' connections pass it by,
 * and waits until its own probe has come through the kernel.
 */
export async function startFirewall(
  index: number,
  command: readonly string[],
  { network, programs }: World,
): Promise<Firewall> {
  const name = firewallName(index);
  const folder = `${programs.folder}/${name}`;
  const [config, socket] = [`${folder}.toml`, `${folder}-run/control.sock`];
  writeFileSync(config, `[intercept]\nports = [${REDIRECTED_PORT}]\n`, { mode: 0o600 });
  const places = ['--config', config, '--state', `${folder}-state`, '--socket', socket];
  const near = network.near[index] ?? '';
  const from = performance.now();
  const program = new Running(near, [...command, 'daemon', '--quiet', ...places]);
  const isEnforced = async (): Promise<boolean> =>
    (await askStatus(socket))?.enforcement.state === 'enforced';
  const isUp = await within(START_LIMIT_MS, async () => program.ended || (await isEnforced()));
  const startMs = performance.now() - from;
  if (!isUp || program.ended) {
    await program.stop();
    throw new Error(`${command.join(' ')} does not enforce: ${program.errors.trim()}`);
  }
  const status = async (): Promise<Status> => {
    const said = await askStatus(socket);
    if (said === null) throw new Error(`${command.join(' ')} ended: ${program.errors.trim()}`);
    return said;
  };
  const at = { near, ip: SERVER_IP, port: REDIRECTED_PORT };
  return { name, ...at, program, startMs, status, close: () => program.stop() };
}
