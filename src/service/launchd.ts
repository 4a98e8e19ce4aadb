import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { LAUNCHD_COPY_MARK, LAUNCHD_LABEL, LAUNCHD_LOG, renderLaunchdPlist } from '../../pf/launchd.ts';
import { writeAtomically } from '../files/atomic-file.ts';
import { type ProgramInput, type ProgramResult, programError, runProgram } from '../system/run-program.ts';
import type { ServiceManager, ServiceState } from './service.ts';

const LAUNCHCTL = '/bin/launchctl';
const LAUNCHCTL_MS = 30_000;
const TARGET = `system/${LAUNCHD_LABEL}`;
/** How long a job may take to be gone after `bootout` came back: its own limit after SIGTERM, and a little. */
const GONE_MS = 12_000;
const LOOK_EVERY_MS = 100;

/** launchd of macOS (launchctl(1)). */
export class Launchd implements ServiceManager {
  readonly startCommand: string;
  readonly #file: string;

  /** `run` starts launchctl, and `folder` is the one that launchd reads at boot. */
  constructor(
    private readonly folder = '/Library/LaunchDaemons',
    private readonly run: (input: ProgramInput) => Promise<ProgramResult> = runProgram,
  ) {
    this.#file = `${folder}/${LAUNCHD_LABEL}.plist`;
    this.startCommand = `sudo launchctl bootstrap system ${this.#file}`;
  }

  async look(): Promise<ServiceState> {
    const text = existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : null;
    const job = await this.#launchctl('print', TARGET);
    const disabled = await this.#launchctl('print-disabled', 'system');
    const [, state = ''] = /^\tstate = (.+)$/m.exec(job.stdout) ?? [];
    const [, pid] = /^\tpid = (\d{1,10})$/m.exec(job.stdout) ?? [];
    const isOff = new RegExp(`"${LAUNCHD_LABEL}" => (disabled|true)`).test(disabled.stdout);
    return {
      manager: 'launchd',
      isManaging: true,
      file: text === null ? null : this.#file,
      isPackaged: false,
      hasCopy: text?.includes(LAUNCHD_COPY_MARK) === true,
      isEnabled: text !== null && !isOff,
      run: job.code !== 0 ? 'stopped' : state === 'running' ? 'running' : 'starting',
      pid: pid === undefined ? null : Number(pid),
    };
  }

  write(command: readonly [string, ...string[]], isCopy: boolean): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o755 });
    writeAtomically(this.#file, renderLaunchdPlist({ command, isCopy }), 0o644);
  }

  async enable(): Promise<void> {
    await this.#must('enable', TARGET);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.#must('bootstrap', 'system', this.#file);
  }

  async stop(): Promise<void> {
    const result = await this.#launchctl('bootout', TARGET);
    const until = performance.now() + GONE_MS;
    while ((await this.#launchctl('print', TARGET)).code === 0) {
      if (performance.now() >= until) throw new Error(`launchctl bootout ${TARGET}: ${programError(result)}`);
      await Bun.sleep(LOOK_EVERY_MS);
    }
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#file, { force: true });
    rmSync(LAUNCHD_LOG, { force: true });
  }

  #launchctl(...args: string[]): Promise<ProgramResult> {
    return this.run({ path: LAUNCHCTL, args, timeoutMs: LAUNCHCTL_MS });
  }

  async #must(...args: string[]): Promise<void> {
    const result = await this.#launchctl(...args);
    if (result.code !== 0) throw new Error(`launchctl ${args.join(' ')}: ${programError(result)}`);
  }
}
