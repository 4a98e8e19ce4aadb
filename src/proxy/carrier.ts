import type { Socket } from 'bun';
import type { FlowState } from '../model/flow.ts';
import type { UpstreamEvents } from './dial.ts';
import type { Offload, OffloadedFlow } from './offload/offload.ts';
import { Splice, type SpliceOwner } from './splice.ts';

/** What a flow is told of its bytes. */
export interface CarrierOwner {
  /** Both sides have finished, or one broke. */
  carried(state: FlowState): void;
  /** Whether the bytes may leave JavaScript now. */
  mayMove(): boolean;
}

/** Carries the bytes of one flow between its two sockets: through JavaScript at first, by the offload thread once it is large. */
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
    return this.#pastIn + (this.#splice?.bytesIn ?? 0) + this.#movedIn;
  }

  get bytesOut(): number {
    return this.#pastOut + (this.#splice?.bytesOut ?? 0) + this.#movedOut;
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

  closed(failed: boolean): void {
    this.splice?.upstreamClosed(failed);
  }

  /** Leaves the server; what was carried stays counted. */
  disconnect(): void {
    const splice = this.splice;
    if (splice === null) return;
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
    this.owner.carried(state);
  }

  spliceIsHeavy(): void {
    this.#isHeavy = true;
    this.offer();
  }

  /** Hands a heavy flow over, once it may leave. */
  offer(): void {
    if (this.#isHeavy && this.owner.mayMove()) this.handOver();
  }

  /** Gives both sockets and what waits for them to the offload thread, if there is one and nothing has ended. True when it took them. */
  handOver(): boolean {
    const splice = this.splice;
    if (this.offload === null || this.#flushing || splice?.isWhole !== true) return false;
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

function fdOf(socket: Socket<unknown>): number {
  return (socket as unknown as { fd: number }).fd;
}
