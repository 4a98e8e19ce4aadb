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
import { ConfiguredJudge } from './configured-judge.ts';
import { judgeEvidence, noteOf, PAST_BLOCK } from './evidence.ts';
import { FailedInquiries } from './failed-inquiries.ts';
import { judgeInput } from './input.ts';
import { type Entry, Inquiries, type Waiter } from './inquiries.ts';
import { type Judged, KeptVerdicts } from './kept-verdicts.ts';
import type { JudgeSetup, JudgingParts } from './ports.ts';

/** How long the engine's end waits for the transcripts of what it stops. */
const END_MS = 1_000;
/** Programs for which an explanation tells what was said of a name, those of last. */
const OTHERS_TOLD = 3;

/** Steps 8 and 9 of decide: what the judge said of a domain for a program, and the asking. */
export class Judging {
  readonly #parts: JudgingParts;
  readonly #kept: KeptVerdicts;
  readonly #failed = new FailedInquiries();
  readonly #judge: ConfiguredJudge;
  readonly #inquiries: Inquiries;
  #done = 0;
  #marked = 0;

  constructor(config: Config, parts: JudgingParts) {
    this.#parts = parts;
    this.#kept = new KeptVerdicts(parts.memory.verdicts, parts.store);
    this.#judge = new ConfiguredJudge(config, parts, () => this.#judgeChanged());
    this.#inquiries = new Inquiries({
      firstId: parts.memory.lastInquiry + 1,
      atOnce: () => this.#judge.places,
      investigate: (entry, input, signal) => this.#investigate(entry, input, signal),
      failed: (error) => parts.notice(`an inquiry of the judge broke: ${cleanText(String(error))}`),
      changed: parts.changed,
    });
  }

  /** Tries the server; settles when it has answered or its time is over. */
  async open(): Promise<void> {
    await this.#judge.server.probe();
  }

  /** Takes a changed configuration. What runs for another model or server is given up, and asked anew with all who wait for it. */
  configure(config: Config): void {
    if (this.#judge.configure(config)) {
      this.#failed.clear();
      // What another model said before counts again once it is back.
      this.#inquiries.restart((judged) => this.#keptOf(judged, Date.now() as UnixMs) === null);
      if (!this.isSetUp) this.#inquiries.dropQueued();
      else void this.open();
    } else if (this.#judge.isSpent) this.#inquiries.dropQueued();
    else this.#inquiries.begin();
  }

  /** Stops what runs. Settles when its transcripts have been given to the store, in a second at most. */
  async close(): Promise<void> {
    this.#judge.server.use(null);
    await inTime(this.#inquiries.close(), END_MS);
  }

  #judgeChanged(): void {
    this.#parts.stateChanged();
    if (this.#judge.state === 'ready') {
      this.#failed.clear();
      this.#inquiries.begin();
    } else this.#inquiries.dropQueued();
  }

  /** What is asked of a model is its own business to the end, whatever is configured meanwhile. */
  async #investigate(entry: Entry, input: JudgeInput, signal: AbortSignal): Promise<void> {
    const setup = this.#setup();
    const onFindings = (findings: readonly string[]): void => {
      entry.findings = findings;
      this.#parts.changed();
    };
    const inquiry = await setup.investigate(input, entry.id, onFindings, signal);
    this.#done++;
    if (inquiry.marks.length > 0) this.#marked++;
    this.#parts.store.recordInquiry(inquiry);
    this.#learn(inquiry);
    this.#judge.server.ended(setup, inquiry);
    this.#judge.spend(inquiry, entry.program);
  }

  #learn(inquiry: Inquiry): void {
    const kept = this.#kept.learn(inquiry, Date.now() as UnixMs);
    if (kept === null && inquiry.outcome.why !== 'stopped') this.#failed.add(inquiry);
    else this.#failed.forget(inquiry.input.domain);
  }

  // --- what decide asks ---

  /** Whether there is a judge by the configuration, be it there or not. */
  get isSetUp(): boolean {
    return this.#judge.server.setup !== null;
  }

  /** Step 8: what the judge said of the name's domain. */
  kept(subject: Subject): Verdict | null {
    const kept = this.#keptFor(subject);
    if (kept === null || kept.kind === 'unsure' || this.#isRefused(kept, subject.host)) return null;
    return { kind: kept.kind, stage: 'cache', reason: 'cached', evidence: judgeEvidence(kept) };
  }

  /** What the judge found of a name and could not settle, or why it found nothing. */
  found(subject: Subject): readonly Evidence[] {
    const kept = this.#keptFor(subject);
    if (kept === null) return this.#failureOf(subject);
    return this.#isRefused(kept, subject.host) ? [...judgeEvidence(kept), PAST_BLOCK] : judgeEvidence(kept);
  }

  #failureOf({ domain }: Subject): readonly Evidence[] {
    const failed = domain === null || !this.isSetUp ? null : this.#failed.get(domain);
    return failed === null ? [] : [{ kind: 'judge', inquiry: failed.inquiry, text: failed.text }];
  }

  /** Step 9: names with a domain of their own, that the judge has not spoken of. */
  ask(subject: Subject): Verdict | null {
    if (this.#keptFor(subject) !== null || this.#whyNot(subject) !== null) return null;
    const { whileJudging, model } = this.#judge.config;
    const asked = `${model} is asked about ${subject.domain}`;
    return whileJudging === 'hold'
      ? { kind: 'ask', stage: 'judge', reason: 'open_question', evidence: [noteOf(asked)] }
      : {
          kind: whileJudging,
          stage: 'judge',
          reason: 'while_judging',
          evidence: [noteOf(`${asked}; meanwhile judge.whileJudging = "${whileJudging}"`)],
        };
  }

  /** For explanations: why the judge is not asked about a name that it has not spoken of, and what it said of it for other programs. */
  notes(subject: Subject): readonly Evidence[] {
    if (this.#keptFor(subject) !== null) return [];
    const why = this.#whyNot(subject);
    const others = this.learned().filter(({ domain }) => domain === subject.domain);
    return [
      ...(why === null ? [] : [noteOf(why)]),
      ...others.slice(0, OTHERS_TOLD).map(({ app, model, kind, inquiry }) => {
        return noteOf(
          `for ${app ?? 'programs that are not known'} ${model} said ${kind}, in inquiry ${inquiry}`,
        );
      }),
    ];
  }

  /** Why no inquiry answers for a name: there is none into its domain, which would end by itself, and none can begin. */
  #whyNot({ domain, origin }: Subject): string | null {
    if (domain === null) return 'the judge is asked about names with a registrable domain only';
    const judged = { domain, app: origin.path };
    if (this.#inquiries.get(judged) !== null) return null;
    const program = programOf(origin);
    const why = this.#judge.whyNot(program) ?? this.#failed.whyPaused(domain);
    if (why !== null) return why;
    if (this.#inquiries.isTelling(judged)) return 'the judge is not asked: it was a moment ago';
    return this.#inquiries.hasRoom(program) ? null : 'the judge is not asked: too many names wait for it';
  }

  /** The judge was asked about a connection: joins or begins the inquiry. */
  join(subject: Subject, waiter: Waiter): readonly Evidence[] {
    const { host, domain } = subject;
    if (host === null || domain === null) return [];
    const prepare = (): Promise<JudgeInput> => judgeInput(subject, host, domain, this.#parts.background);
    const judged = { domain, app: subject.origin.path };
    const entry = this.#inquiries.join(judged, programOf(subject.origin), prepare, waiter);
    return entry === null ? [] : [{ kind: 'judge', inquiry: entry.id, text: `inquiry ${entry.id}` }];
  }

  leave(judged: Judged, waiter: Waiter): void {
    this.#inquiries.leave(judged, waiter);
  }

  /** What a person is told of the judge's work on a name for a program. */
  findings(
    judged: Judged,
    host: Host,
    now: UnixMs,
  ): { readonly inquiry: number; readonly findings: readonly string[] } | null {
    const entry = this.#inquiries.get(judged);
    if (entry !== null) return { inquiry: entry.id, findings: entry.findings };
    const kept = this.#keptOf(judged, now);
    const failed = this.#failed.get(judged.domain);
    if (kept === null) return failed && { inquiry: failed.inquiry, findings: [failed.text] };
    const refused = this.#isRefused(kept, host) ? [PAST_BLOCK.text] : [];
    return { inquiry: kept.inquiry, findings: [...refused, ...kept.marks, ...kept.reasons] };
  }

  #keptFor({ domain, origin, now }: Subject): KeptVerdict | null {
    return domain === null ? null : this.#keptOf({ domain, app: origin.path }, now);
  }

  #keptOf(judged: Judged, now: UnixMs): KeptVerdict | null {
    const { setup } = this.#judge.server;
    return setup && this.#kept.get(judged, setup, now);
  }

  /** An allow of the domain does not count for a name that the scores put past a block threshold. */
  #isRefused(kept: KeptVerdict, host: Host | null): boolean {
    return kept.kind === 'allow' && host !== null && this.#parts.background.pastBlock(host);
  }

  // --- what commands ask ---

  /** Tries what the configured server can do; rejects with a sentence when there is none. */
  async check(signal: AbortSignal): Promise<JudgeCheck> {
    const check = await this.#setup().check(signal);
    if (check.usable) await this.open();
    return check;
  }

  /** Runs an inquiry again from its stored tool results; it decides nothing, and costs tokens of the day. */
  async replay(inquiry: Inquiry, signal: AbortSignal): Promise<Inquiry> {
    const setup = this.#setup();
    if (this.#judge.isSpent) throw new Error(this.#judge.spentText);
    const again = await setup.replay(inquiry, this.#inquiries.nextId(), signal);
    this.#parts.store.recordInquiry(again);
    this.#judge.spend(again, null);
    return again;
  }

  /** The verdicts in force, newest first. */
  learned(): readonly KeptVerdict[] {
    const { setup } = this.#judge.server;
    return setup === null ? [] : this.#kept.list(setup, Date.now() as UnixMs);
  }

  forget(domain: RegistrableDomain): boolean {
    this.#failed.forget(domain);
    return this.#kept.forget(domain);
  }

  status(): Status['judge'] {
    const { state, config, tokensUsed, server } = this.#judge;
    return {
      state,
      detail: server.detail,
      model: config.model,
      apiUrl: config.apiUrl,
      running: this.#inquiries.running,
      waiting: this.#inquiries.waiting,
      done: this.#done,
      marked: this.#marked,
      tokensToday: tokensUsed,
      dailyTokens: config.dailyTokens,
    };
  }

  #setup(): JudgeSetup {
    const { setup, detail } = this.#judge.server;
    if (setup !== null) return setup;
    throw new Error(detail ?? 'the judge is off: set judge.enabled = true');
  }
}
