import type { Socket } from 'bun';
import type { FlowId, Host, Ip, UnixMs } from '../model/brand.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Effect, Evidence, FlowRecord, FlowState, Origin, Sniff, Verdict } from '../model/flow.ts';
import { assertNever } from '../model/never.ts';
import type { Subject } from '../model/subject.ts';
import { type Effected, effectOf } from '../policy/effect.ts';
import { decideRequest, forbiddenBy } from '../policy/proxy-request.ts';
import { decideUpstream, upstreamBlocked } from '../policy/upstream.ts';
import * as waiting from '../policy/waiting.ts';
import type { Candidates } from '../resolve/candidates.ts';
import { reach } from '../resolve/reach.ts';
import type { Sniffed } from '../sniff/sniffer.ts';
import { Carrier, type CarrierOwner } from './carrier.ts';
import type { Deadline, DeadlineQueue } from './deadline-queue.ts';
import { Dial, type DialEvents, type DialResult } from './dial.ts';
import { FirstBytes } from './first-bytes.ts';
import { forbiddenResponse } from './forbidden.ts';
import type { FlowContext } from './ports.ts';
import { sniffRecord } from './sniff-record.ts';
import { nameVerdict } from './verdicts.ts';

type Phase = 'sniffing' | 'deciding' | 'held' | 'dialling' | 'open' | 'lingering' | 'over';

/** One connection on its way through the stages; the only place that puts them in order. */
export class Flow implements DialEvents, CarrierOwner {
  readonly at = Date.now() as UnixMs;
  readonly #startedMs = performance.now();
  phase: Phase = 'sniffing';
  /** Grows with every phase: an answer that was asked for in an earlier one no longer counts. */
  #ticket = 0;
  #deadline: Deadline<Flow> | null = null;
  verdict: Verdict | null = null;
  defaulted = false;
  effect: Effect = 'held';
  #origin: Origin | null = null;
  readonly #first = new FirstBytes();
  #host: Host | null = null;
  #proxyHost: Host | null = null;
  #sniff: Sniff | null = null;
  #sniffedAtMs = 0;
  #verdictAtMs = 0;
  #clientEnded = false;
  #clientGone = false;
  #dial: Dial | null = null;
  readonly #carrier: Carrier;
  #nameMismatch = false;
  #upstreamIp: Ip | null = null;
  #connectUs: number | null = null;
  decisionUs = 0;
  state: FlowState = 'open';
  /** How the engine has counted it; null while it has not. */
  counted: Effect | null = null;
  #detail: string | null = null;
  #durationMs: number | null = null;

  constructor(
    private readonly context: FlowContext,
    readonly id: FlowId,
    private readonly client: Socket<Flow>,
    readonly peer: Endpoint,
    readonly dst: Endpoint,
  ) {
    this.#carrier = new Carrier(client, context.offload, this);
  }

  /** Begins attribution and the wait for the first byte, side by side. */
  start(): void {
    this.#turn(this.context.deadlines.silent);
    const deadlineMs = performance.now() + this.context.config.proxy.sniffTimeoutMs;
    const found = this.context.attributor.lookup(this.peer, this.dst, deadlineMs);
    if (found instanceof Promise) void found.then((origin) => this.#attributed(origin));
    else this.#origin = found;
  }

  clientData(bytes: Uint8Array): void {
    if (this.#isSniffing) this.#look(bytes);
    else if (this.phase === 'open') this.#carrier.splice?.fromClient(bytes);
    else if (this.phase === 'deciding' || this.phase === 'held' || this.phase === 'dialling') {
      if (this.#first.keep(bytes)) this.client.pause();
    }
  }

  /** Before the verdict, and after it as long as both sides have been silent. */
  get #isSniffing(): boolean {
    return this.#first.sniffing && (this.phase === 'sniffing' || this.phase === 'open');
  }

  clientDrained(): void {
    this.#carrier.splice?.clientDrained();
  }

  clientEnd(): void {
    if (this.#clientEnded) return;
    this.#clientEnded = true;
    if (this.phase === 'lingering') this.client.end();
    else if (this.#isSniffing) this.#sniffOver();
    else if (this.phase === 'open') this.#carrier.splice?.clientEnd();
    // A handshake needs more from the client: one that ends after its hello has given up.
    else if (this.phase === 'held' && this.#sniff?.protocol === 'tls') this.clientClosed(false);
  }

  clientClosed(failed: boolean): void {
    if (this.#carrier.isMoved || this.phase === 'over' || this.phase === 'lingering') return;
    if (this.phase === 'open') return void this.#carrier.splice?.clientClosed(failed);
    this.#clientGone = true;
    if (this.phase === 'sniffing') this.#sniffOver();
    else if (this.verdict !== null) this.#finish('client_reset', null);
  }

  /** What came has to do; of a client that was silent, whose server speaks first, address and port decide. */
  sniffTimedOut(): void {
    if (this.#isSniffing) this.#sniffOver();
  }

  connectTimedOut(): void {
    if (this.phase === 'dialling') this.dialFailed('ETIMEDOUT');
  }

  holdTimedOut(): void {
    if (this.phase !== 'held') return;
    const held = this.#verdict();
    const waitedMs = performance.now() - this.#verdictAtMs;
    if (held.stage === 'judge') this.#settle(waiting.judgeTooLate(held, waitedMs));
    else this.#settle({ ...held, reason: this.context.unanswered() });
  }

  lingered(): void {
    if (this.phase === 'lingering') this.client.terminate();
  }

  // --- sniff and decide ---

  #look(bytes: Uint8Array): void {
    const begins = !this.#first.begun;
    const outcome = this.#first.look(bytes);
    if (outcome.state === 'done') this.#sniffDone(outcome.sniffed);
    else if (begins) this.#turn(this.context.deadlines[this.#first.isStrange ? 'silent' : 'sniff']);
  }

  #sniffOver(): void {
    const sniffed = this.#first.giveUp();
    if (sniffed !== null) this.#sniffDone(sniffed);
  }

  #sniffDone(sniffed: Sniffed): void {
    const second = this.phase === 'open';
    // A silent client may still name its server before the server speaks.
    const silent = sniffed.protocol === 'silent' && !this.#clientEnded && !this.#clientGone;
    this.#first.conclude(silent && !second);
    if (second && sniffed.host === null && sniffed.protocol !== 'tls' && sniffed.protocol !== 'http') {
      this.#flush();
      return;
    }
    this.#turn(null);
    this.phase = 'deciding';
    this.#host = sniffed.host;
    this.#proxyHost = sniffed.proxyHost;
    this.#sniff = sniffRecord(sniffed, (raw) => this.context.ja4(raw));
    this.#sniffedAtMs = performance.now();
    if (this.#origin !== null) this.#decide(this.#origin);
  }

  #attributed(origin: Origin): void {
    this.#origin = origin;
    if (this.phase === 'deciding') this.#decide(origin);
  }

  #decide(origin: Origin): void {
    const refusal = this.context.refusal(origin);
    if (refusal === null) this.#think(this.subject(origin));
    else this.#settle(refusal);
  }

  /** Decides; where that rests on what is still being looked up, it is decided anew once that is there or too late. */
  #think(subject: Subject): void {
    this.context.observe(subject);
    const verdict = this.#decision(subject);
    const missing = this.#clientGone ? null : this.context.missing(subject, verdict);
    const ticket = this.#ticket;
    if (missing === null) this.#settle(verdict);
    else void missing.then(() => this.#ticket === ticket && this.#settle(this.#decision(subject)));
  }

  #decision(subject: Subject): Verdict {
    const verdict = decideRequest(subject, this.#proxyHost, this.context.policy);
    return waiting.answeredBy(
      waiting.yieldsToPerson(verdict) ? this.context.answered(subject) : null,
      verdict,
    );
  }

  subject(origin: Origin): Subject {
    return {
      origin,
      host: this.#host,
      ip: this.dst.ip,
      port: this.dst.port,
      sniff: this.#sniff,
      now: Date.now() as UnixMs,
    };
  }

  /** Asks the policy again after it changed. True when the flow was open and is reset now. */
  decideAgain(): boolean {
    if (this.#origin === null || this.verdict === null || this.phase === 'over') return false;
    const subject = this.subject(this.#origin);
    const verdict = this.#decision(subject);
    const { policy, config } = this.context;
    if (this.phase === 'held') {
      const next = waiting.afterWait(this.verdict, verdict, config.policy.mode);
      if (next !== null) this.#settle(next);
      else if (this.#note(waiting.newlyFound(this.verdict, verdict))) this.context.changed(this);
      return false;
    }
    if (this.effect !== 'forward' || waiting.outlasts(this.verdict, verdict)) return false;
    const forbidden = forbiddenBy(subject, verdict, this.#upstreamIp, policy, config.policy);
    if (forbidden === null) return false;
    this.#cut(forbidden);
    return true;
  }

  #settle(thought: Verdict): void {
    // The wait for a judge or a person is no time of ours.
    const isFirst = this.verdict === null;
    const effect = this.#take(thought, this.#canAsk(thought));
    this.#verdictAtMs = performance.now();
    if (isFirst) this.decisionUs = Math.round((this.#verdictAtMs - this.#sniffedAtMs) * 1_000);
    if (waiting.asksSomebody(thought, effect)) this.#tellWhoDecides();
    switch (effect) {
      case 'hold':
        this.#hold();
        return;
      case 'refuse':
        this.#refuse();
        return;
      case 'forward':
        this.effect = 'forward';
        if (this.#clientGone) this.#finish('client_reset', null);
        else this.#forward();
        return;
      default:
        assertNever(effect);
    }
  }

  #take(thought: Verdict, canAsk: boolean): Effected['effect'] {
    const { mode, unattended } = this.context.config.policy;
    const { effect, verdict, defaulted } = effectOf(thought, mode, unattended, canAsk);
    this.verdict = verdict;
    this.defaulted = defaulted;
    return effect;
  }

  #canAsk(thought: Verdict): boolean {
    if (thought.kind !== 'ask' || this.#clientGone || this.#origin === null) return false;
    return this.context.canAsk(thought, this.subject(this.#origin));
  }

  /** Judge or person get to know of it, and what they say of it joins the evidence. */
  #tellWhoDecides(): void {
    if (this.#origin === null) return;
    this.#note(this.context.waits(this, this.subject(this.#origin), this.#verdict()));
  }

  /** Adds to the evidence; false when there is nothing to add. */
  #note(said: readonly Evidence[]): boolean {
    const verdict = this.#verdict();
    if (said.length > 0) this.verdict = { ...verdict, evidence: [...verdict.evidence, ...said] };
    return said.length > 0;
  }

  #hold(): void {
    const { deadlines } = this.context;
    this.phase = 'held';
    this.effect = 'held';
    this.#turn(this.#verdict().stage === 'judge' ? deadlines.judge : deadlines.hold);
    this.context.changed(this);
  }

  /** No connection to the server exists or it is cut: the program gets a reset, plain HTTP an answer. */
  #refuse(): void {
    const http = this.#sniff?.protocol === 'http' && this.#carrier.splice === null;
    this.effect = http ? 'forbidden' : 'reset';
    this.#dropUpstream();
    this.#finish('refused', null);
    if (!http || this.#clientGone) {
      this.client.terminate();
      return;
    }
    this.client.write(forbiddenResponse(this.#host, this.dst.ip, this.#verdict()));
    this.client.shutdown();
    // Bytes of the request that are still on their way would turn our close into a reset that eats the answer.
    this.phase = 'lingering';
    this.client.resume();
    this.#turn(this.context.deadlines.linger);
  }

  // --- forward ---

  #forward(): void {
    this.phase = 'dialling';
    this.#turn(this.context.deadlines.connect);
    this.context.changed(this);
    const named = this.context.config.proxy.forward === 'original' ? null : this.#host;
    const found = reach(this.context.resolver, named, this.dst.ip, (ip) => this.#addressBlocked(ip));
    const ticket = this.#ticket;
    if (!(found instanceof Promise)) this.#reached(found);
    else void found.then((late) => this.#ticket === ticket && this.#reached(late));
  }

  #reached(found: Candidates): void {
    const host = this.#host;
    this.#nameMismatch = found.kind === 'some' ? found.mismatch : found.why !== 'name_unresolved';
    if (found.kind === 'none') {
      if (host !== null) this.verdict = nameVerdict(found.why, host, this.dst.ip);
      this.#refuse();
    } else if (!found.mismatch || this.#mayReach(found.ips[0] ?? this.dst.ip)) {
      this.#connect(found.ips);
    } else this.#refuse();
  }

  /** Decides for the address the name really leads to, when that is not the one that was dialled. */
  #mayReach(upstream: Ip): boolean {
    if (this.#origin === null) return false;
    const again = decideUpstream(this.subject(this.#origin), this.#verdict(), upstream, this.context.policy);
    return again === null || this.#take(again, false) === 'forward';
  }

  #addressBlocked(ip: Ip): boolean {
    if (this.#origin === null || this.verdict === null) return false;
    const { policy, config } = this.context;
    return upstreamBlocked(this.subject(this.#origin), this.verdict, ip, policy, config.policy);
  }

  #connect(ips: readonly Ip[]): void {
    if (this.#carrier.splice !== null && this.#upstreamIp !== null && ips.includes(this.#upstreamIp)) {
      this.#opened();
      return;
    }
    this.#dropUpstream();
    this.#dial = new Dial(ips, this.dst.port, this.context.connect, this, this.#carrier);
  }

  dialled({ socket, ip }: DialResult): void {
    this.#dial = null;
    this.#upstreamIp = ip;
    this.#connectUs = Math.round((performance.now() - this.#verdictAtMs) * 1_000);
    this.#carrier.connect(socket);
    this.#opened();
    this.context.changed(this);
  }

  #opened(): void {
    this.#turn(null);
    this.phase = 'open';
    if (this.#first.sniffing) this.#lookAtKept();
    else this.#flush();
  }

  /** What a silent client said while its server was being reached is looked at like all it says later. */
  #lookAtKept(): void {
    const { bytes, paused } = this.#first.release();
    if (paused) this.client.resume();
    if (bytes.length > 0) this.#look(Buffer.concat(bytes));
    if (this.#clientEnded && this.#isSniffing) this.#sniffOver();
  }

  #flush(): void {
    const { bytes, paused } = this.#first.release();
    if (paused) this.client.resume();
    this.#carrier.flush(bytes, this.#clientEnded);
  }

  dialFailed(code: string): void {
    this.#dropUpstream();
    this.#finish('connect_failed', code);
    this.client.terminate();
  }

  #dropUpstream(): void {
    this.#dial?.cancel();
    this.#dial = null;
    this.#carrier.disconnect();
  }

  // --- the server's socket ---

  data(bytes: Uint8Array): void {
    // The server spoke first: what the client says from here on answers it, and is no hello.
    if (this.phase === 'open' && this.#first.sniffing) {
      this.#first.conclude(false);
      this.#turn(null);
      this.#flush();
    }
    this.#carrier.splice?.fromUpstream(bytes);
  }

  mayMove(): boolean {
    return this.phase === 'open' && !this.#first.sniffing;
  }

  /** Frees two descriptors by handing the flow to the offload thread. True when it was. */
  relieve(): boolean {
    return this.mayMove() && this.#carrier.handOver();
  }

  carried(state: FlowState): void {
    // A flow that the offload thread was told to cut ended for our reason.
    this.#finish(this.state === 'open' ? state : this.state, null);
  }

  // --- the end ---

  /** Resets a flow that is forbidden by now; `verdict` is what forbids it. */
  #cut(verdict: Verdict): void {
    this.verdict = verdict;
    this.defaulted = false;
    this.effect = 'reset';
    this.#close('refused');
  }

  /** Ends the flow because the engine stops. */
  stop(): void {
    if (this.verdict === null) this.client.terminate();
    else this.#close('engine_stopped');
  }

  #close(state: FlowState): void {
    if (this.#carrier.cutMoved()) {
      this.state = state;
      if (state === 'engine_stopped') this.#finish(state, null);
      return;
    }
    this.#dropUpstream();
    this.#finish(state, null);
    this.client.terminate();
  }

  #finish(state: FlowState, detail: string | null): void {
    if (this.phase === 'over') return;
    this.phase = 'over';
    // No server is to be reached any more for a client that went.
    if (state === 'client_reset') this.#dropUpstream();
    this.#turn(null);
    this.state = state;
    this.#detail = detail;
    this.#durationMs = Math.round(performance.now() - this.#startedMs);
    this.#first.conclude(false);
    this.#first.release();
    this.context.changed(this);
    this.context.over(this);
  }

  /** Begins something new: what was set or asked for before no longer counts, and `deadlines` limits what begins. */
  #turn(deadlines: DeadlineQueue<Flow> | null): void {
    this.#ticket++;
    this.#deadline?.lift();
    this.#deadline = deadlines?.add(this) ?? null;
  }

  #verdict(): Verdict {
    if (this.verdict === null) throw new Error('a flow was settled before it was decided');
    return this.verdict;
  }

  /** True when a flow that was told of has moved bytes since the last time this was asked. */
  hasNews(): boolean {
    return this.verdict !== null && this.#carrier.hasMoved();
  }

  recordIfDecided(): FlowRecord | null {
    return this.verdict === null || this.#sniff === null || this.#origin === null ? null : this.record();
  }

  /** The flow as the ledger and the screen see it; only after a verdict. */
  record(): FlowRecord {
    return {
      id: this.id,
      at: this.at,
      origin: this.#origin as Origin,
      target: { host: this.#host, ip: this.dst.ip, port: this.dst.port },
      sniff: this.#sniff as Sniff,
      verdict: this.#verdict(),
      mode: this.context.config.policy.mode,
      effect: this.effect,
      defaulted: this.defaulted,
      nameMismatch: this.#nameMismatch,
      upstreamIp: this.#upstreamIp,
      state: this.state,
      detail: this.#detail,
      bytesIn: this.#carrier.bytesIn,
      bytesOut: this.#carrier.bytesOut,
      decisionUs: this.decisionUs,
      connectUs: this.#connectUs,
      durationMs: this.#durationMs,
    };
  }
}
