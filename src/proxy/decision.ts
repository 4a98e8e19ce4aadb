import type { Host, Ip, RegistrableDomain, UnixMs } from '../model/brand.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Evidence, Origin, Sniff, Verdict } from '../model/flow.ts';
import type { Subject } from '../model/subject.ts';
import { decide } from '../policy/decide.ts';
import { type Effected, effectOf } from '../policy/effect.ts';
import { blockOf, decideRequest, forbiddenBy } from '../policy/proxy-request.ts';
import { decideUpstream, upstreamBlocked } from '../policy/upstream.ts';
import { outlasts } from '../policy/waiting.ts';
import type { Sniffed } from '../sniff/sniffer.ts';
import type { Deciding } from './ports.ts';
import { sniffRecord } from './sniff-record.ts';
import { anotherHostVerdict } from './verdicts.ts';

interface Named {
  readonly host: Host;
  readonly domain: RegistrableDomain | null;
}

const NONE: readonly Named[] = [];

/** What is known of one connection and what was decided of it. Holds no socket and no time limit. */
export class Decision {
  /** Null until the program is looked up; unknown is a value of its own. */
  origin: Origin | null = null;
  sniff: Sniff | null = null;
  verdict: Verdict | null = null;
  /** Nothing decided, and `policy.unattended` did. */
  defaulted = false;
  /** From the last byte the sniffer needed to the first verdict, microseconds; waits for judge or person are no time of ours. */
  decisionUs = 0;
  #name: Named | null = null;
  /** Names beside its own, which can only block it: what is asked of a proxy, what was refused to the program a moment ago. */
  #wanted: readonly Named[] = NONE;
  /** Whether what it says is for a proxy, or for whoever is behind one: then its address decides, and names only block. */
  #isProxied = false;
  #sniffedAtMs = 0;
  #verdictAtMs = 0;

  constructor(
    private readonly deciding: Deciding,
    private readonly dst: Endpoint,
  ) {}

  /** The name the client asked for; null for a bare address. */
  get host(): Host | null {
    return this.#name?.host ?? null;
  }

  /** The verdict that fell. Throws before there is one. */
  get given(): Verdict {
    if (this.verdict === null) throw new Error('a flow was settled before it was decided');
    return this.verdict;
  }

  get sinceVerdictMs(): number {
    return performance.now() - this.#verdictAtMs;
  }

  /** Takes what the first bytes told. */
  sniffed(sniffed: Sniffed, ja4: (raw: string) => string): void {
    this.#name = this.#named(sniffed.host);
    this.#wanted = this.#namedAll(sniffed.wanted);
    this.#isProxied = sniffed.isProxied;
    this.sniff = sniffRecord(sniffed, ja4);
    this.#sniffedAtMs = performance.now();
  }

  /** Takes names that the connection is taken to be for, though its client did not say so. */
  suspect(hosts: readonly Host[]): void {
    this.#wanted = this.#namedAll(hosts);
  }

  #named(host: Host | null): Named | null {
    return host === null ? null : { host, domain: this.deciding.domainOf(host) };
  }

  #namedAll(hosts: readonly Host[]): readonly Named[] {
    return hosts.length === 0 ? NONE : hosts.map((host) => ({ host, domain: this.deciding.domainOf(host) }));
  }

  /** What is to be decided. Throws before the program was looked up. */
  subject(): Subject {
    return this.#subjectOf(this.#name);
  }

  #subjectOf(name: Named | null): Subject {
    if (this.origin === null) throw new Error('a flow was to be decided before its program was looked up');
    return {
      origin: this.origin,
      host: name?.host ?? null,
      domain: name?.domain ?? null,
      ip: this.dst.ip,
      port: this.dst.port,
      sniff: this.sniff,
      now: Date.now() as UnixMs,
    };
  }

  /** What the policy says now. */
  think(subject: Subject = this.subject()): Verdict {
    const wanted = this.#wanted.length === 0 ? [] : this.#wanted.map((name) => this.#subjectOf(name));
    return decideRequest(subject, wanted, this.deciding.policy);
  }

  /** Settles on a verdict and says what is done by it; `canAsk`: somebody can answer an `ask` now. */
  settle(thought: Verdict, canAsk: boolean): Effected['effect'] {
    const isFirst = this.verdict === null;
    const effect = this.#take(thought, canAsk);
    this.#verdictAtMs = performance.now();
    if (isFirst) this.decisionUs = Math.round((this.#verdictAtMs - this.#sniffedAtMs) * 1_000);
    return effect;
  }

  #take(thought: Verdict, canAsk: boolean): Effected['effect'] {
    const { mode, unattended } = this.deciding;
    const { effect, verdict, defaulted } = effectOf(thought, mode, unattended, canAsk);
    this.verdict = verdict;
    this.defaulted = defaulted;
    return effect;
  }

  /** Adds to the evidence; false when there is nothing to add. */
  note(said: readonly Evidence[]): boolean {
    const verdict = this.given;
    if (said.length > 0) this.verdict = { ...verdict, evidence: [...verdict.evidence, ...said] };
    return said.length > 0;
  }

  /** Takes a verdict that ends a connection which was open. */
  overrule(verdict: Verdict): void {
    this.verdict = verdict;
    this.defaulted = false;
  }

  /**
   * What the client says on the open connection, which was decided already: the verdict that forbids it, null when it may go on. A
   * request must be for the host that the connection was made for; any other name can only block.
   */
  later(sniffed: Sniffed, ja4: (raw: string) => string): Verdict | null {
    const verdict = this.#laterVerdict(sniffed);
    if (sniffed.protocol === 'tls' && this.sniff !== null) {
      const { protocol, httpHost } = this.sniff;
      this.sniff = { ...sniffRecord(sniffed, ja4), protocol, httpHost };
    }
    if (verdict === null) return null;
    const { mode, unattended } = this.deciding;
    return effectOf(verdict, mode, unattended, false).effect === 'refuse' ? verdict : null;
  }

  #laterVerdict(sniffed: Sniffed): Verdict | null {
    const { policy } = this.deciding;
    // In a skipped range everything passes, whatever it says.
    if (this.given.stage === 'skip') return null;
    if (sniffed.malformed !== null) {
      const { ja4r: _, ...sniff } = sniffed;
      const verdict = decide({ ...this.#subjectOf(null), sniff: { ...sniff, ja4: null } }, policy);
      return verdict.kind === 'block' ? verdict : null;
    }
    const names = sniffed.host === null ? sniffed.wanted : [sniffed.host, ...sniffed.wanted];
    if (sniffed.protocol === 'http' && this.sniff?.protocol === 'http' && !this.#isProxied) {
      const same = names.length === 0 ? this.host === null : names.every((name) => name === this.host);
      return same ? null : anotherHostVerdict(names.find((name) => name !== this.host) ?? null, this.host);
    }
    if (names.length > 0) this.#wanted = this.#namedAll(names);
    return blockOf(
      this.#wanted.map((name) => this.#subjectOf(name)),
      policy,
    );
  }

  /** The verdict that forbids the open connection by now; null when it may go on. */
  forbidden(upstream: Ip | null): Verdict | null {
    const subject = this.subject();
    const verdict = this.think(subject);
    if (outlasts(this.given, verdict)) return null;
    return forbiddenBy(subject, verdict, upstream, this.deciding.policy, this.deciding);
  }

  /** Decides for the address the name really leads to, when that is not the one that was dialled. */
  mayReach(upstream: Ip): boolean {
    const again = decideUpstream(this.subject(), this.given, upstream, this.deciding.policy);
    return again === null || this.#take(again, false) === 'forward';
  }

  /** Whether an address that the name leads to is refused. */
  isBlocked(upstream: Ip): boolean {
    return upstreamBlocked(this.subject(), this.given, upstream, this.deciding.policy, this.deciding);
  }
}
