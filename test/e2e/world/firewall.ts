import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import type { Subprocess } from 'bun';
import { flowSchema } from '../../../src/schema/flow.ts';
import type { Status } from '../../../src/schema/status.ts';
import { until } from '../../until.ts';
import { askStatus } from './control-line.ts';
import { BINARY } from './requirement.ts';
import { ENV, must, type Ran } from './run.ts';
import type { ProgramOptions, World } from './world.ts';

/** A flow as `log --json` prints it, checked against the documented shape. */
export type LoggedFlow = ReturnType<typeof flowSchema.parse>;

const START_MS = 30_000;
const STOP_MS = 10_000;
const FLOW_MS = 20_000;

export interface FirewallOptions {
  /** The configuration file; default: an empty one. */
  readonly config?: string;
  /** A shell command that is run before the engine in its own mount namespace, given the state folder. */
  readonly before?: (state: string) => string;
  /** The command that is the program; default: the binary under test. */
  readonly program?: readonly [string, ...string[]];
  /** The subcommand; default: `daemon`. */
  readonly command?: readonly string[];
}

/** The compiled binary in the machine's namespace, with files of its own, driven by its own commands. */
export class Firewall {
  readonly folder: string;
  readonly config: string;
  readonly state: string;
  readonly socket: string;
  readonly program: readonly [string, ...string[]];
  #engine: Subprocess | null = null;
  static #count = 0;

  constructor(
    readonly world: World,
    private readonly options: FirewallOptions = {},
  ) {
    this.folder = `${world.folder}/firewall-${++Firewall.#count}`;
    mkdirSync(this.folder, { mode: 0o755 });
    this.config = `${this.folder}/config.toml`;
    this.state = `${this.folder}/state`;
    this.socket = `${this.folder}/run/control.sock`;
    this.program = options.program ?? [BINARY];
    mkdirSync(this.state, { mode: 0o700 });
    mkdirSync(`${this.folder}/run`, { mode: 0o700 });
    this.writeConfig(options.config ?? '');
  }

  static async start(world: World, options: FirewallOptions = {}): Promise<Firewall> {
    const firewall = new Firewall(world, options);
    try {
      await firewall.start();
    } catch (error) {
      await firewall.close();
      throw error;
    }
    return firewall;
  }

  writeConfig(text: string): void {
    writeFileSync(this.config, text, { mode: 0o600 });
  }

  /** Starts the engine and waits until its own probe has come through the kernel. */
  async start(): Promise<void> {
    const before = this.options.before === undefined ? '' : `${this.options.before(this.state)} && `;
    const daemon = [...this.program, ...(this.options.command ?? ['daemon']), ...this.places];
    const command = ['/bin/sh', '-c', `${before}exec "$@"`, 'rae-engine', ...daemon];
    this.#engine = Bun.spawn(['ip', 'netns', 'exec', this.world.names.client, ...command], {
      stdin: 'ignore',
      stdout: Bun.file(`${this.folder}/engine.out`),
      stderr: Bun.file(`${this.folder}/engine.err`),
      env: ENV,
    });
    const engine = this.#engine;
    await until('the engine is enforced', START_MS, async () => {
      if (engine.exitCode !== null || engine.signalCode !== null) {
        throw new Error(`the engine ended while starting: ${await this.said()}`);
      }
      return (await askStatus(this.socket))?.enforcement.state === 'enforced';
    });
  }

  /** Process id of the engine. */
  get pid(): number {
    if (this.#engine === null) throw new Error('no engine was started');
    return this.#engine.pid;
  }

  /** All processes of the binary in the machine's namespace: the engine and its watchdog. */
  async processes(): Promise<number[]> {
    const pids = (await must(['ip', 'netns', 'pids', this.world.names.client]))
      .split('\n')
      .filter(Boolean)
      .map(Number);
    return pids.filter((pid) => programOf(pid) === this.program[0]);
  }

  /** Sends a signal to the engine and waits for its end. Returns the exit code, null when the signal ended it. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const engine = this.#engine;
    if (engine === null) return null;
    engine.kill(signal);
    const timer = setTimeout(() => engine.kill('SIGKILL'), STOP_MS);
    await engine.exited;
    clearTimeout(timer);
    return engine.signalCode === null ? engine.exitCode : null;
  }

  /** Ends everything of this firewall, whatever state it is in, so that another can start in its place. */
  async close(): Promise<void> {
    if ((await this.end('SIGTERM')) === 0) return;
    for (const pid of await this.processes()) process.kill(pid, 'SIGKILL');
    await this.cli(['reset']);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What the engine has written to standard error. */
  said(): Promise<string> {
    return Bun.file(`${this.folder}/engine.err`).text();
  }

  /** What the engine has written to standard output. */
  printed(): Promise<string> {
    return Bun.file(`${this.folder}/engine.out`).text();
  }

  /** Runs one command of the binary on the machine, with this firewall's places. */
  cli(args: readonly string[], options: ProgramOptions = {}): Promise<Ran> {
    return this.world.program([...this.program, ...args, ...this.places], options);
  }

  /** Makes a rule; throws when the command fails. */
  async rule(action: 'allow' | 'block', target: string, ...more: readonly string[]): Promise<string> {
    const ran = await this.cli([action, target, ...more]);
    if (ran.code !== 0) throw new Error(`${action} ${target}: exit code ${ran.code}: ${ran.stderr}`);
    return ran.stdout;
  }

  async status(): Promise<Status> {
    const report = await askStatus(this.socket);
    if (report === null) throw new Error(`no engine answers: ${await this.said()}`);
    return report;
  }

  /** The flows of the log that match a filter, checked one by one against the documented shape. */
  async flows(filter: string): Promise<LoggedFlow[]> {
    const ran = await this.cli(['log', '--json', '--since', '1h', '--filter', filter]);
    if (ran.code !== 0) throw new Error(`log: exit code ${ran.code}: ${ran.stderr}`);
    const lines = ran.stdout.split('\n').filter((line) => line !== '');
    return lines.map((line) => flowSchema.parse(JSON.parse(line)));
  }

  /** Waits for the only flow that matches a filter, once it has ended or been refused. */
  async flow(filter: string): Promise<LoggedFlow> {
    const flows = await until(`a finished flow in the log that matches ${filter}`, FLOW_MS, async () => {
      const found = await this.flows(filter);
      return found.length > 0 && found.every((flow) => flow.state !== 'open') && found;
    });
    const [flow] = flows;
    if (flow === undefined || flows.length > 1) throw new Error(`${flows.length} flows match ${filter}`);
    return flow;
  }

  /** The options that name this firewall's files. */
  get places(): string[] {
    return ['--config', this.config, '--state', this.state, '--socket', this.socket];
  }
}

/** Whether a process of the binary is the watchdog. */
export function isWatchdog(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('__watchdog');
}

/** A copy of the binary where every user can run it: the tree may lie in a private home. */
export function publicBinary(world: World): string {
  const copy = `${world.folder}/resolagent`;
  if (!existsSync(copy)) {
    copyFileSync(BINARY, copy, constants.COPYFILE_FICLONE);
    chmodSync(copy, 0o755);
  }
  return copy;
}

/** The executable of a process; null when it has ended. */
function programOf(pid: number): string | null {
  const link = `/proc/${pid}/exe`;
  try {
    return existsSync(link) ? readlinkSync(link) : null;
  } catch {
    return null; // It ended between the two calls.
  }
}
