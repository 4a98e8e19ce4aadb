import type { Socket } from 'bun';
import type { FlowId, UnixMs } from '../model/brand.ts';
import { clientSpeaksFirst } from '../model/client-speaks-first.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Effect, FlowRecord, FlowState, Origin, Verdict } from '../model/flow.ts';
import { assertNever } from '../model/never.ts';
import * as waiting from '../policy/waiting.ts';
import type { Sniffed } from '../sniff/sniffer.ts';
import { Carrier, type CarrierOwner } from './carrier.ts';
import type { Deadline, DeadlineQueue } from './deadline-queue.ts';
import type { TimedFlow } from './deadlines.ts';
import { Decision } from './decision.ts';
import { FirstBytes } from './first-bytes.ts';
import { forbiddenResponse } from './forbidden.ts';
import { LaterBytes, type LaterOwner } from './later-bytes.ts';
import type { FlowParts, ReportedFlow } from './ports.ts';
import { SecondLook } from './second-look.ts';
import { Upstream, type UpstreamOwner } from './upstream.ts';
import { SAID_NOTHING } from './verdicts.ts';

type Phase = 'sniffing' | 'deciding' | 'held' | 'dialling' | 'open' | 'lingering' | 'over';

/** One connection on its way through the stages; the only place that puts them in order. */
export class Flow implements UpstreamOwner, CarrierOwner, LaterOwner, TimedFlow, ReportedFlow {
  readonly at = Date.now() as UnixMs;
  readonly #startedMs = performance.now();
  phase: Phase = 'sniffing';
  /** Grows with every phase: an answer that was asked for in an earlier one no longer counts. */
  #ticket = 0;
  #deadline: Deadline<TimedFlow> | null = null;
  readonly #decision: Decision;
  readonly #secondLook: SecondLook;
  effect: Effect = 'held';
  readonly #first: FirstBytes;
  /** What looks at the client's bytes behind the first; null for those that nobody can read. */
  later: LaterBytes | null = null;
  #clientEnded = false;
  #clientGone = false;
  readonly #carrier: Carrier;
  readonly #upstream: Upstream;
  state: FlowState = 'open';
  counted: Effect | null = null;
  #detail: string | null = null;
  #durationMs: number | null = null;

  constructor(
    private readonly parts: FlowParts,
    readonly id: FlowId,
    private readonly client: Socket<Flow>,
    readonly peer: Endpoint,
    readonly dst: Endpoint,
  ) {
    this.#decision = new Decision(parts.deciding, dst);
    this.#first = new FirstBytes(clientSpeaksFirst(dst.port));
    this.#carrier = new Carrier(client, parts.offload, this);
    this.#secondLook = new SecondLook(parts.attributor, peer, dst, this.#decision);
    this.#upstream = new Upstream(parts, peer.ip, dst, this.#decision, this.#carrier, this);
  }

  get isHeld(): boolean {
    return this.phase === 'held';
  }

  /** Begins attribution and the wait for the first byte, side by side. */
  start(): void {
    this.#turn(this.parts.deadlines.silent);
    const deadlineMs = performance.now() + this.parts.settings.sniffTimeoutMs;
    const found = this.parts.attributor.lookup(this.peer, this.dst, deadlineMs);
    if (found instanceof Promise) void found.then((origin) => this.#attributed(origin));
    else this.#decision.origin = found;
  }

  clientData(bytes: Uint8Array): void {
    if (this.#isSniffing) this.#look(bytes);
    else if (this.phase === 'open') this.#clientSays(bytes);
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
    else if (this.phase === 'open') this.#clientFinished();
    // A handshake needs more from the client: one that ends after its hello has given up.
    else if (this.phase === 'held' && this.#decision.sniff?.protocol === 'tls') this.clientClosed(false);
  }

  clientClosed(failed: boolean): void {
    if (this.#carrier.isMoved || this.phase === 'over' || this.phase === 'lingering') return;
    if (this.phase === 'open') return void this.#carrier.clientClosed(failed);
    this.#clientGone = true;
    if (this.phase === 'sniffing') this.#sniffOver();
    else if (this.#decision.verdict !== null) this.#finish('client_reset', null);
  }

  /** What came has to do; of a client that was silent, whose server speaks first, address and port decide. */
  sniffTimedOut(): void {
    if (!this.#isSniffing) this.later?.timedOut();
    else if (this.phase === 'sniffing' && !this.#first.begun && this.#first.isExpected) this.#keepSilent();
    else this.#sniffOver();
  }

  /** A server that hears nothing closes after a while; here no server has heard of the client yet. */
  idleTimedOut(): void {
    if (this.#isSniffing) this.#sniffOver();
  }

  connectTimedOut(): void {
    if (this.phase === 'dialling') this.dialFailed('ETIMEDOUT');
  }

  holdTimedOut(): void {
    if (this.phase !== 'held') return;
    const held = this.#decision.given;
    if (held.stage === 'judge') this.#settle(waiting.judgeTooLate(held, this.#decision.sinceVerdictMs));
    else this.#settle({ ...held, reason: this.parts.asking.unanswered() });
  }

  lingered(): void {
    if (this.phase === 'lingering') this.client.terminate();
  }

  // --- sniff and decide ---

  #look(bytes: Uint8Array): void {
    const outcome = this.#first.look(bytes);
    if (outcome.state === 'done') this.#sniffDone(outcome.sniffed, true);
    else {
      const wait = this.#first.newWait();
      if (wait !== null) this.#turn(this.parts.deadlines[wait]);
    }
  }

  #sniffOver(): void {
    const sniffed = this.#first.giveUp();
    if (sniffed !== null) this.#sniffDone(sniffed, false);
  }

  /** Nothing is dialled for a client before it has spoken, where its server never does so first. */
  #keepSilent(): void {
    this.#turn(this.parts.deadlines.idle);
    const { origin } = this.#decision;
    const refusal = origin === null ? null : this.parts.deciding.refusal(origin);
    if (refusal !== null) this.#sniffOver();
    else this.parts.journal.waits(this.id, origin?.uid ?? null);
  }

  /** `isCertain`: no more bytes could have told more. */
  #sniffDone(sniffed: Sniffed, isCertain: boolean): void {
    const second = this.phase === 'open';
    this.later = sniffed.protocol === 'tls' ? null : new LaterBytes(sniffed, isCertain, this);
    // A silent client may still name its server before the server speaks.
    const silent = sniffed.protocol === 'silent' && !this.#clientEnded && !this.#clientGone;
    this.#first.conclude(silent && !second);
    if (second && sniffed.host === null && sniffed.protocol !== 'tls' && sniffed.protocol !== 'http') {
      this.#flush();
      return;
    }
    this.#turn(null);
    this.phase = 'deciding';
    this.#decision.sniffed(sniffed, (raw) => this.parts.ja4(raw));
    this.#decide();
  }

  #attributed(origin: Origin): void {
    this.#decision.origin = origin;
    this.#decide();
  }

  /** Decides once first bytes and program are known; where that rests on what is still looked up, anew once it is there or too late. */
  #decide(): void {
    const { origin } = this.#decision;
    if (this.phase !== 'deciding' || origin === null) return;
    const { deciding } = this.parts;
    const refusal = deciding.refusal(origin);
    if (refusal !== null) {
      this.#settle(refusal);
      return;
    }
    const isSilent = this.#decision.sniff?.protocol === 'silent';
    if (isSilent) this.#decision.suspect(this.parts.refusedNames.of(origin, this.dst.ip, performance.now()));
    const subject = this.#decision.subject();
    deciding.observe(subject);
    const verdict = this.#decision.think(subject);
    if (isSilent && this.#first.isExpected) {
      this.#saidNothing(verdict);
      return;
    }
    if (this.#looksAgain(verdict, () => this.#decide())) return;
    const missing = this.#clientGone ? null : deciding.missing(subject, verdict);
    const ticket = this.#ticket;
    if (missing === null) this.#settle(verdict);
    else void missing.then(() => this.#ticket === ticket && this.#settle(this.#decision.think()));
  }

  /**
   * Asks once more whose the client's socket is, where only that it is not known blocks the flow; then goes on with `then`. False
   * when that was done, or would find nothing.
   */
  #looksAgain(verdict: Verdict, then: () => void): boolean {
    const looked = this.#clientGone ? null : this.#secondLook.take(verdict);
    if (looked === null) return false;
    const ticket = this.#ticket;
    void looked.then(() => this.#ticket === ticket && then());
    return true;
  }

  /** Asks the policy again after it changed. True when the flow was open and is reset now. */
  decideAgain(): boolean {
    const held = this.#decision.verdict;
    if (held === null || this.phase === 'over') return false;
    if (this.phase === 'held') {
      const verdict = this.#decision.think();
      const next = waiting.afterWait(held, verdict, this.parts.deciding.mode);
      if (next !== null && this.#looksAgain(next, () => this.decideAgain())) return false;
      if (next !== null) this.#settle(next);
      else if (this.#decision.note(waiting.newlyFound(held, verdict))) this.parts.journal.changed(this);
      return false;
    }
    const forbidden = this.effect === 'forward' ? this.#decision.forbidden(this.#upstream.ip) : null;
    if (forbidden === null || this.#looksAgain(forbidden, () => this.decideAgain())) return false;
    this.#cut(forbidden);
    return true;
  }

  #settle(thought: Verdict): void {
    const effect = this.#decision.settle(thought, this.#canAsk(thought));
    if (waiting.asksSomebody(thought, effect)) this.#ask();
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

  /** Ends a connection that no server is reached for; what would be refused even with a word counts as that. */
  #saidNothing(thought: Verdict): void {
    if (thought.kind === 'block' && this.parts.deciding.mode !== 'permissive') {
      this.#settle(thought);
      return;
    }
    this.#decision.overrule(SAID_NOTHING);
    this.effect = 'closed';
    this.#finish(this.#clientGone ? 'client_reset' : 'closed', null);
    this.client.end();
  }

  #canAsk(thought: Verdict): boolean {
    if (thought.kind !== 'ask' || this.#clientGone) return false;
    return this.parts.asking.canAsk(thought, this.#decision.subject());
  }

  /** Judge or person get to know of it, and what they say of it joins the evidence. */
  #ask(): void {
    const { given } = this.#decision;
    this.#decision.note(this.parts.asking.wait(this, this.#decision.subject(), given));
  }

  #hold(): void {
    const { deadlines } = this.parts;
    this.phase = 'held';
    this.effect = 'held';
    this.#turn(this.#decision.given.stage === 'judge' ? deadlines.judge : deadlines.hold);
    this.parts.journal.changed(this);
  }

  /** No connection to the server exists or it is cut: the program gets a reset, plain HTTP an answer. */
  #refuse(): void {
    const http = this.#decision.sniff?.protocol === 'http' && this.#carrier.splice === null;
    this.effect = http ? 'forbidden' : 'reset';
    this.#upstream.leave();
    const { origin, host } = this.#decision;
    if (host !== null && origin !== null)
      this.parts.refusedNames.note(origin, this.dst.ip, host, performance.now());
    this.#finish('refused', null);
    if (!http || this.#clientGone) {
      this.client.terminate();
      return;
    }
    this.client.write(forbiddenResponse(this.#decision.host, this.dst.ip, this.#decision.given));
    this.client.shutdown();
    // Bytes of the request that are still on their way would turn our close into a reset that eats the answer.
    this.phase = 'lingering';
    this.client.resume();
    this.#turn(this.parts.deadlines.linger);
  }

  // --- forward ---

  #forward(): void {
    this.phase = 'dialling';
    this.#turn(this.parts.deadlines.connect);
    this.parts.journal.changed(this);
    this.#upstream.reach();
  }

  unreachable(): void {
    this.#refuse();
  }

  reached(anew: boolean): void {
    this.#opened();
    if (anew) this.parts.journal.changed(this);
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
    if (this.later === null) this.#carrier.flush(bytes);
    else this.later.first(bytes);
    if (this.#clientEnded) this.#clientFinished();
  }

  // --- what the client says later ---

  #clientSays(bytes: Uint8Array): void {
    if (this.later === null) this.#carrier.splice?.fromClient(bytes);
    else {
      this.later.fromClient(bytes);
      this.#carrier.offer();
    }
  }

  #clientFinished(): void {
    this.later?.timedOut();
    if (this.phase === 'open') this.#carrier.splice?.clientEnd();
  }

  pass(bytes: Uint8Array): void {
    this.#carrier.splice?.fromClient(bytes);
  }

  cuts(found: Sniffed): boolean {
    const verdict = this.#decision.later(found, (raw) => this.parts.ja4(raw));
    if (verdict !== null) this.#cut(verdict);
    else if (found.protocol === 'tls') this.parts.journal.changed(this);
    return verdict !== null;
  }

  keeps(how: 'long' | 'short' | null): void {
    this.#limit(how === null ? null : this.parts.deadlines[how === 'long' ? 'sniff' : 'silent']);
  }

  dialFailed(code: string): void {
    this.#upstream.leave();
    this.#finish('connect_failed', code);
    this.client.terminate();
  }

  // --- the server's socket ---

  serverSays(bytes: Uint8Array): void {
    // The server spoke first: what the client says from here on answers it, and is no hello.
    if (this.phase === 'open' && this.#first.sniffing) {
      this.#first.conclude(false);
      this.#turn(null);
      this.#flush();
    }
    this.#carrier.splice?.fromUpstream(bytes);
  }

  get isOpen(): boolean {
    return this.phase === 'open' && !this.#first.sniffing;
  }

  /** Frees two descriptors by handing the flow to the offload thread. True when it was. */
  relieve(): boolean {
    return this.#carrier.handOver();
  }

  carried(state: FlowState): void {
    // A flow that the offload thread was told to cut ended for our reason.
    this.#finish(this.state === 'open' ? state : this.state, null);
  }

  // --- the end ---

  /** Resets a flow that is forbidden by now; `verdict` is what forbids it. */
  #cut(verdict: Verdict): void {
    this.#decision.overrule(verdict);
    this.effect = 'reset';
    this.#close('refused');
  }

  /** Ends the flow because the engine stops. */
  stop(): void {
    if (this.#decision.verdict === null) this.client.terminate();
    else this.#close('engine_stopped');
  }

  #close(state: FlowState): void {
    if (this.#carrier.cutMoved()) {
      this.state = state;
      if (state === 'engine_stopped') this.#finish(state, null);
      return;
    }
    this.#upstream.leave();
    this.#finish(state, null);
    this.client.terminate();
  }

  #finish(state: FlowState, detail: string | null): void {
    if (this.phase === 'over') return;
    this.phase = 'over';
    // No server is to be reached any more for a client that went.
    if (state === 'client_reset') this.#upstream.leave();
    this.#turn(null);
    this.state = state;
    this.#detail = detail;
    this.#durationMs = Math.round(performance.now() - this.#startedMs);
    this.#first.conclude(false);
    this.#first.release();
    this.parts.journal.changed(this);
    this.parts.journal.over(this);
  }

  /** Begins something new: what was set or asked for before no longer counts, and `deadlines` limits what begins. */
  #turn(deadlines: DeadlineQueue<TimedFlow> | null): void {
    this.#ticket++;
    this.#limit(deadlines);
  }

  #limit(deadlines: DeadlineQueue<TimedFlow> | null): void {
    this.#deadline?.lift();
    this.#deadline = deadlines?.add(this) ?? null;
  }

  /** True when a flow that was told of has moved bytes since the last time this was asked. */
  hasNews(): boolean {
    return this.#decision.verdict !== null && this.#carrier.hasMoved();
  }

  recordIfDecided(): FlowRecord | null {
    return this.#decision.verdict === null ? null : this.record();
  }

  /** The flow as the ledger and the screen see it. Throws before there is a verdict. */
  record(): FlowRecord {
    const { origin, host, sniff, given, defaulted, decisionUs } = this.#decision;
    if (origin === null || sniff === null) throw new Error('a flow was told of before it was decided');
    return {
      id: this.id,
      at: this.at,
      origin,
      target: { host, ip: this.dst.ip, port: this.dst.port },
      sniff,
      verdict: given,
      mode: this.parts.deciding.mode,
      effect: this.effect,
      defaulted,
      nameMismatch: this.#upstream.nameMismatch,
      upstreamIp: this.#upstream.ip,
      state: this.state,
      detail: this.#detail,
      bytesIn: this.#carrier.bytesIn,
      bytesOut: this.#carrier.bytesOut,
      decisionUs,
      connectUs: this.#upstream.connectUs,
      durationMs: this.#durationMs,
    };
  }
}
