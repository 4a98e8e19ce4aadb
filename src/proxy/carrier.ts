import type { Socket } from 'bun';
import type { FlowState } from '../model/flow.ts';
import type { UpstreamEvents } from './dial.ts';
import { fdOf, Lane, type Way } from './lane.ts';
import type { LaterBytes } from './later-bytes.ts';
import type { Offload, OffloadedFlow } from './offload/offload.ts';
import { PROMOTE_AT_BYTES, Splice, type SpliceOwner } from './splice.ts';

/** What a flow is told of its bytes. */
export interface CarrierOwner {
  /** Both sides have finished, or one broke. */
  carried(state: FlowState): void;
  /** Whether the bytes go through to the server, so that some may leave JavaScript. */
  readonly isOpen: boolean;
  /** What reads those of the client; null when nobody does. */
  readonly later: LaterBytes | null;
}

/**
 * Carries the bytes of one flow between its two sockets: through JavaScript at first, by the offload thread once it is large. Where the
 * client's requests must still be read, only the answers and the bodies go by the offload thread.
 */
export class Carrier implements SpliceOwner, OffloadedFlow, UpstreamEvents {
  #splice: Splice | null = null;
  #slot: number | null = null;
  #pastIn = 0;
  #pastOut = 0;
  #movedIn = 0;
  #movedOut = 0;
  #toldBytes = 0;
  #flushing = false;
  #isHeavy = false;
  readonly #lanes: Record<Way, Lane | null> = { in: null, out: null };
  #opensLanes = false;

  constructor(
    private readonly client: Socket<unknown>,
    private readonly offload: Offload | null,
    private readonly owner: CarrierOwner,
  ) {}

  /** The bytes that pass through JavaScript; null before there is a server and after the offload thread took over. */
  get splice(): Splice | null {
    return this.#slot === null ? this.#splice : null;
  }

  /** Payload from the server to the program. */
  get bytesIn(): number {
    return this.#pastIn + (this.#splice?.bytesIn ?? 0) + this.#movedIn + (this.#lanes.in?.bytes ?? 0);
  }

  get bytesOut(): number {
    return this.#pastOut + (this.#splice?.bytesOut ?? 0) + this.#movedOut + (this.#lanes.out?.bytes ?? 0);
  }

  /** Whether bytes were carried since the last time this was asked. */
  hasMoved(): boolean {
    const bytes = this.bytesIn + this.bytesOut;
    const moved = bytes !== this.#toldBytes;
    this.#toldBytes = bytes;
    return moved;
  }

  /** Passes on what the client said before there was a server. */
  flush(bytes: readonly Uint8Array[]): void {
    // A hand-over in the middle of it would leave the rest behind.
    this.#flushing = true;
    for (const each of bytes) this.splice?.fromClient(each);
    this.#flushing = false;
  }

  connect(upstream: Socket<unknown>): void {
    this.#splice = new Splice(this.client, upstream, this);
  }

  drained(): void {
    this.splice?.upstreamDrained();
  }

  ended(): void {
    this.splice?.upstreamEnd();
  }

  /** Bun closes a paused socket, as the source of a lane is, only when it broke. */
  closed(failed: boolean): void {
    this.splice?.upstreamClosed(failed || this.#lanes.in !== null);
  }

  /** See `closed`. */
  clientClosed(failed: boolean): void {
    this.splice?.clientClosed(failed || this.#lanes.out !== null);
  }

  /** Leaves the server; what was carried stays counted. */
  disconnect(): void {
    const splice = this.splice;
    if (splice === null) return;
    this.#cutLanes();
    this.#leave(splice);
    splice.upstream.terminate();
  }

  #leave(splice: Splice): void {
    this.#pastIn += splice.bytesIn;
    this.#pastOut += splice.bytesOut;
    splice.release();
    this.#splice = null;
  }

  /** Resets what the offload thread carries; `carried` follows. False when the offload thread has nothing of it. */
  cutMoved(): boolean {
    if (this.#slot === null) return false;
    this.offload?.cut(this.#slot);
    return true;
  }

  spliceEnded(state: FlowState): void {
    this.#cutLanes();
    this.owner.carried(state);
  }

  spliceIsHeavy(): void {
    this.#isHeavy = true;
    this.offer();
  }

  /** Hands a heavy flow over, once it may leave, or what of it may. */
  offer(): void {
    if (!this.#isHeavy || this.handOver()) return;
    if (this.#opensLanes || this.offload?.ownsTable !== true) return;
    if (!this.#isLane('in') && !this.#isLane('out')) return;
    this.#opensLanes = true;
    setImmediate(() => this.#openLanes(this.offload));
  }

  /** Whether what goes this way should and may be moved by the offload thread, and is not. */
  #isLane(way: Way): boolean {
    const { splice } = this;
    if (splice?.isWhole !== true || !this.owner.isOpen || this.#lanes[way] !== null) return false;
    if (way === 'out') return this.#unread >= PROMOTE_AT_BYTES;
    return splice.toClient !== null || splice.bytesIn >= PROMOTE_AT_BYTES;
  }

  /** How many of the client's next bytes may be carried unread. */
  get #unread(): number {
    return this.owner.later?.unread ?? Number.POSITIVE_INFINITY;
  }

  #openLanes(offload: Offload | null): void {
    this.#opensLanes = false;
    if (offload === null || this.handOver()) return;
    for (const way of ['in', 'out'] as const) {
      const { splice } = this;
      if (splice === null || !this.#isLane(way)) continue;
      const bytes = way === 'in' ? Number.POSITIVE_INFINITY : this.#unread;
      const ended = (lane: Lane, state: FlowState): void => this.#laneEnded(way, lane, state);
      this.#lanes[way] = Lane.open(offload, splice, way, bytes, ended);
      // There is no room; it would be asked for again with every byte.
      if (this.#lanes[way] === null) this.#opensLanes = true;
    }
  }

  #laneEnded(way: Way, lane: Lane, state: FlowState): void {
    const { splice } = this;
    if (this.#lanes[way] !== lane || splice === null) return;
    this.#leaveLane(way);
    if (way === 'out') this.owner.later?.carried(lane.bytes);
    // What the server said before it broke is read first: an early answer to a body that it did not want.
    if (state === 'server_reset' && way === 'out') setTimeout(() => splice.broke(state), 0);
    else if (state !== 'closed') splice.broke(state);
    else if (way === 'in') splice.upstream.resume();
    else splice.client.resume();
  }

  /** What the lane carried stays counted. */
  #leaveLane(way: Way): void {
    const bytes = this.#lanes[way]?.bytes ?? 0;
    if (way === 'in') this.#pastIn += bytes;
    else this.#pastOut += bytes;
    this.#lanes[way] = null;
  }

  #cutLanes(): void {
    for (const way of ['in', 'out'] as const) {
      this.#lanes[way]?.cut();
      this.#leaveLane(way);
    }
  }

  /**
   * Gives both sockets and what waits for them to the offload thread, if there is one, nothing has ended and nobody needs to read on.
   * True when it took them.
   */
  handOver(): boolean {
    const splice = this.splice;
    if (this.offload === null || this.#flushing || splice?.isWhole !== true) return false;
    if (!this.owner.isOpen || this.owner.later?.mayLeave === false) return false;
    if (this.#lanes.in !== null || this.#lanes.out !== null) return false;
    const { toClient, toUpstream } = splice;
    const sockets = { clientFd: fdOf(this.client), upstreamFd: fdOf(splice.upstream) };
    this.#slot = this.offload.take({ ...sockets, toClient, toUpstream }, this);
    if (this.#slot === null) return false;
    this.#leave(splice);
    this.client.end();
    splice.upstream.end();
    return true;
  }

  /** Whether the sockets belong to the offload thread: what Bun's say of their ends no longer counts. */
  get isMoved(): boolean {
    return this.#slot !== null;
  }

  moved(bytesIn: number, bytesOut: number): void {
    this.#movedIn = bytesIn;
    this.#movedOut = bytesOut;
  }

  moveEnded(state: FlowState): void {
    this.owner.carried(state);
  }
}
