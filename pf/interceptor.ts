import type { PcbTable } from '../src/attribute/darwin/pcb-table.ts';
import type { Accepted, Interceptor, OriginalDst, ProbeResult } from '../src/intercept/interceptor.ts';
import type { CheckItem } from '../src/model/check-item.ts';
import type { Endpoint } from '../src/model/endpoint.ts';
import type { InterceptPlan } from '../src/model/intercept-plan.ts';
import { renderAnchor } from './anchor.ts';
import type { Lo0Form, V6Path } from './anchor-name.ts';
import { checkMachine } from './check.ts';
import { decodeNatlook, encodeNatlook } from './natlook.ts';
import { type NatAnswer, settleOriginalDst } from './original-dst.ts';
import { Probes, probeTargets } from './probe.ts';
import {
  anchorRules,
  checkAnchor,
  enable,
  isEnabled,
  loadAnchor,
  mainRulesProblem,
  type Pfctl,
  pfctlWith,
  type Run,
  references,
  release,
  reloadMainRules,
  stateTable,
} from './runner.ts';
import { readToken, removeToken, writeToken } from './token.ts';
import { removeAnchor } from './watchdog.ts';

/** Loading /etc/pf.conf again is done so often at most: whoever replaces it each time wants it so, and we would fight for ever. */
const MEND_EVERY_MS = 3_600_000;

/** The kernel's answer to DIOCNATLOOK: the filled-in structure, or the name of the error. */
export type NatlookReply =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly errno: string };

/** What the interceptor is made of; every outside thing is handed in. */
export interface PfParts {
  readonly run: Run;
  readonly pcbs: PcbTable;
  /** Null when /dev/pf cannot be opened: the client's own socket then is the only source. */
  readonly natlook: ((question: Uint8Array) => NatlookReply) | null;
  readonly tokenFile: string;
  /** Starts this program: absolute path, then arguments. */
  readonly selfCommand: readonly string[];
  /** The name of the engine's own group, for `check`. */
  readonly group: string;
  /** Told what a person should know, in one sentence. */
  readonly warn: (text: string) => void;
  /** 0 (inclusive) to 1. */
  readonly random: () => number;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
  /** The networks of the interfaces at this moment, CIDR text. */
  readonly interfaces: () => readonly string[];
}

/** Interception on macOS: one anchor of our own below com.apple, and the destination from the client's socket and pf. */
export class PfInterceptor implements Interceptor {
  readonly #pfctl: Pfctl;
  readonly #probes: Probes;
  #plan: InterceptPlan | null = null;
  #token: string | null = null;
  #v6: V6Path = 'loopback';
  /** A probe came through on this IPv6 path: a later failure has another cause. */
  #v6Proven = false;
  #linkLocalListener = false;
  #lo0: Lo0Form = 'stateful';
  /** A probe came through in some form, or both were tried. */
  #lo0Settled = false;
  #mainReloadedMs: number | null = null;
  /** Changes to pf, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: PfParts) {
    this.#pfctl = pfctlWith(parts.run);
    this.#probes = new Probes(parts.selfCommand, parts.run);
  }

  check(): Promise<readonly CheckItem[]> {
    return checkMachine(this.parts.run, this.parts.group);
  }

  install(plan: InterceptPlan): Promise<void> {
    return this.#inTurn(() => this.#install(plan));
  }

  remove(): Promise<void> {
    return this.#inTurn(async () => {
      this.#plan = null;
      await removeAnchor(this.#pfctl, this.parts.tokenFile);
      this.#token = null;
    });
  }

  /** pf tells nobody of its changes. */
  watch(): () => void {
    return () => undefined;
  }

  async installed(): Promise<boolean> {
    const { filter, redirect } = await anchorRules(this.#pfctl);
    return filter.length > 0 && redirect.length > 0 && (await isEnabled(this.#pfctl)) === true;
  }

  /** The token of our reference to pf: what the watchdog is armed with. Null before `install` and after `remove`. */
  installedId(): string | null {
    return this.#token;
  }

  /** Told when the proxy also listens on fe80::1 of lo0, which makes that path one to fall back to. */
  linkLocalListens(): void {
    this.#linkLocalListener = true;
  }

  originalDst(accepted: Accepted): OriginalDst {
    const nat = this.#askPf(accepted);
    // With very many sockets their list is too slow to take for one connection; pf alone then answers.
    if (nat.kind === 'dst' && this.parts.pcbs.crowded) return settleOriginalDst(accepted, [], nat);
    const walk = this.parts.pcbs.find(accepted.peer, null);
    return settleOriginalDst(accepted, walk?.sound ? walk.rows : null, nat);
  }

  /** Takes up to four times `timeoutMs` after an installation, while the path for IPv6 is being found. */
  async probe(timeoutMs: number): Promise<ProbeResult> {
    const plan = this.#plan;
    if (plan === null) return { state: 'not_enforced', detail: 'the rules are not installed' };
    const v4 = await this.#probeV4(plan, timeoutMs);
    if (v4.state === 'not_enforced') return v4;
    const v6 = await this.#probeV6(this.#targets(plan).v6, timeoutMs, v4.state === 'enforced');
    if (v6.state === 'not_enforced') return v6;
    if (v4.state !== 'enforced' && v6.state !== 'enforced') return v4;
    const table = await stateTable(this.#pfctl);
    if (table === null) return { state: 'enforced' };
    return { state: 'enforced', detail: `pf tracks ${table.states} of at most ${table.limit} connections` };
  }

  isProbe(dst: Endpoint): boolean {
    return this.#probes.isProbe(dst);
  }

  async #install(plan: InterceptPlan): Promise<void> {
    await this.#prepareMainRules();
    if (JSON.stringify(plan) !== JSON.stringify(this.#plan)) {
      this.#v6 = plan.ipv6Listener === false ? 'blocked' : 'loopback';
      this.#v6Proven = false;
      this.#lo0 = 'stateful';
      this.#lo0Settled = false;
    }
    const text = renderAnchor(plan, this.#v6, this.#lo0);
    const refused = await checkAnchor(this.#pfctl, text);
    if (refused !== null) throw new Error(`pfctl refuses the anchor: ${refused}`);
    // One token for the life of the engine: the watchdog is armed with it.
    if (await this.#holdsToken()) await loadAnchor(this.#pfctl, text);
    else await this.#loadUnderNewToken(text);
    this.#plan = plan;
  }

  async #holdsToken(): Promise<boolean> {
    const token = this.#token;
    return (
      token !== null &&
      readToken(this.parts.tokenFile) === token &&
      (await references(this.#pfctl)).some((reference) => reference.token === token)
    );
  }

  // The token is written before the rules are there: the watchdog of a dead engine then leaves them alone.
  async #loadUnderNewToken(text: string): Promise<void> {
    const { tokenFile } = this.parts;
    const before = readToken(tokenFile);
    const token = await enable(this.#pfctl);
    try {
      writeToken(tokenFile, token);
      await loadAnchor(this.#pfctl, text);
    } catch (error) {
      if (before === null) removeToken(tokenFile);
      else writeToken(tokenFile, before);
      await release(this.#pfctl, token);
      throw error;
    }
    this.#token = token;
    if (before !== null) await release(this.#pfctl, before);
  }

  async #prepareMainRules(): Promise<void> {
    const problem = await mainRulesProblem(this.#pfctl);
    if (problem === null) return;
    if (!(await this.#reloadMainRules(problem))) throw new Error(`${problem}; ${this.#mended()}`);
    const still = await mainRulesProblem(this.#pfctl);
    if (still !== null) throw new Error(`${still}, and loading /etc/pf.conf again did not change that`);
  }

  async #reloadMainRules(why: string): Promise<boolean> {
    const now = this.parts.now();
    if (this.#mainReloadedMs !== null && now - this.#mainReloadedMs < MEND_EVERY_MS) return false;
    this.#mainReloadedMs = now;
    await reloadMainRules(this.#pfctl);
    this.parts.warn(
      `${why}; loaded /etc/pf.conf again, which drops what other programs (VPN, virtual machines, Internet Sharing) had put into pf's main rule set`,
    );
    return true;
  }

  /** When /etc/pf.conf was loaded again, and why it is not at this moment. */
  #mended(): string {
    const minutes = Math.floor((this.parts.now() - (this.#mainReloadedMs ?? 0)) / 60_000);
    return `/etc/pf.conf was loaded again ${minutes} min ago, which is done once an hour at most: find what replaces pf's main rule set, or run sudo pfctl -f /etc/pf.conf`;
  }

  #targets(plan: InterceptPlan): ReturnType<typeof probeTargets> {
    return probeTargets(plan, this.#lo0, this.parts.random, this.parts.interfaces());
  }

  /** Mends the main rule set when nothing comes through, and then tries the form of the rules that was there before. */
  async #probeV4(plan: InterceptPlan, timeoutMs: number): Promise<ProbeResult> {
    const knock = async (): Promise<ProbeResult> => {
      const dst = this.#targets(plan).v4;
      if (dst === null)
        return { state: 'no_route', detail: 'the IPv4 probe addresses are in use or among intercept.skip' };
      return this.#probes.connect(dst, timeoutMs);
    };
    const first = await knock();
    if (first.state === 'enforced') this.#lo0Settled = true;
    if (first.state !== 'not_enforced') return first;
    try {
      const reloaded = await this.#inTurn(
        async () => this.#plan !== null && (await this.#reloadMainRules(first.detail)),
      );
      const second = reloaded ? await knock() : first;
      if (second.state === 'enforced') this.#lo0Settled = true;
      if (second.state !== 'not_enforced') return second;
      if (!this.#lo0Settled && (await this.#fallBack(second.detail, knock))) return { state: 'enforced' };
      return reloaded ? second : { ...second, detail: `${second.detail}; ${this.#mended()}` };
    } catch (error) {
      return { state: 'not_enforced', detail: `${first.detail}; ${messageOf(error)}` };
    }
  }

  /** Whether connections come through without states on lo0; the rules stay in that form then, and go back to the other else. */
  async #fallBack(why: string, knock: () => Promise<ProbeResult>): Promise<boolean> {
    await this.#inTurn(() => this.#loadForm('stateless'));
    this.#lo0Settled = true;
    const { state } = await knock();
    if (state === 'enforced') {
      this.parts.warn(
        `connections to ports 49152 to 65535 pass unseen: with states on lo0 nothing is redirected on this Mac (${why})`,
      );
      return true;
    }
    await this.#inTurn(() => this.#loadForm('stateful'));
    return false;
  }

  async #loadForm(lo0: Lo0Form): Promise<void> {
    if (this.#plan === null) throw new Error('the rules were removed meanwhile');
    await loadAnchor(this.#pfctl, renderAnchor(this.#plan, this.#v6, lo0));
    this.#lo0 = lo0;
  }

  async #probeV6(dst: Endpoint | null, timeoutMs: number, mayFallBack: boolean): Promise<ProbeResult> {
    if (dst === null) return { state: 'no_route', detail: 'the IPv6 probe address is among intercept.skip' };
    while (this.#v6 !== 'blocked') {
      const result = await this.#probes.connect(dst, timeoutMs);
      if (result.state === 'enforced') this.#v6Proven = true;
      if (result.state !== 'not_enforced' || this.#v6Proven || !mayFallBack) return result;
      try {
        await this.#inTurn(() => this.#nextV6Path(result.detail));
      } catch (error) {
        return { state: 'not_enforced', detail: `${result.detail}; ${messageOf(error)}` };
      }
    }
    return { state: 'no_route', detail: 'IPv6 connections are refused' };
  }

  async #nextV6Path(why: string): Promise<void> {
    if (this.#plan === null) throw new Error('the rules were removed meanwhile');
    const next = this.#v6 === 'loopback' && this.#linkLocalListener ? 'link_local' : 'blocked';
    await loadAnchor(this.#pfctl, renderAnchor(this.#plan, next, this.#lo0));
    this.#v6 = next;
    if (next === 'blocked')
      this.parts.warn(`IPv6 connections are refused, so that programs use IPv4: ${why}`);
  }

  #askPf(accepted: Accepted): NatAnswer {
    const question = encodeNatlook(accepted.peer, accepted.local);
    if (this.parts.natlook === null || question === null) {
      return { kind: 'unavailable', error: question === null ? 'no question for pf' : 'pf cannot be asked' };
    }
    const reply = this.parts.natlook(question);
    if (!reply.ok) {
      return reply.errno === 'ENOENT'
        ? { kind: 'no_state' }
        : { kind: 'unavailable', error: `pf cannot be asked: ${reply.errno}` };
    }
    const dst = decodeNatlook(reply.bytes);
    return dst === null ? { kind: 'unavailable', error: "pf's answer cannot be read" } : { kind: 'dst', dst };
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(change);
    // The next one runs whether or not this one failed; who called this one hears of it.
    this.#turn = done.catch(() => {});
    return done;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
