import { inTime } from '../../async/in-time.ts';
import type { Config } from '../../config/schema.ts';
import type { Host, RegistrableDomain, UnixMs } from '../../model/brand.ts';
import { cleanText } from '../../model/clean.ts';
import type { Evidence, Verdict } from '../../model/flow.ts';
import type { Inquiry, JudgeInput, KeptVerdict } from '../../model/inquiry.ts';
import { programOf } from '../../model/parent.ts';
import type { Subject } from '../../model/subject.ts';
import type { JudgeCheck } from '../../schema/judge.ts';
import type { Status } from '../../schema/status.ts';
import { INQUIRY_TOKENS } from '../core/state.ts';
import { AdaptiveLimit } from './adaptive-limit.ts';
import { judgeEvidence, notAsked, noteOf, PAST_BLOCK } from './evidence.ts';
import { judgeInput } from './input.ts';
import { type Entry, Inquiries, type Left, tell, type Waiter } from './inquiries.ts';
import { KeptVerdicts } from './kept-verdicts.ts';
import type { JudgeSetup, JudgingParts } from './ports.ts';
import { JudgeServer, type ServerState } from './server.ts';
import { TokenBudget } from './token-budget.ts';

/** Of a day's tokens, what one program can use: the rest is for the others. */
const PROGRAM_SHARE = 0.75;
/** How long the engine's end waits for the transcripts of what it stops. */
const END_MS = 1_000;

/** Steps 8 and 9 of decide: what the judge said of a domain, and the asking. */
export class Judging {
  readonly #parts: JudgingParts;
  readonly #kept: KeptVerdicts;
  readonly #budget: TokenBudget;
  #inquiries: Inquiries;
  #atOnce = new AdaptiveLimit();
  #config: Config['judge'];
  #setup: JudgeSetup | null = null;
  #setupError: string | null = null;
  #server: JudgeServer | null = null;
  #done = 0;
  #marked = 0;

  constructor(config: Config, parts: JudgingParts) {
    this.#parts = parts;
    this.#config = config.judge;
    this.#kept = new KeptVerdicts(parts.memory.verdicts, parts.store);
    // Not the wall clock: set forward or back it would give the day's tokens away, or hold them back for years.
    this.#budget = new TokenBudget(parts.memory.tokens, performance.now());
    this.#begin(config);
    this.#inquiries = this.#newInquiries(parts.memory.lastInquiry + 1);
  }

  /** Tries the server; settles when it has answered or its time is over. */
  async open(): Promise<void> {
    await this.#server?.probe();
  }

  /**
   * Takes a changed configuration. What runs for another model or server is given up, and asked anew with all who wait for it; a
   * judge that was refused, or could not be set up, is tried again also where nothing changed, for its key may have.
   */
  configure(config: Config): void {
    const before = this.#config;
    this.#config = config.judge;
    const isLockedOut = this.#setupError !== null || this.#server?.state === 'refused';
    if (!isLockedOut && !needsNewJudge(before, config.judge)) {
      if (this.#isSpent()) this.#inquiries.dropQueued();
      else this.#inquiries.begin();
      return;
    }
    this.#server?.close();
    const left = this.#inquiries.close();
    const nextId = this.#inquiries.nextId();
    this.#begin(config);
    this.#inquiries = this.#newInquiries(nextId);
    // What another model said before counts again once it is back.
    const isOpen = ({ domain }: Left[number]): boolean => this.#keptOf(domain, Date.now() as UnixMs) === null;
    this.#inquiries.adopt(left.filter(isOpen));
    for (const entry of left) if (!isOpen(entry)) void tell(entry.waiters);
    if (this.#server === null) this.#inquiries.dropQueued();
    else void this.open();
  }

  #begin(config: Config): void {
    this.#setup = null;
    this.#setupError = null;
    this.#server = null;
    this.#atOnce = new AdaptiveLimit();
    if (!config.judge.enabled) return;
    const setup = this.#parts.setUp(config);
    if ('error' in setup) {
      this.#setupError = setup.error;
      this.#parts.notice(`the judge is not asked: ${setup.error}`);
      return;
    }
    this.#setup = setup;
    this.#server = new JudgeServer(
      (limitMs) => setup.isAlive(limitMs),
      (state, detail) => this.#serverChanged(state, detail),
    );
  }

  /** What is asked of a model is its own business to the end, whatever is configured meanwhile. */
  #newInquiries(firstId: number): Inquiries {
    const bench = { server: this.#server, atOnce: this.#atOnce };
    const setup = this.#setup;
    return new Inquiries({
      firstId,
      atOnce: () => this.#places(),
      investigate: (input, id, onFindings, signal) => {
        // Only a judge that is set up begins inquiries.
        if (setup === null) throw new Error('an inquiry was begun without a model');
        return setup.investigate(input, id, onFindings, signal);
      },
      done: (inquiry, program) => {
        this.#ended(inquiry, bench);
        this.#spend(inquiry, program);
      },
      failed: (error) => this.#parts.notice(`an inquiry of the judge broke: ${cleanText(String(error))}`),
      changed: this.#parts.changed,
    });
  }

  /** How many inquiries may run now: near the end of the day's tokens so many as are left for. */
  #places(): number {
    if (!this.isOn) return 0;
    const { dailyTokens } = this.#config;
    const left = dailyTokens === 0 ? Number.POSITIVE_INFINITY : dailyTokens - this.#usedTokens();
    return Math.min(this.#atOnce.limit, Math.ceil(left / INQUIRY_TOKENS));
  }

  #serverChanged(state: ServerState, detail: string | null): void {
    const { apiUrl, model } = this.#config;
    this.#parts.notice(
      state === 'ready'
        ? `the judge is ready: ${model} at ${apiUrl}`
        : `the judge is not asked: ${detail ?? state}; 'resolagent judge check' tells more`,
    );
    this.#parts.stateChanged();
    if (this.isOn) this.#inquiries.begin();
    else this.#inquiries.dropQueued();
  }

  // --- what decide asks ---

  /** Whether there is a judge by the configuration, be it there or not. */
  get isSetUp(): boolean {
    return this.#setup !== null;
  }

  /** Whether anything new can be asked, now. */
  get isOn(): boolean {
    return this.#server?.state === 'ready' && !this.#isSpent();
  }

  /** Step 8: what the judge said of the name's domain. */
  kept(subject: Subject): Verdict | null {
    const kept = this.#keptFor(subject);
    if (kept === null || kept.kind === 'unsure' || this.#isRefused(kept, subject.host)) return null;
    return { kind: kept.kind, stage: 'cache', reason: 'cached', evidence: judgeEvidence(kept) };
  }

  /** What the judge found of a name and could not settle. */
  found(subject: Subject): readonly Evidence[] {
    const kept = this.#keptFor(subject);
    if (kept === null) return [];
    return this.#isRefused(kept, subject.host) ? [...judgeEvidence(kept), PAST_BLOCK] : judgeEvidence(kept);
  }

  /** Step 9: names with a domain of their own, that the judge has not spoken of. */
  ask(subject: Subject): Verdict | null {
    const { domain } = subject;
    if (domain === null || this.#keptFor(subject) !== null || !this.#isAsked(domain, subject)) return null;
    const { whileJudging, model } = this.#config;
    if (whileJudging === 'hold') {
      const evidence = [noteOf(`${model} is asked about ${domain}`)];
      return { kind: 'ask', stage: 'judge', reason: 'open_question', evidence };
    }
    const evidence = [
      noteOf(`${model} is asked about ${domain}; meanwhile judge.whileJudging = "${whileJudging}"`),
    ];
    return { kind: whileJudging, stage: 'judge', reason: 'while_judging', evidence };
  }

  /** Whether there is an inquiry into a domain, which ends by itself, or one can begin. */
  #isAsked(domain: RegistrableDomain, { origin }: Subject): boolean {
    return this.#inquiries.get(domain) !== null || this.#whyNone(programOf(origin)) === null;
  }

  /** Why no inquiry can begin for a program now; null when one can. */
  #whyNone(program: string): string | null {
    const state = this.#state();
    if (state !== 'ready') return notAsked(state, this.#detail());
    if (!this.#inquiries.hasRoom(program))
      return 'the judge is not asked: too many names wait for it already';
    const { dailyTokens } = this.#config;
    const isGreedy =
      dailyTokens > 0 && this.#budget.usedBy(program, performance.now()) >= dailyTokens * PROGRAM_SHARE;
    return isGreedy ? 'the judge is not asked: this program has used its part of judge.dailyTokens' : null;
  }

  /** For explanations: why the judge is not asked about a name that it has not spoken of; empty when it is. */
  notes(subject: Subject): readonly Evidence[] {
    const { domain } = subject;
    if (domain === null) return [noteOf('the judge is asked about names with a registrable domain only')];
    if (this.#keptFor(subject) !== null || this.#inquiries.get(domain) !== null) return [];
    const why = this.#whyNone(programOf(subject.origin));
    return why === null ? [] : [noteOf(why)];
  }

  /** The judge was asked about a connection: joins or begins the inquiry. */
  join(subject: Subject, waiter: Waiter): readonly Evidence[] {
    const { host, domain } = subject;
    if (host === null || domain === null) return [];
    const prepare = (): Promise<JudgeInput> => judgeInput(subject, host, domain, this.#parts.background);
    const entry = this.#inquiries.join(domain, programOf(subject.origin), prepare, waiter);
    return entry === null ? [] : [{ kind: 'judge', inquiry: entry.id, text: `inquiry ${entry.id}` }];
  }

  leave(domain: RegistrableDomain, waiter: Waiter): void {
    this.#inquiries.leave(domain, waiter);
  }

  /** What a person is told of the judge's work on a name. */
  findings(
    domain: RegistrableDomain,
    host: Host,
    now: UnixMs,
  ): { readonly inquiry: number; readonly findings: readonly string[] } | null {
    const entry: Entry | null = this.#inquiries.get(domain);
    if (entry !== null) return { inquiry: entry.id, findings: entry.findings };
    const kept = this.#keptOf(domain, now);
    if (kept === null) return null;
    const refused = this.#isRefused(kept, host) ? [PAST_BLOCK.text] : [];
    return { inquiry: kept.inquiry, findings: [...refused, ...kept.marks, ...kept.reasons] };
  }

  #keptFor({ domain, now }: Subject): KeptVerdict | null {
    return domain === null ? null : this.#keptOf(domain, now);
  }

  #keptOf(domain: RegistrableDomain, now: UnixMs): KeptVerdict | null {
    return this.#setup === null ? null : this.#kept.get(domain, this.#setup, now);
  }

  /** An allow of the domain does not count for a name that the scores put past a block threshold. */
  #isRefused(kept: KeptVerdict, host: Host | null): boolean {
    return kept.kind === 'allow' && host !== null && this.#parts.background.pastBlock(host);
  }

  #ended(inquiry: Inquiry, { server, atOnce }: { server: JudgeServer | null; atOnce: AdaptiveLimit }): void {
    const { outcome, rounds, failure } = inquiry;
    this.#done++;
    if (inquiry.marks.length > 0) this.#marked++;
    this.#parts.store.recordInquiry(inquiry);
    this.#kept.learn(inquiry, Date.now() as UnixMs);
    const replied = rounds.some((round) => round.dialect !== null);
    if (replied) server?.replied();
    if (failure !== null) server?.failed(failure.why, failure.detail);
    else if (outcome.why === 'time_over' && !replied) server?.failed('timed_out', 'no reply in time');
    if (outcome.why === 'time_over' || failure?.why === 'timed_out' || failure?.why === 'rate_limited')
      atOnce.fellBehind();
    else if (outcome.why !== 'stopped' && failure === null) atOnce.keptUp();
  }

  #spend({ tokens }: Inquiry, program: string | null): void {
    const wasSpent = this.#isSpent();
    this.#budget.spend(tokens.prompt + tokens.completion, program, performance.now());
    if (wasSpent || !this.#isSpent()) return;
    this.#parts.notice(
      `the judge is not asked: judge.dailyTokens = ${this.#config.dailyTokens} are used up; it goes on within 24 hours`,
    );
    this.#inquiries.dropQueued();
    this.#parts.stateChanged();
  }

  #usedTokens(): number {
    return this.#budget.used(performance.now());
  }

  #isSpent(): boolean {
    const { dailyTokens } = this.#config;
    return dailyTokens > 0 && this.#usedTokens() >= dailyTokens;
  }

  // --- what commands ask ---

  /** Tries what the configured server can do; rejects with a sentence when there is none. */
  async check(signal: AbortSignal): Promise<JudgeCheck> {
    const check = await this.#ready().check(signal);
    if (check.usable) await this.open();
    return check;
  }

  /** Runs an inquiry again from its stored tool results; it decides nothing, and costs tokens of the day. */
  async replay(inquiry: Inquiry, signal: AbortSignal): Promise<Inquiry> {
    const setup = this.#ready();
    if (this.#isSpent())
      throw new Error(
        `judge.dailyTokens = ${this.#config.dailyTokens} are used up; it goes on within 24 hours`,
      );
    const again = await setup.replay(inquiry, this.#inquiries.nextId(), signal);
    this.#parts.store.recordInquiry(again);
    this.#spend(again, null);
    return again;
  }

  /** The verdicts in force, newest first. */
  learned(): readonly KeptVerdict[] {
    return this.#setup === null ? [] : this.#kept.list(this.#setup, Date.now() as UnixMs);
  }

  forget(domain: RegistrableDomain): boolean {
    return this.#kept.forget(domain);
  }

  status(): Status['judge'] {
    return {
      state: this.#state(),
      detail: this.#detail(),
      model: this.#config.model,
      apiUrl: this.#config.apiUrl,
      running: this.#inquiries.running,
      waiting: this.#inquiries.waiting,
      done: this.#done,
      marked: this.#marked,
      tokensToday: this.#usedTokens(),
      dailyTokens: this.#config.dailyTokens,
    };
  }

  /** Stops what runs. Settles when its transcripts have been given to the store, in a second at most. */
  async close(): Promise<void> {
    this.#server?.close();
    this.#inquiries.close();
    await inTime(this.#inquiries.ended(), END_MS);
  }

  #detail(): string | null {
    return this.#setupError ?? this.#server?.detail ?? null;
  }

  #state(): Status['judge']['state'] {
    if (this.#setupError !== null) return 'refused';
    if (this.#server === null) return 'off';
    return this.#server.state === 'ready' && this.#isSpent() ? 'out_of_tokens' : this.#server.state;
  }

  #ready(): JudgeSetup {
    if (this.#setup !== null) return this.#setup;
    throw new Error(this.#setupError ?? 'the judge is off: set judge.enabled = true');
  }
}

/** Keys that are read at the moment of use. */
const LIVE: ReadonlySet<string> = new Set(['holdMs', 'whileJudging', 'dailyTokens']);

/** Whether a changed configuration means another model, another server or other tools. */
function needsNewJudge(before: Config['judge'], after: Config['judge']): boolean {
  return !Bun.deepEquals(fixedPart(before), fixedPart(after));
}

function fixedPart(judge: Config['judge']): object {
  return Object.fromEntries(Object.entries(judge).filter(([key]) => !LIVE.has(key)));
}
