import { existsSync, lstatSync, mkdirSync, readFileSync, rmdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeAtomically } from '../files/atomic-file.ts';
import { programError, runProgram, systemProgram } from '../system/run-program.ts';
import type { ServiceManager, ServiceState } from './service.ts';
import { COPY_MARK, renderUnit } from './unit.ts';

const UNIT = 'resolagent.service';
const FOLDER = '/etc/systemd/system';
const UNIT_FILE = `${FOLDER}/${UNIT}`;
const PACKAGED_FILE = `/usr/lib/systemd/system/${UNIT}`;
/** As `systemctl enable` makes it; made by hand so that images are built without it. */
const BOOT_LINK = `${FOLDER}/multi-user.target.wants/${UNIT}`;
/** There when systemd is the init that runs (sd_booted(3)). */
const BOOTED = '/run/systemd/system';
const OTHER_INITS = ['/run/openrc', '/run/runit', '/run/s6', '/etc/inittab'];
/** Longer than the unit's own limits, so that systemd is the one who says what hung. */
const SYSTEMCTL_MS = 90_000;
const JOURNAL_MS = 5_000;
const JOURNAL_LINES = 8;
/** ActiveState of systemd (org.freedesktop.systemd1(5)). */
const RUNS: Readonly<Record<string, ServiceState['run']>> = {
  active: 'running',
  reloading: 'running',
  activating: 'starting',
  deactivating: 'stopping',
  failed: 'failed',
};

/** systemd, whether it runs here or will once this image does. */
export class Systemd implements ServiceManager {
  readonly startCommand = 'sudo systemctl start resolagent';

  private constructor(private readonly systemctl: string | null) {}

  /** Null where another init is at work. */
  static find(): Systemd | null {
    const systemctl = systemProgram('systemctl');
    return systemctl === null && OTHER_INITS.some((path) => existsSync(path)) ? null : new Systemd(systemctl);
  }

  async look(): Promise<ServiceState> {
    const file = [UNIT_FILE, PACKAGED_FILE].find((path) => existsSync(path)) ?? null;
    const isManaging = this.systemctl !== null && existsSync(BOOTED);
    const facts = isManaging && file !== null ? await this.#facts() : new Map<string, string>();
    const pid = Number(facts.get('MainPID') ?? 0);
    return {
      manager: 'systemd',
      isManaging,
      file,
      isPackaged: file === PACKAGED_FILE,
      hasCopy: file !== null && readFileSync(file, 'utf8').split('\n').includes(COPY_MARK),
      isEnabled: lstatSync(BOOT_LINK, { throwIfNoEntry: false }) !== undefined,
      run: RUNS[facts.get('ActiveState') ?? ''] ?? 'stopped',
      pid: pid === 0 ? null : pid,
    };
  }

  write([program, ...args]: readonly [string, ...string[]], isCopy: boolean): void {
    mkdirSync(FOLDER, { recursive: true, mode: 0o755 });
    writeAtomically(UNIT_FILE, renderUnit({ program, args, isCopy }), 0o644);
  }

  async enable(): Promise<void> {
    const { file } = await this.look();
    mkdirSync(dirname(BOOT_LINK), { recursive: true, mode: 0o755 });
    rmSync(BOOT_LINK, { force: true });
    symlinkSync(file ?? UNIT_FILE, BOOT_LINK);
    await this.#reload();
  }

  async restart(): Promise<void> {
    const failure = await this.#try('restart');
    if (failure !== null) throw new Error(`${failure}${await journal()}`);
  }

  async stop(): Promise<void> {
    const failure = await this.#try('stop');
    if (failure !== null) throw new Error(failure);
  }

  async remove(): Promise<void> {
    if ((await this.look()).isManaging) await this.stop();
    rmSync(BOOT_LINK, { force: true });
    rmSync(UNIT_FILE, { force: true });
    // Where systemd is not even installed the folders were ours, too.
    const folders = this.systemctl === null ? [FOLDER, dirname(FOLDER)] : [];
    for (const folder of [dirname(BOOT_LINK), ...folders]) removeIfEmpty(folder);
    await this.#reload();
    // A unit that failed is remembered without its file.
    await this.#try('reset-failed');
  }

  async #reload(): Promise<void> {
    if (this.systemctl === null || !existsSync(BOOTED)) return;
    const result = await runProgram({
      path: this.systemctl,
      args: ['daemon-reload'],
      timeoutMs: SYSTEMCTL_MS,
    });
    if (result.code !== 0) throw new Error(`systemctl daemon-reload: ${programError(result)}`);
  }

  async #facts(): Promise<ReadonlyMap<string, string>> {
    const args = ['show', UNIT, '--property=ActiveState,MainPID'];
    const result = await runProgram({ path: this.systemctl ?? '', args, timeoutMs: SYSTEMCTL_MS });
    if (result.code !== 0) throw new Error(`systemctl show ${UNIT}: ${programError(result)}`);
    return new Map(result.stdout.split('\n').map((line) => line.split('=', 2) as [string, string]));
  }

  /** What went wrong, null when nothing did. */
  async #try(verb: 'restart' | 'stop' | 'reset-failed'): Promise<string | null> {
    if (this.systemctl === null || !existsSync(BOOTED)) return 'systemd does not run here';
    const result = await runProgram({ path: this.systemctl, args: [verb, UNIT], timeoutMs: SYSTEMCTL_MS });
    return result.code === 0 ? null : `systemctl ${verb} ${UNIT}: ${programError(result)}`;
  }
}

/** What the engine said last, as lines to follow an error; empty when there is no journal. */
async function journal(): Promise<string> {
  const path = systemProgram('journalctl');
  if (path === null) return '';
  const args = ['--unit', UNIT, '--lines', String(JOURNAL_LINES), '--output', 'cat', '--no-pager', '--quiet'];
  const { code, stdout } = await runProgram({ path, args, timeoutMs: JOURNAL_MS });
  return code === 0 && stdout.trim() !== '' ? `\n${stdout.trimEnd()}` : '';
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It holds what others put there, or is not there.
  }
}
