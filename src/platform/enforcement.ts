import type { RulesNews } from '../intercept/interceptor.ts';
import type { InterceptPlan } from '../model/intercept-plan.ts';
import type { Status } from '../schema/status.ts';
import { Mender } from './mender.ts';
import type { Platform, Watchdog } from './platform.ts';

const PROBE_TIMEOUT_MS = 1_000;
/** Of rules that somebody takes away again and again, one line so often; all are counted. */
const TELL_EVERY_MS = 10_000;

/** How often things are looked at and tried. */
interface Periods {
  /** From one probe to the next. */
  readonly probeMs: number;
  /** From the first probe to the next, when the first one failed: a busy machine may have been late. */
  readonly secondLookMs: number;
  /** A watchdog that died is started again, at most so often. */
  readonly watchdogRestartMs: number;
  /** How long `resolagent reset` has to end this engine, before the rules it released are put back. */
  readonly releasedMs: number;
}

const PERIODS: Periods = {
  probeMs: 30_000,
  secondLookMs: 1_000,
  watchdogRestartMs: 1_000,
  releasedMs: 10_000,
};

type Report = Status['enforcement'];
type Interference = Status['interference'];

/** The platform's part in it. */
export interface Enforcing extends Pick<Platform, 'interceptor' | 'rulesId'> {
  startWatchdog(): Promise<Watchdog>;
}

/** Puts the redirect in place, keeps proving that it works, mends it, and takes it away. */
export class Enforcement {
  #report: Report = { state: 'unknown', probedAt: null, detail: null };
  #watchdog: Watchdog | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #stopped = false;
  /** Installations one after the other; settles without an error when the last of them has ended. */
  #installing: Promise<void> = Promise.resolve();
  /** The probe that runs, and the one that follows it for whoever asked meanwhile. */
  #probing: Promise<Report> = Promise.resolve(this.#report);
  #nextProbe: Promise<Report> | null = null;
  #interference: Interference = null;
  /** What the kernel told of rules that are no longer there, and when; null when they are back. */
  #lost: { readonly why: string; readonly atMs: number } | null = null;
  /** When each kind of line was told last. */
  readonly #toldAtMs = { mended: Number.NEGATIVE_INFINITY, failed: Number.NEGATIVE_INFINITY };
  /** Runs while rules are left as `resolagent reset` released them. */
  #released: ReturnType<typeof setTimeout> | null = null;
  #unwatch: (() => void) | null = null;
  readonly #mender = new Mender(() => this.#mend());

  /** The plan that is to be in force. */
  #wanted: InterceptPlan;

  constructor(
    private readonly platform: Enforcing,
    private plan: InterceptPlan,
    private readonly failOpen: boolean,
    private readonly notice: (text: string) => void,
    private readonly changed: () => void,
    private readonly periods: Periods = PERIODS,
  ) {
    this.#wanted = plan;
  }

  get report(): Report {
    return this.#report;
  }

  /** Who else changed our rules; null when nobody did. */
  get interference(): Interference {
    return this.#interference;
  }

  /** True while the watchdog runs. */
  get guarded(): boolean {
    return this.#watchdog !== null;
  }

  /** Installs the rules. The watchdog comes first: from the first rule on, a killed engine must not leave them behind. */
  async start(watchdog: Promise<Watchdog> = this.platform.startWatchdog()): Promise<void> {
    this.#guardedBy(await watchdog);
    this.#unwatch = this.platform.interceptor.watch((news) => this.#heard(news));
    await this.#install(this.#wanted);
    const { state } = await this.probe();
    this.#lookLater(state === 'not_enforced' ? this.periods.secondLookMs : this.periods.probeMs);
  }

  /** Takes the rules away; from then on new connections go their own way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#released !== null) clearTimeout(this.#released);
    this.#unwatch?.();
    this.#mender.close();
    // Rules that are being loaded at this moment would outlive us.
    await this.#installing;
    await this.platform.interceptor.remove();
    await this.#watchdog?.disarm();
    this.#watchdog = null;
    this.#set({ state: 'not_enforced', probedAt: this.#report.probedAt, detail: 'the engine is stopping' });
  }

  /** Puts other rules in place of those that are there, when they differ. */
  async replan(plan: InterceptPlan): Promise<void> {
    if (Bun.deepEquals(plan, this.#wanted)) return;
    this.#wanted = plan;
    try {
      await this.#install(plan);
    } catch (error) {
      if (this.#wanted === plan) this.#wanted = this.plan;
      throw error;
    }
    await this.probe();
  }

  /** Opens a connection like any program would, and sees whether it comes to us. The probe begins after this call. */
  probe(): Promise<Report> {
    const run = (): Promise<Report> => {
      this.#nextProbe = null;
      this.#probing = this.#probe();
      return this.#probing;
    };
    this.#nextProbe ??= this.#probing.then(run, run);
    return this.#nextProbe;
  }

  async #probe(): Promise<Report> {
    const result = await this.platform.interceptor.probe(PROBE_TIMEOUT_MS);
    const probedAt = Date.now();
    // What came through came before the rules went.
    if (this.#lost !== null) this.#set({ state: 'not_enforced', probedAt, detail: this.#lost.why });
    else this.#set({ state: result.state, probedAt, detail: result.detail ?? null });
    return this.#report;
  }

  /** From the end of one look to the next, since a probe that is not answered takes its time. */
  #lookLater(inMs: number): void {
    if (this.#stopped) return;
    const next = (): void => this.#lookLater(this.periods.probeMs);
    this.#timer = setTimeout(() => void this.#check().finally(next), inMs);
  }

  /** Another tool may have flushed the rules: put them back once, and say so. */
  async #check(): Promise<void> {
    const before = await this.probe();
    if (before.state !== 'not_enforced' || this.#stopped || this.#released !== null) return;
    try {
      await this.#install(this.#wanted);
      await this.probe();
      this.notice(`the kernel rules were gone or not in force (${before.detail ?? ''}); installed again`);
    } catch (error) {
      this.notice(notInstalled(error));
    }
  }

  /** The kernel told of our rules: put them back in milliseconds, and say so. */
  #heard(news: RulesNews): void {
    if (news.kind === 'released') this.#leaveReleased();
    if (this.#released !== null) return;
    if (news.kind === 'changed') {
      this.#interference = { times: (this.#interference?.times ?? 0) + 1, at: Date.now(), by: news.by };
      this.#lose(`${news.by} changed or removed the kernel rules`);
    }
    this.#mender.request();
  }

  /** Who resets wants the network back now, whatever the engine is about: it ends in a moment, or else the reset has failed. */
  #leaveReleased(): void {
    if (this.#stopped) return;
    if (this.#released !== null) clearTimeout(this.#released);
    this.#released = setTimeout(() => {
      this.#released = null;
      this.#mender.request();
    }, this.periods.releasedMs);
    this.#lose("'resolagent reset' released the kernel rules");
    this.notice(
      "'resolagent reset' released the kernel rules; they are put back if it does not end this engine",
    );
  }

  #lose(why: string): void {
    this.#lost ??= { why, atMs: performance.now() };
    this.#set({ ...this.#report, state: 'not_enforced', detail: why });
  }

  /** False when it failed. */
  async #mend(): Promise<boolean> {
    try {
      if (this.#lost === null && (await this.platform.interceptor.installed())) return true;
      if (this.#lost === null) this.#lose('the kernel rules were gone');
      const lost = this.#lost;
      await this.#install(this.#wanted);
      if (this.#stopped || this.#released !== null || lost === null) return true;
      void this.probe();
      const times = this.#interference?.times ?? 1;
      const often = times > 1 ? `; ${times} times so far, and 'nft monitor' shows who does it` : '';
      const tookMs = Math.ceil(performance.now() - lost.atMs);
      this.#tellSeldom('mended', `${lost.why}; installed again after ${tookMs} ms${often}`);
      return true;
    } catch (error) {
      this.#tellSeldom('failed', notInstalled(error));
      return false;
    }
  }

  #tellSeldom(kind: 'mended' | 'failed', text: string): void {
    const nowMs = performance.now();
    if (nowMs - this.#toldAtMs[kind] < TELL_EVERY_MS) return;
    this.#toldAtMs[kind] = nowMs;
    this.notice(text);
  }

  #install(plan: InterceptPlan): Promise<void> {
    const installed = this.#installing.then(() => this.#load(plan));
    this.#installing = installed.catch(() => undefined);
    return installed;
  }

  async #load(plan: InterceptPlan): Promise<void> {
    if (this.#stopped || this.#released !== null) return;
    const before = this.#interference;
    await this.platform.interceptor.install(plan);
    // Somebody may have taken them away again while this was waited for.
    if (this.#interference === before) this.#lost = null;
    this.plan = plan;
    this.#armWatchdog();
  }

  #guardedBy(watchdog: Watchdog): void {
    this.#watchdog = watchdog;
    watchdog.onDeath(() => {
      this.#watchdog = null;
      if (this.#stopped) return;
      this.notice('the watchdog died; starting another');
      this.changed();
      setTimeout(() => void this.#restartWatchdog(), this.periods.watchdogRestartMs);
    });
  }

  /** With failMode closed the rules stay, and the watchdog only ends an engine that hangs. */
  #armWatchdog(): void {
    this.#watchdog?.arm(this.failOpen ? this.platform.rulesId() : null);
  }

  async #restartWatchdog(): Promise<void> {
    if (this.#stopped) return;
    try {
      this.#guardedBy(await this.platform.startWatchdog());
      this.#armWatchdog();
    } catch (error) {
      this.notice(`the watchdog could not be started: ${messageOf(error)}`);
      setTimeout(() => void this.#restartWatchdog(), this.periods.watchdogRestartMs * 10);
    }
    this.changed();
  }

  #set(report: Report): void {
    this.#report = report;
    this.changed();
  }
}

function notInstalled(error: unknown): string {
  return `the kernel rules are not in force and could not be installed: ${messageOf(error)}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
