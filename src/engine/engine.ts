import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { embeddedModel } from '../../lists/score/embedded-model.ts';
import type { Attributor } from '../attribute/attributor.ts';
import type { Paths } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import { type ControlServer, startControlServer } from '../control/server.ts';
import type { JudgeMemory } from '../judge/desk/ports.ts';
import { Ledger } from '../ledger/ledger.ts';
import { ListKeeper } from '../lists/keeper.ts';
import { type LoadedLists, loadLists } from '../lists/loaded-lists.ts';
import type { UnixMs } from '../model/brand.ts';
import type { FlowRecord } from '../model/flow.ts';
import type { InterceptPlan } from '../model/intercept-plan.ts';
import type { PolicyVersion } from '../model/policy-version.ts';
import { Enforcement } from '../platform/enforcement.ts';
import { interceptPlan, type Kernel } from '../platform/plan.ts';
import type { Platform, Watchdog } from '../platform/platform.ts';
import { divertedRanges } from '../policy/skip.ts';
import { Acceptor } from '../proxy/acceptor.ts';
import { flowDeadlines } from '../proxy/deadlines.ts';
import { FairShare } from '../proxy/fair-share.ts';
import { Ja4Cache } from '../proxy/ja4-cache.ts';
import { Listeners } from '../proxy/listeners.ts';
import { Offload } from '../proxy/offload/offload.ts';
import type { FlowParts } from '../proxy/ports.ts';
import { Pressure } from '../proxy/pressure.ts';
import { RefusedNames } from '../proxy/refused-names.ts';
import { Registrations } from '../registration/registrations.ts';
import { NameResolver } from '../resolve/resolver.ts';
import { RuleBook, type RuleChange, rulesOf } from '../rules/rule-book.ts';
import { RuleFile } from '../rules/rule-file.ts';
import type { Status } from '../schema/status.ts';
import type { ScoreModel } from '../score/model.ts';
import { DomainAges } from '../scoring/domain-ages.ts';
import type { FeedbackBook } from '../scoring/feedback-book.ts';
import type { Asking } from './asking.ts';
import { askingOf } from './asking-parts.ts';
import { claimRules } from './claim-rules.ts';
import type { Controlled } from './control/controlled.ts';
import { controlHandlers } from './control/handlers.ts';
import { LoopLag, TICK_MS } from './control/loop-lag.ts';
import { engineStatus } from './control/status.ts';
import { Decider } from './decider.ts';
import { FlowJournal } from './journal.ts';
import { feedbackOf } from './policy.ts';
import { policyVersion } from './policy-version.ts';
import { needRestart, type Read, Settings } from './settings.ts';

/** Descriptors an engine wants: two a flow and some of its own. */
const OWN_DESCRIPTORS = 128;
const SETTINGS_EVERY_TICKS = 20;
const SECOND_TICKS = 10;
const DAY_MS = 86_400_000;

export interface EngineOptions {
  readonly paths: Paths;
  readonly config: Config;
  readonly platform: Platform;
  readonly version: string;
  /** Told of every state of every flow, for a log on standard output. */
  readonly onFlow?: (flow: FlowRecord) => void;
  /** Told what an operator should know, one line each. */
  readonly notice: (text: string) => void;
  /** Called when a client asked the engine to stop. */
  readonly onShutdown: () => void;
}

/** What is there before the engine: opened, and closed by it. */
interface Opened {
  readonly ledger: Ledger;
  readonly memory: JudgeMemory;
  readonly lists: LoadedLists;
  readonly offload: Offload | null;
  readonly model: ScoreModel;
  /** Lets another engine have its rules here. */
  readonly release: () => void;
  /** RLIMIT_NOFILE; null when unknown. */
  readonly descriptors: number | null;
}

/** Wires the parts, and owns the order in which they start and stop. */
export class Engine implements Controlled {
  config: Config;
  readonly decider: Decider;
  readonly asking: Asking;
  readonly acceptor: Acceptor;
  readonly ledger: Ledger;
  readonly rules: RuleBook;
  readonly lists: ListKeeper;
  readonly feedback: FeedbackBook;
  readonly #startedAt = Date.now() as UnixMs;
  readonly #journal: FlowJournal;
  readonly #attributor: Attributor;
  readonly #offload: Offload | null;
  readonly #release: () => void;
  readonly #lists: LoadedLists;
  readonly #registrations: Registrations;
  readonly #ages: DomainAges | null;
  readonly #listeners: Listeners;
  readonly #settings: Settings;
  readonly #lag = new LoopLag();
  #deadlines: ReturnType<typeof flowDeadlines>;
  #configErrors: readonly string[] = [];
  #server: ControlServer | null = null;
  #enforcement: Enforcement | null = null;
  #kernel: Kernel = { gid: 0, port: 0, ipv6: false };
  #timer: ReturnType<typeof setInterval> | null = null;
  #ticks = 0;
  /** The kernel did not take the plan that the rules ask for. */
  #replanDue = false;
  #statusChanged = false;
  #version: PolicyVersion | null = null;
  readonly #changed = (): void => {
    this.#statusChanged = true;
  };

  private constructor(
    private readonly options: EngineOptions,
    opened: Opened,
  ) {
    const { config, paths, platform, notice } = options;
    const { model } = opened;
    const share = new FairShare();
    this.config = config;
    this.ledger = opened.ledger;
    this.#offload = opened.offload;
    this.#release = opened.release;
    this.#lists = opened.lists;
    this.#attributor = platform.openAttributor(() => this.#kernel.port);
    this.rules = new RuleBook(new RuleFile(paths.state, notice), (change) => this.#rulesChanged(change));
    this.lists = new ListKeeper({
      lists: opened.lists,
      config: config.lists,
      notice,
      changed: () => this.policyChanged(),
    });
    this.feedback = feedbackOf(paths.state, model, notice);
    this.#registrations = new Registrations({ stateDir: paths.state, onTrouble: notice });
    const { enabled, lookup } = config.trust;
    this.#ages = enabled && lookup ? new DomainAges(this.#registrations, notice) : null;
    this.decider = new Decider({
      config,
      rules: this.rules.set,
      lists: opened.lists,
      feedback: this.feedback,
      ages: this.#ages,
      model,
      share,
      openFlows: () => this.acceptor.flows.size,
    });
    this.asking = askingOf({
      ledger: opened.ledger,
      memory: opened.memory,
      registrations: this.#registrations,
      stateDir: paths.state,
      decider: this.decider,
      notice,
      config: () => this.config,
      screens: () => this.#server?.screens() ?? 0,
      changed: this.#changed,
    });
    this.decider.consult(this.asking.judging, (subject) => this.asking.questions.answered(subject));
    this.#journal = new FlowJournal({
      ledger: opened.ledger,
      asking: this.asking,
      share,
      told: (record) => this.#tell(record),
      forget: (id) => this.acceptor.flows.delete(id),
    });
    this.#deadlines = flowDeadlines(config);
    const pressure = new Pressure(opened.descriptors, opened.offload);
    this.acceptor = new Acceptor(platform.interceptor, pressure, this.#flowParts());
    this.#settings = new Settings(paths);
    this.#listeners = new Listeners(platform, paths.config, notice, (...at) => this.acceptor.accept(...at));
  }

  /** Starts everything, the kernel rules last. Rejects with a sentence that says what is missing. */
  static async start(options: EngineOptions): Promise<Engine> {
    const { config, paths, platform } = options;
    const release = claimRules(platform.rulesLock, options.notice);
    const descriptors = platform.raiseOpenFiles(config.proxy.maxConnections * 2 + OWN_DESCRIPTORS);
    // The offload thread's descriptor table is a copy of ours, so it starts while there is little in it.
    const offload = platform.hasSplice ? await Offload.start(descriptors, options.notice) : null;
    const gid = await platform.ensureGroup(config.intercept.group);
    process.setegid?.(gid);
    mkdirSync(paths.state, { recursive: true, mode: 0o700 });
    // A process and a thread that take longest to start come first, and what this thread has to do is done meanwhile.
    const startWatchdog = (): Promise<Watchdog> => platform.startWatchdog(() => offload?.answers() ?? true);
    const watchdog = startWatchdog();
    // Awaited at the end; a start that fails before that ends this process, and the watchdog with it.
    watchdog.catch(() => {});
    const opening = openLedger(options);
    const loading = loadLists(config.lists, { stateDir: paths.state, lastCompiled: true });
    const model = embeddedModel();
    const [{ ledger, memory }, lists] = await Promise.all([opening, loading]);
    const engine = new Engine(options, { ledger, memory, lists, offload, model, descriptors, release });
    try {
      await engine.#begin(gid, startWatchdog, watchdog);
    } catch (error) {
      await engine.stop();
      throw error;
    }
    return engine;
  }

  async #begin(
    gid: number,
    startWatchdog: () => Promise<Watchdog>,
    watchdog: Promise<Watchdog>,
  ): Promise<void> {
    const { config, paths, platform, notice } = this.options;
    void this.asking.judging.open();
    await this.rules.load();
    const files = this.#readFiles();
    // Written since the command line read it.
    if (files.config !== null && !Bun.deepEquals(files.config, config)) await this.#use(files.config);
    await this.rules.loadFiles(files.rules, Date.now() as UnixMs);
    this.#server = await startControlServer({ socketPath: paths.socket, handlers: controlHandlers(this) });
    this.#kernel = { gid, ...this.#listeners.open(config.proxy.port) };
    const failOpen = config.intercept.failMode === 'open';
    const enforcing = { interceptor: platform.interceptor, rulesId: () => platform.rulesId(), startWatchdog };
    this.#enforcement = new Enforcement(enforcing, this.#plan(), failOpen, notice, this.#changed);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    await this.#enforcement.start(watchdog);
    this.lists.start();
  }

  /** What flows are made with; settings and deadlines are read as they are at the moment of use. */
  #flowParts(): FlowParts {
    const { platform } = this.options;
    const ja4 = new Ja4Cache();
    const engine = this;
    return {
      deciding: this.decider,
      asking: this.asking,
      journal: this.#journal,
      attributor: this.#attributor,
      resolver: new NameResolver(),
      connect: platform.connect,
      loops: platform.loops,
      offload: this.#offload,
      get settings() {
        return engine.config.proxy;
      },
      get deadlines() {
        return engine.#deadlines;
      },
      refusedNames: new RefusedNames(),
      ja4: (raw) => ja4.hash(raw),
    };
  }

  /** The rules for the kernel; what is fixed at start stays as it was then. */
  #plan(): InterceptPlan {
    const { config } = this.options;
    const intercept = { ...this.config.intercept, group: config.intercept.group };
    const divert = divertedRanges(this.rules.set.blockedRanges(Date.now() as UnixMs), intercept.skip);
    return interceptPlan({ ...config, intercept }, this.#kernel, divert);
  }

  #tell(record: FlowRecord): void {
    this.#server?.publish(record);
    this.options.onFlow?.(record);
  }

  /** Rules changed, whoever changed them. Returns how many open flows were reset. */
  async #rulesChanged({ why, added }: RuleChange): Promise<number> {
    // Rules by the thousand, from elsewhere, are no word of this person on a name.
    if (why === 'added') this.feedback.learn(rulesOf(added).filter(({ origin }) => origin !== 'import'));
    const [cut] = await Promise.all([this.policyChanged(), this.#replan()]);
    return cut;
  }

  /** A rule may block an address in a range that the kernel leaves alone. */
  async #replan(): Promise<void> {
    try {
      await this.#enforcement?.replan(this.#plan());
      this.#replanDue = false;
    } catch (error) {
      if (!this.#replanDue)
        this.options.notice(`${String(error)}: a rule for a skipped range has no effect yet`);
      this.#replanDue = true;
    }
  }

  /** Rules, lists or settings changed: open and held flows are asked again. Returns how many were reset. */
  async policyChanged(): Promise<number> {
    this.#noteVersion();
    const cut = await this.acceptor.decideAgain();
    this.#changed();
    return cut;
  }

  policyVersion(): PolicyVersion {
    const { config, rules, feedback } = this;
    return policyVersion({ program: this.options.version, config, rules, lists: this.#lists, feedback });
  }

  /** Writes down which policy is in force from here on, when it is another one. */
  #noteVersion(): void {
    const version = this.policyVersion();
    if (Bun.deepEquals(version, this.#version)) return;
    this.#version = version;
    this.ledger.recordPolicy(version);
  }

  /** Reads configuration and rule files again. A file in error changes nothing and is shown. */
  async reload(): Promise<void> {
    const before = this.config;
    const { config, rules } = this.#readFiles();
    if (config !== null) {
      await this.#use(config);
      const keys = needRestart(before, config);
      const later = keys.length === 0 ? '' : `; ${keys.join(', ')} count after a restart`;
      this.options.notice(`configuration read again${later}`);
    }
    // Last: its announcement asks open flows again, under the configuration and the rules of one reading.
    await this.rules.loadFiles(rules, Date.now() as UnixMs);
  }

  async #use(config: Config): Promise<void> {
    // In one step with what decides: what `status` says is in force from then on.
    this.config = config;
    this.#deadlines = flowDeadlines(config);
    this.asking.judging.configure(config);
    this.decider.configure(config);
    await this.lists.configure(config.lists);
    await this.#enforcement?.replan(this.#plan());
  }

  #readFiles(): Read {
    const read = this.#settings.read(Date.now() as UnixMs);
    this.#configErrors = read.errors;
    for (const error of read.errors) this.options.notice(error);
    this.#changed();
    return read;
  }

  // --- time ---

  #tick(): void {
    this.#lag.tick();
    this.#offload?.poll();
    this.#ticks++;
    this.acceptor.relieve();
    this.#publishQuestions();
    if (this.#ticks % SECOND_TICKS === 0) this.#second();
    if (this.#ticks % SETTINGS_EVERY_TICKS !== 0 || !this.#settings.changed()) return;
    this.reload().catch((error) =>
      this.options.notice(`the files were not read to the end: ${String(error)}`),
    );
  }

  #publishQuestions(): void {
    const { questions, isAttended } = this.asking;
    if (!isAttended) questions.abandon();
    if (questions.takeChanged()) this.#server?.publishQuestions(questions.list());
  }

  #second(): void {
    this.ledger.look();
    if (this.#replanDue) void this.#replan();
    this.rules
      .tick(Date.now() as UnixMs)
      .catch((error) => this.options.notice(`open connections were not all asked again: ${String(error)}`));
    const server = this.#server;
    if (server === null || server.screens() === 0) return;
    for (const flow of this.acceptor.flows.values()) if (flow.hasNews()) server.publish(flow.record());
    if (this.#statusChanged || this.#ticks % SECOND_TICKS === 0) server.publishStatus(this.status());
    this.#statusChanged = false;
  }

  status(): Status {
    return engineStatus(this, {
      version: this.options.version,
      startedAt: this.#startedAt,
      failMode: this.options.config.intercept.failMode,
      proxy: { port: this.#kernel.port, configured: this.options.config.proxy.port },
      configPath: this.options.paths.config,
      configErrors: this.#configErrors,
      counters: this.#journal.counters,
      lag: this.#lag,
      offload: this.#offload,
      listeners: this.#listeners,
      enforcement: this.#enforcement,
    });
  }

  probe(): Promise<Status['enforcement']> {
    if (this.#enforcement === null) throw new Error('the engine is still starting');
    return this.#enforcement.probe();
  }

  shutdown(): void {
    setTimeout(() => this.options.onShutdown(), 0);
  }

  /** Ends the flows, takes the rules away so that the network goes on, then ends what runs. Never rejects. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.lists.close();
    const judged = this.asking.judging.close();
    this.#listeners.close();
    // What the offload thread carried up to now is written down with the flows' ends.
    this.#offload?.poll();
    // Before the rules go: without them the kernel no longer translates what we send, and a program would wait for ever for the
    // end of a connection that is gone here.
    for (const flow of this.acceptor.flows.values()) flow.stop();
    try {
      await this.#enforcement?.stop();
    } catch (error) {
      this.options.notice(`${String(error)}; 'resolagent reset' restores the network`);
    }
    this.#release();
    await this.#server?.close();
    this.#ages?.close();
    this.#registrations.close();
    await Promise.all([this.feedback.settled(), this.rules.close(), judged]);
    await this.ledger.close();
    this.#attributor.close();
    this.#deadlines.close();
    this.#offload?.stop();
  }
}

/** The ledger, and what it remembers for the judge. */
async function openLedger({
  paths,
  config,
  notice,
}: EngineOptions): Promise<{ ledger: Ledger; memory: JudgeMemory }> {
  const path = join(paths.state, 'ledger.db');
  const ledger = await Ledger.open({ path, ...config.ledger, ...config.logging }, notice);
  return { ledger, memory: await ledger.judgeMemory((Date.now() - DAY_MS) as UnixMs) };
}
