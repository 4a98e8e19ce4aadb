import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Socket } from 'bun';
import { embeddedModel } from '../../lists/score/embedded-model.ts';
import { inTime } from '../async/in-time.ts';
import type { Attributor } from '../attribute/attributor.ts';
import type { Paths } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import { type ControlServer, startControlServer } from '../control/server.ts';
import type { JudgeMemory } from '../judge/desk/parts.ts';
import { Ledger } from '../ledger/ledger.ts';
import { ListKeeper } from '../lists/keeper.ts';
import { type LoadedLists, loadLists } from '../lists/loaded-lists.ts';
import type { UnixMs } from '../model/brand.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Evidence, FlowRecord, Origin, Verdict } from '../model/flow.ts';
import type { InterceptPlan } from '../model/intercept-plan.ts';
import type { Subject } from '../model/subject.ts';
import { Enforcement } from '../platform/enforcement.ts';
import { interceptPlan } from '../platform/plan.ts';
import type { Platform } from '../platform/platform.ts';
import type { Policy } from '../policy/policy.ts';
import { flowDeadlines } from '../proxy/deadlines.ts';
import { FairShare } from '../proxy/fair-share.ts';
import { Flow } from '../proxy/flow.ts';
import { Ja4Cache } from '../proxy/ja4-cache.ts';
import { Listeners } from '../proxy/listeners.ts';
import { Offload } from '../proxy/offload/offload.ts';
import type { FlowContext } from '../proxy/ports.ts';
import { Pressure } from '../proxy/pressure.ts';
import { refusedRecord } from '../proxy/refused-record.ts';
import { acceptVerdict } from '../proxy/verdicts.ts';
import { Registrations } from '../registration/registrations.ts';
import { NameResolver } from '../resolve/resolver.ts';
import type { Status } from '../schema/status.ts';
import type { ScoreModel } from '../score/model.ts';
import { DomainAges } from '../scoring/domain-ages.ts';
import type { FeedbackBook } from '../scoring/feedback-book.ts';
import { Scoring } from '../scoring/scoring.ts';
import type { Asking } from './asking.ts';
import { Counters } from './control/counters.ts';
import { controlHandlers } from './control/handlers.ts';
import { LoopLag, TICK_MS } from './control/loop-lag.ts';
import { engineStatus } from './control/status.ts';
import { askingOf } from './engine-asking.ts';
import { feedbackOf, policyOf } from './policy.ts';
import { RuleBook } from './rule-book.ts';
import { needRestart, Settings } from './settings.ts';

/** Descriptors an engine wants: two a flow and some of its own. */
const OWN_DESCRIPTORS = 128;
const SETTINGS_EVERY_TICKS = 20;
const SECOND_TICKS = 10;
/** How long the start waits for the judge's server to say that it is there. */
const JUDGE_START_MS = 250;
const DAY_MS = 86_400_000;
/** Flows that are asked again without a pause for the others. */
const FLOWS_A_SLICE = 500;

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

/** Wires the parts, and owns the order in which they start and stop. */
export class Engine implements FlowContext {
  readonly startedAt = Date.now() as UnixMs;
  readonly counters = new Counters();
  readonly lag = new LoopLag();
  readonly flows = new Map<number, Flow>();
  readonly resolver = new NameResolver();
  readonly ledger: Ledger;
  readonly rules: RuleBook;
  readonly offload: Offload | null;
  readonly attributor: Attributor;
  config: Config;
  policy: Policy;
  readonly feedback: FeedbackBook;
  deadlines: ReturnType<typeof flowDeadlines>;
  configErrors: readonly string[] = [];
  readonly lists: ListKeeper;
  readonly asking: Asking;
  readonly #lists: LoadedLists;
  #server: ControlServer | null = null;
  #enforcement: Enforcement | null = null;
  readonly #listeners: Listeners;
  readonly #ja4 = new Ja4Cache();
  readonly #share = new FairShare();
  readonly #settings: Settings;
  readonly #model: ScoreModel;
  #scoring: Scoring;
  readonly #pressure: Pressure;
  #timer: ReturnType<typeof setInterval> | null = null;
  #ticks = 0;
  readonly #registrations: Registrations;
  readonly #ages: DomainAges | null;
  #kernel = { gid: 0, ipv6: false };
  #statusChanged = false;

  private constructor(
    readonly options: EngineOptions,
    parts: {
      ledger: Ledger;
      lists: LoadedLists;
      offload: Offload | null;
      descriptors: number | null;
      memory: JudgeMemory;
    },
  ) {
    this.config = options.config;
    this.ledger = parts.ledger;
    this.offload = parts.offload;
    this.#lists = parts.lists;
    const { notice } = options;
    const changed = (): Promise<number> => this.policyChanged();
    this.lists = new ListKeeper({ lists: parts.lists, config: options.config.lists, notice, changed });
    this.attributor = options.platform.openAttributor();
    this.rules = new RuleBook(parts.ledger);
    this.#model = embeddedModel();
    this.feedback = feedbackOf(options.paths.state, this.#model, options.notice);
    const { trust } = options.config;
    this.#registrations = new Registrations({ stateDir: options.paths.state, onTrouble: options.notice });
    this.#ages = trust.enabled && trust.lookup ? new DomainAges(this.#registrations, options.notice) : null;
    this.#scoring = this.#newScoring();
    this.asking = this.#newAsking(parts.memory);
    this.policy = this.#newPolicy();
    this.deadlines = flowDeadlines(options.config);
    this.#settings = new Settings(options.paths);
    this.#pressure = new Pressure(parts.descriptors, parts.offload);
    this.#listeners = new Listeners(options.platform, options.paths.config, options.notice, (...accepted) =>
      this.#accept(...accepted),
    );
  }

  /** Starts everything, the kernel rules last. Rejects with a sentence that says what is missing. */
  static async start(options: EngineOptions): Promise<Engine> {
    const { config, paths, platform } = options;
    const descriptors = platform.raiseOpenFiles(config.proxy.maxConnections * 2 + OWN_DESCRIPTORS);
    // The offload thread's descriptor table is a copy of ours, so it starts while there is little in it.
    const offload = platform.hasSplice ? await Offload.start(descriptors, options.notice) : null;
    const gid = await platform.ensureGroup(config.intercept.group);
    process.setegid?.(gid);
    mkdirSync(paths.state, { recursive: true, mode: 0o700 });
    const [{ ledger, memory }, lists] = await Promise.all([
      openLedger(options),
      loadLists(config.lists, { stateDir: paths.state, lastCompiled: true }),
    ]);
    const engine = new Engine(options, { ledger, lists, offload, descriptors, memory });
    try {
      await engine.#begin(gid);
    } catch (error) {
      await engine.stop();
      throw error;
    }
    return engine;
  }

  async #begin(gid: number): Promise<void> {
    const { config, paths, platform } = this.options;
    const judge = inTime(this.asking.judging.open(), JUDGE_START_MS);
    this.rules.load(await this.#savedRules());
    await this.#applyFiles();
    this.#server = await startControlServer({ socketPath: paths.socket, handlers: controlHandlers(this) });
    const ipv6 = this.#listeners.open(config.proxy.port);
    this.#kernel = { gid, ipv6 };
    const failOpen = config.intercept.failMode === 'open';
    const changed = (): void => {
      this.#statusChanged = true;
    };
    this.#enforcement = new Enforcement(platform, this.#plan(), failOpen, this.options.notice, changed);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    await judge;
    await this.#enforcement.start();
    this.lists.start();
  }

  /** The rules for the kernel; what is fixed at start stays as it was then. */
  #plan(): InterceptPlan {
    const { intercept } = this.config;
    const config = {
      ...this.options.config,
      intercept: { ...intercept, group: this.options.config.intercept.group },
    };
    return interceptPlan(config, this.#kernel.gid, this.#kernel.ipv6);
  }

  async #savedRules(): ReturnType<Ledger['rules']> {
    try {
      return await this.ledger.rules();
    } catch (error) {
      this.options.notice(error instanceof Error ? error.message : String(error));
      return [];
    }
  }

  // --- accept ---

  #accept(socket: Socket<Flow | null>, peer: Endpoint, local: Endpoint): Flow | null {
    const { interceptor } = this.options.platform;
    const { fd } = socket as unknown as { fd: number };
    const original = interceptor.originalDst({ fd, peer, local });
    if (original.kind !== 'redirected') {
      this.#refuseAtOnce(socket, local, 'not_redirected');
      return null;
    }
    if (interceptor.isProbe(original.dst)) {
      socket.terminate();
      return null;
    }
    if (this.flows.size >= this.config.proxy.maxConnections || this.#pressure.full(this.flows.size, fd)) {
      this.#refuseAtOnce(socket, original.dst, 'too_many_connections');
      return null;
    }
    const flow = new Flow(this, this.ledger.nextFlowId(), socket as Socket<Flow>, peer, original.dst);
    this.flows.set(flow.id, flow);
    return flow;
  }

  #refuseAtOnce(
    socket: Socket<Flow | null>,
    dst: Endpoint,
    reason: 'not_redirected' | 'too_many_connections',
  ): void {
    socket.terminate();
    const now = Date.now() as UnixMs;
    const { mode } = this.config.policy;
    const record = refusedRecord(this.ledger.nextFlowId(), now, dst, mode, acceptVerdict(reason));
    this.counters.decided(record);
    this.#tell(record);
  }

  // --- what flows ask and tell ---

  get connect(): Platform['connect'] {
    return this.options.platform.connect;
  }

  ja4(raw: string): string {
    return this.#ja4.hash(raw);
  }

  answered(subject: Subject): Verdict | null {
    return this.asking.questions.answered(subject);
  }

  canAsk(verdict: Verdict, subject: Subject): boolean {
    return this.asking.canAsk(verdict, subject);
  }

  waits(flow: Flow, subject: Subject, verdict: Verdict): readonly Evidence[] {
    return this.asking.waits(flow, subject, verdict);
  }

  unanswered(): 'time_over' | 'nobody_to_ask' {
    return this.asking.unanswered();
  }

  changed(flow: Flow): void {
    const record = flow.record();
    if (flow.phase !== 'held') this.asking.questions.gone(flow.id);
    if (flow.counted === null) this.#share.taken(flow.id, record.origin.uid);
    flow.counted = this.counters.changed(flow.counted, record);
    if (record.connectUs !== null && record.state === 'open') this.counters.connectUs.add(record.connectUs);
    this.#tell(record);
  }

  over(flow: Flow): void {
    this.#share.given(flow.id);
    this.asking.over(flow);
    this.flows.delete(flow.id);
  }

  #tell(record: FlowRecord): void {
    this.ledger.record(record);
    this.#server?.publish(record);
    this.options.onFlow?.(record);
  }

  refusal(origin: Origin): Verdict | null {
    if (origin.pid === process.pid) return acceptVerdict('own_traffic');
    const crowded = this.#share.exhausted(origin.uid, this.flows.size, this.config.proxy.maxConnections);
    return crowded ? acceptVerdict('too_many_connections') : null;
  }

  observe(subject: Subject): void {
    this.#scoring.observe(subject.origin, subject.host);
  }

  missing(subject: Subject, verdict: Verdict): Promise<void> | null {
    return this.#scoring.missingAge(subject, verdict);
  }

  // --- policy ---

  #newScoring(): Scoring {
    return new Scoring(this.config, this.feedback, this.#ages, this.#model);
  }

  #newAsking(memory: JudgeMemory): Asking {
    const changed = (): void => {
      this.#statusChanged = true;
    };
    return askingOf({
      ...{ memory, changed, ledger: this.ledger, registrations: this.#registrations },
      notice: this.options.notice,
      stateDir: this.options.paths.state,
      scoring: () => this.#scoring,
      policy: () => this.policy,
      stateChanged: () => {
        this.policy = this.#newPolicy();
        changed();
      },
      config: () => this.config,
      screens: () => this.#server?.screens() ?? 0,
    });
  }

  #newPolicy(): Policy {
    return policyOf(this.config, this.rules.set, this.#lists, this.#scoring, this.asking.judging);
  }

  /** The rules or lists changed: open and held flows are asked again, in slices. Returns how many were reset. */
  async policyChanged(): Promise<number> {
    let cut = 0;
    let asked = 0;
    for (const flow of [...this.flows.values()]) {
      if (flow.decideAgain()) cut++;
      if (++asked % FLOWS_A_SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    this.#statusChanged = true;
    return cut;
  }

  /** Reads configuration and rule files again. A file in error changes nothing and is shown. */
  async reload(): Promise<void> {
    const before = this.config;
    const read = await this.#applyFiles();
    if (read) {
      await this.lists.configure(this.config.lists);
      this.deadlines = flowDeadlines(this.config);
      this.asking.judging.configure(this.config);
      this.#scoring = this.#newScoring();
      this.policy = this.#newPolicy();
      await this.#enforcement?.replan(this.#plan());
      const keys = needRestart(before, this.config);
      const later = keys.length === 0 ? '' : `; ${keys.join(', ')} count after a restart`;
      this.options.notice(`configuration read again${later}`);
    }
    await this.policyChanged();
  }

  async #applyFiles(): Promise<boolean> {
    const read = this.#settings.read(Date.now() as UnixMs);
    this.configErrors = read.errors;
    for (const error of read.errors) this.options.notice(error);
    await this.rules.loadFiles(read.rules);
    this.#statusChanged = true;
    if (read.config === null) return false;
    this.config = read.config;
    return true;
  }

  // --- time ---

  #tick(): void {
    this.lag.tick();
    this.offload?.poll();
    this.#ticks++;
    this.#pressure.relieve(this.flows);
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
    void this.rules.expire(Date.now() as UnixMs);
    const server = this.#server;
    if (server === null || server.screens() === 0) return;
    for (const flow of this.flows.values()) if (flow.hasNews()) server.publish(flow.record());
    if (this.#statusChanged || this.#ticks % SECOND_TICKS === 0) server.publishStatus(this.status());
    this.#statusChanged = false;
  }

  status(): Status {
    return engineStatus(this, this.#enforcement);
  }

  probe(): Promise<Status['enforcement']> {
    if (this.#enforcement === null) throw new Error('the engine is still starting');
    return this.#enforcement.probe();
  }

  /** Ends the flows, takes the rules away so that the network goes on, then ends what runs. Never rejects. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.lists.close();
    const judged = this.asking.judging.close();
    this.#listeners.close();
    // What the offload thread carried up to now is written down with the flows' ends.
    this.offload?.poll();
    // Before the rules go: without them the kernel no longer translates what we send, and a program would wait for ever for the
    // end of a connection that is gone here.
    for (const flow of this.flows.values()) flow.stop();
    try {
      await this.#enforcement?.stop();
    } catch (error) {
      this.options.notice(`${String(error)}; 'resolagent reset' restores the network`);
    }
    await this.#server?.close();
    this.#ages?.close();
    this.#registrations.close();
    await Promise.all([this.feedback.settled(), judged]);
    await this.ledger.close();
    this.attributor.close();
    this.deadlines.close();
    this.offload?.stop();
  }
}

/** The ledger, and what it remembers for the judge. */
async function openLedger({
  paths,
  config,
}: EngineOptions): Promise<{ ledger: Ledger; memory: JudgeMemory }> {
  const path = join(paths.state, 'ledger.db');
  const ledger = await Ledger.open({ path, ...config.ledger, ...config.logging });
  return { ledger, memory: await ledger.judgeMemory((Date.now() - DAY_MS) as UnixMs) };
}
