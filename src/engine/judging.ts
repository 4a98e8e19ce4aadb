import type { Config } from '../config/schema.ts';
import type { JudgeCheck } from '../control/judge-schema.ts';
import type { Status } from '../control/schema.ts';
import type { Inquiry, JudgeInput, KeptVerdict } from '../judge/judge-types.ts';
import type { Host, RegistrableDomain, UnixMs } from '../model/brand.ts';
import { cleanText } from '../model/clean.ts';
import type { Evidence, Verdict } from '../model/flow.ts';
import type { Question } from '../policy/decide.ts';
import { AtOnce } from './at-once.ts';
import { type Entry, Inquiries, type Waiter } from './inquiries.ts';
import { JudgeServer, type ServerState } from './judge-server.ts';
import type { JudgeSetup } from './judge-setup.ts';
import { KeptVerdicts, type VerdictStore } from './kept-verdicts.ts';
import { TokenBudget } from './token-budget.ts';

/** What the judge remembers over restarts. */
export interface JudgeMemory {
  readonly verdicts: readonly KeptVerdict[];
  /** Tokens of the last 24 hours. */
  readonly tokens: number;
  /** The greatest id an inquiry ever had. */
  readonly lastInquiry: number;
}

/** Where inquiries and verdicts are written down. */
export interface JudgeStore extends VerdictStore {
  recordInquiry(inquiry: Inquiry): void;
}

/** What the scores and the ledger say of a connection before its inquiry. */
export interface Background {
  domainOf(host: Host): RegistrableDomain | null;
  scores(q: Question): readonly Evidence[];
  /** The scores put the name past a block threshold. */
  pastBlock(host: Host): boolean;
  /** When this machine first saw a program. */
  firstSeen(app: string | null): Promise<UnixMs | null>;
}

/** What the judge is made of. */
export interface JudgingParts {
  readonly store: JudgeStore;
  readonly memory: JudgeMemory;
  readonly background: Background;
  /** Makes the model and its tools as configured, or says what is missing. */
  readonly setUp: (config: Config) => JudgeSetup | { readonly error: string };
  readonly notice: (text: string) => void;
  /** The server came or went: the policy must be made anew. */
  readonly stateChanged: () => void;
  /** Counts or findings changed. */
  readonly changed: () => void;
}

/** Steps 8 and 9 of decide: what the judge said of a domain, and the asking. */
export class Judging {
  readonly #parts: JudgingParts;
  readonly #kept: KeptVerdicts;
  readonly #budget: TokenBudget;
  #inquiries: Inquiries;
  #atOnce = new AtOnce();
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
    this.#budget = new TokenBudget(parts.memory.tokens, Date.now());
    this.#inquiries = this.#newInquiries(parts.memory.lastInquiry + 1);
    this.#begin(config);
  }

  /** Tries the server; settles when it has answered or its time is over. */
  async open(): Promise<void> {
    await this.#server?.probe();
  }

  /** Takes a changed configuration. What runs is given up, and asked anew. */
  configure(config: Config): void {
    if (Bun.deepEquals(config.judge, this.#config)) return;
    this.#server?.close();
    const before = this.#inquiries;
    this.#inquiries = this.#newInquiries(before.nextId());
    this.#atOnce = new AtOnce();
    this.#config = config.judge;
    this.#begin(config);
    before.close();
    void this.open();
  }

  #begin(config: Config): void {
    this.#setup = null;
    this.#setupError = null;
    this.#server = null;
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

  #newInquiries(firstId: number): Inquiries {
    return new Inquiries({
      firstId,
      atOnce: () => this.#atOnce.limit,
      investigate: (input, id, onFindings, signal) => {
        // Only a judge that is set up begins inquiries.
        if (this.#setup === null) throw new Error('an inquiry was begun without a model');
        return this.#setup.investigate(input, id, onFindings, signal);
      },
      done: (inquiry) => this.#ended(inquiry),
      changed: this.#parts.changed,
    });
  }

  #serverChanged(state: ServerState, detail: string | null): void {
    const { apiUrl, model } = this.#config;
    this.#parts.notice(
      state === 'ready'
        ? `the judge is ready: ${model} at ${apiUrl}`
        : `the judge is not asked: ${detail ?? state}; 'resolagent judge check' tells more`,
    );
    this.#parts.stateChanged();
    if (state !== 'ready') this.#inquiries.dropQueued();
  }

  // --- what decide asks ---

  /** Whether anybody can be asked, now. */
  get isOn(): boolean {
    return this.#server?.state === 'ready' && !this.#spent();
  }

  /** Step 8: what the judge said of the name's domain. */
  kept(q: Question): Verdict | null {
    const kept = q.host === null ? null : this.#keptFor(q.host, q.now);
    if (kept === null || kept.kind === 'unsure' || q.host === null) return null;
    if (kept.kind === 'allow' && this.#parts.background.pastBlock(q.host)) return null;
    return { kind: kept.kind, stage: 'cache', reason: 'cached', evidence: evidenceOf(kept) };
  }

  /** What the judge found of a name and could not settle. */
  found(q: Question): readonly Evidence[] {
    const kept = q.host === null ? null : this.#keptFor(q.host, q.now);
    return kept === null ? [] : evidenceOf(kept);
  }

  /** Step 9: names with a domain of their own, that the judge has not spoken of. */
  ask(q: Question): Verdict | null {
    if (q.host === null || !this.isOn) return null;
    const domain = this.#parts.background.domainOf(q.host);
    if (domain === null || this.#keptFor(q.host, q.now) !== null) return null;
    if (this.#inquiries.get(domain) === null && !this.#inquiries.hasRoom) return null;
    const { whileJudging, model } = this.#config;
    if (whileJudging === 'hold') {
      const evidence = [note(`${model} is asked about ${domain}`)];
      return { kind: 'ask', stage: 'judge', reason: 'open_question', evidence };
    }
    const evidence = [
      note(`${model} is asked about ${domain}; meanwhile judge.whileJudging = "${whileJudging}"`),
    ];
    return { kind: whileJudging, stage: 'judge', reason: 'while_judging', evidence };
  }

  /** The judge was asked about a connection: joins or begins the inquiry. */
  join(q: Question, waiter: Waiter): readonly Evidence[] {
    const domain = q.host === null ? null : this.#parts.background.domainOf(q.host);
    if (q.host === null || domain === null) return [];
    const entry = this.#inquiries.join(domain, () => this.#input(q, domain), waiter);
    return entry === null ? [] : [{ kind: 'judge', inquiry: entry.id, text: `inquiry ${entry.id}` }];
  }

  leave(host: Host, waiter: Waiter): void {
    const domain = this.#parts.background.domainOf(host);
    if (domain !== null) this.#inquiries.leave(domain, waiter);
  }

  /** What a person is told of the judge's work on a name. */
  findings(
    host: Host,
    now: UnixMs,
  ): { readonly inquiry: number; readonly findings: readonly string[] } | null {
    const domain = this.#parts.background.domainOf(host);
    const entry: Entry | null = domain === null ? null : this.#inquiries.get(domain);
    if (entry !== null) return { inquiry: entry.id, findings: entry.findings };
    const kept = this.#keptFor(host, now);
    if (kept === null) return null;
    return { inquiry: kept.inquiry, findings: [...kept.marks, ...kept.reasons] };
  }

  #keptFor(host: Host, now: UnixMs): KeptVerdict | null {
    const domain = this.#parts.background.domainOf(host);
    return domain === null || this.#setup === null ? null : this.#kept.get(domain, this.#setup, now);
  }

  async #input(q: Question, domain: RegistrableDomain): Promise<JudgeInput> {
    const { background } = this.#parts;
    const host = q.host as Host;
    const { name, path, signer, user, parents } = q.origin;
    return {
      host,
      domain,
      port: q.port,
      app: {
        ...{ name, path, signer, user },
        parents: parents.map((parent) => parent.name),
        firstSeen: await background.firstSeen(path),
      },
      scores: background.scores(q),
      pastBlock: background.pastBlock(host),
      now: Date.now() as UnixMs,
    };
  }

  #ended(inquiry: Inquiry): void {
    const { outcome, rounds, tokens } = inquiry;
    this.#done++;
    if (inquiry.marks.length > 0) this.#marked++;
    this.#budget.spend(tokens.prompt + tokens.completion, Date.now());
    this.#parts.store.recordInquiry(inquiry);
    this.#kept.learn(inquiry, Date.now() as UnixMs);
    const replied = rounds.some((round) => round.dialect !== null);
    const { failure } = inquiry;
    if (replied) this.#server?.replied();
    if (failure !== null) this.#server?.failed(failure.why, failure.detail);
    else if (outcome.why === 'time_over' && !replied) this.#server?.failed('timed_out', 'no reply in time');
    if (outcome.why === 'time_over' || failure?.why === 'timed_out' || failure?.why === 'rate_limited')
      this.#atOnce.fellBehind();
    else if (outcome.why !== 'stopped') this.#atOnce.keptUp();
    if (this.#spent()) {
      this.#parts.notice(
        `the judge is not asked: judge.dailyTokens = ${this.#config.dailyTokens} are used up; it goes on within 24 hours`,
      );
      this.#inquiries.dropQueued();
      this.#parts.stateChanged();
    }
  }

  #spent(): boolean {
    const { dailyTokens } = this.#config;
    return dailyTokens > 0 && this.#budget.used(Date.now()) >= dailyTokens;
  }

  // --- what commands ask ---

  /** Tries what the configured server can do; rejects with a sentence when there is none. */
  async check(signal: AbortSignal): Promise<JudgeCheck> {
    return this.#ready().check(signal);
  }

  /** Runs an inquiry again from its stored tool results; it decides nothing. */
  async replay(inquiry: Inquiry, signal: AbortSignal): Promise<Inquiry> {
    const again = await this.#ready().replay(inquiry, this.#inquiries.nextId(), signal);
    this.#budget.spend(again.tokens.prompt + again.tokens.completion, Date.now());
    this.#parts.store.recordInquiry(again);
    return again;
  }

  learned(): readonly KeptVerdict[] {
    return this.#kept.list(Date.now() as UnixMs);
  }

  forget(domain: RegistrableDomain): boolean {
    return this.#kept.forget(domain);
  }

  status(): Status['judge'] {
    return {
      state: this.#state(),
      detail: this.#setupError ?? this.#server?.detail ?? null,
      model: this.#config.model,
      apiUrl: this.#config.apiUrl,
      running: this.#inquiries.running,
      waiting: this.#inquiries.waiting,
      done: this.#done,
      marked: this.#marked,
      tokensToday: this.#budget.used(Date.now()),
      dailyTokens: this.#config.dailyTokens,
    };
  }

  close(): void {
    this.#server?.close();
    this.#inquiries.close();
  }

  #state(): Status['judge']['state'] {
    if (this.#setupError !== null) return 'refused';
    if (this.#server === null) return 'off';
    return this.#server.state === 'ready' && this.#spent() ? 'out_of_tokens' : this.#server.state;
  }

  #ready(): JudgeSetup {
    if (this.#setup !== null) return this.#setup;
    throw new Error(this.#setupError ?? 'the judge is off: set judge.enabled = true');
  }
}

/** What the judge found, as a connection's evidence: the verdict first, then every sign of an attempt on it. */
function evidenceOf(kept: KeptVerdict): readonly Evidence[] {
  const { inquiry, model, kind } = kept;
  const [first = 'no reason given', ...others] = kept.reasons;
  const texts = [
    `${model}: ${kind}: ${first}`,
    ...others.slice(0, 2),
    ...kept.marks.map((mark) => `‼ ${mark}`),
  ];
  return texts.map((text) => ({ kind: 'judge', inquiry, text: cleanText(text) }));
}

function note(text: string): Evidence {
  return { kind: 'note', text: cleanText(text) };
}
