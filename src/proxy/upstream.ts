import type { Ip } from '../model/brand.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Candidates } from '../resolve/candidates.ts';
import { reach } from '../resolve/reach.ts';
import type { Carrier } from './carrier.ts';
import type { Decision } from './decision.ts';
import { Dial, type DialEvents, type DialResult } from './dial.ts';
import type { FlowParts } from './ports.ts';
import { acceptVerdict, nameVerdict } from './verdicts.ts';

/** What a flow is told of its server. */
export interface UpstreamOwner {
  /** The server is connected: `anew`, or because it was before. */
  reached(anew: boolean): void;
  /** The name leads nowhere that may be reached; the decision says why. */
  unreachable(): void;
  /** No connection came up; `code` is the error. */
  dialFailed(code: string): void;
  serverSays(bytes: Uint8Array): void;
}

/** The way to the server of one flow: the addresses its name really has, and a connection to one of them. */
export class Upstream implements DialEvents {
  /** The address connected to; null before that. */
  ip: Ip | null = null;
  /** Whether the dialled address is none of the name's. */
  nameMismatch = false;
  /** From verdict to connection, microseconds; null before that. */
  connectUs: number | null = null;
  #dial: Dial | null = null;
  /** Grows with every attempt and every end of one: addresses that were asked for earlier no longer count. */
  #attempt = 0;

  constructor(
    private readonly parts: FlowParts,
    /** The program's own address. */
    private readonly from: Ip,
    private readonly dst: Endpoint,
    private readonly decision: Decision,
    private readonly carrier: Carrier,
    private readonly owner: UpstreamOwner,
  ) {}

  reach(): void {
    const { host, given } = this.decision;
    // In a skipped range every connection goes where it was dialled, whatever it says.
    const named = this.parts.settings.forward === 'original' || given.stage === 'skip' ? null : host;
    const found = reach(this.parts.resolver, named, this.dst.ip, (ip) => this.decision.isBlocked(ip));
    const attempt = ++this.#attempt;
    if (!(found instanceof Promise)) this.#found(found);
    else void found.then((late) => this.#attempt === attempt && this.#found(late));
  }

  #found(found: Candidates): void {
    const { host } = this.decision;
    this.nameMismatch = found.kind === 'some' ? found.mismatch : found.why !== 'name_unresolved';
    if (found.kind === 'none') {
      if (host !== null) this.decision.verdict = nameVerdict(found.why, host, this.dst.ip);
      this.owner.unreachable();
    } else if (!found.mismatch || this.decision.mayReach(found.ips[0] ?? this.dst.ip)) {
      this.#connect(found.ips);
    } else this.owner.unreachable();
  }

  #connect(ips: readonly Ip[]): void {
    if (this.carrier.splice !== null && this.ip !== null && ips.includes(this.ip)) {
      this.owner.reached(false);
      return;
    }
    this.leave();
    if (this.parts.loops?.goesRound(this.decision.origin?.pid ?? null, this.dst)) {
      this.decision.verdict = acceptVerdict('redirect_loop');
      this.owner.unreachable();
      return;
    }
    this.#dial = new Dial(ips, this.dst.port, this.parts.connect, this, this.carrier, this.from);
  }

  dialled({ socket, ip }: DialResult): void {
    this.#dial = null;
    this.ip = ip;
    this.connectUs = Math.round(this.decision.sinceVerdictMs * 1_000);
    this.carrier.connect(socket);
    this.owner.reached(true);
  }

  dialFailed(code: string): void {
    this.owner.dialFailed(code);
  }

  data(bytes: Uint8Array): void {
    this.owner.serverSays(bytes);
  }

  /** Leaves the server, or gives up reaching it. */
  leave(): void {
    this.#attempt++;
    this.#dial?.cancel();
    this.#dial = null;
    this.carrier.disconnect();
  }
}
