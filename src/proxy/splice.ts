import type { Socket } from 'bun';
import type { FlowState } from '../model/flow.ts';

/** A flow that moved so many bytes through JavaScript is offered to the offload thread. */
export const PROMOTE_AT_BYTES = 1_048_576;

/** What a splice tells its flow. */
export interface SpliceOwner {
  /** Both sides are finished or one broke; called once. */
  spliceEnded(state: FlowState): void;
  /** It is large, or its receiver is slower than its sender: better carried elsewhere. Bytes may be pending. */
  spliceIsHeavy(): void;
}

/**
 * Moves bytes between two connected sockets, with backpressure (a full receiver pauses its sender; what the kernel did
 * not take is copied once and kept) and half-close (FIN is passed on once nothing is pending before it).
 */
export class Splice {
  bytesIn = 0;
  bytesOut = 0;
  #toClient: Uint8Array | null = null;
  #toUpstream: Uint8Array | null = null;
  #clientEnded = false;
  #upstreamEnded = false;
  #finished = false;

  constructor(
    readonly client: Socket<unknown>,
    readonly upstream: Socket<unknown>,
    private readonly owner: SpliceOwner,
  ) {}

  /** True when neither side has finished: someone else can go on with it. */
  get isWhole(): boolean {
    return !this.#clientEnded && !this.#upstreamEnded && !this.#finished;
  }

  /** Bytes that wait for the client to take them. */
  get toClient(): Uint8Array | null {
    return this.#toClient;
  }

  get toUpstream(): Uint8Array | null {
    return this.#toUpstream;
  }

  fromClient(bytes: Uint8Array): void {
    this.bytesOut += bytes.length;
    const rest = this.#send(this.upstream, bytes, this.#toUpstream);
    if (rest === this.#toUpstream) {
      this.#offer();
      return;
    }
    this.#toUpstream = rest;
    this.client.pause();
    if (this.isWhole) this.owner.spliceIsHeavy();
  }

  fromUpstream(bytes: Uint8Array): void {
    this.bytesIn += bytes.length;
    const rest = this.#send(this.client, bytes, this.#toClient);
    if (rest === this.#toClient) {
      this.#offer();
      return;
    }
    this.#toClient = rest;
    this.upstream.pause();
    if (this.isWhole) this.owner.spliceIsHeavy();
  }

  clientDrained(): void {
    if (this.#toClient === null || this.#finished) return;
    this.#toClient = this.#send(this.client, this.#toClient, null);
    if (this.#toClient !== null) return;
    if (this.#upstreamEnded) this.#passFin(this.client);
    else this.upstream.resume();
  }

  upstreamDrained(): void {
    if (this.#toUpstream === null || this.#finished) return;
    this.#toUpstream = this.#send(this.upstream, this.#toUpstream, null);
    if (this.#toUpstream !== null) return;
    if (this.#clientEnded) this.#passFin(this.upstream);
    else this.client.resume();
  }

  clientEnd(): void {
    if (this.#clientEnded) return;
    this.#clientEnded = true;
    if (this.#toUpstream === null) this.#passFin(this.upstream);
  }

  upstreamEnd(): void {
    if (this.#upstreamEnded) return;
    this.#upstreamEnded = true;
    if (this.#toClient === null) this.#passFin(this.client);
  }

  /** The client's socket is gone; `failed` when by a reset. After our own FIN an orderly close is its FIN. */
  clientClosed(failed: boolean): void {
    if (this.#finished) return;
    if (!failed && this.#toClient === null) {
      this.clientEnd();
      return;
    }
    this.#finished = true;
    this.upstream.terminate();
    this.owner.spliceEnded('client_reset');
  }

  /** The server's socket is gone; see `clientClosed`. */
  upstreamClosed(failed: boolean): void {
    if (this.#finished) return;
    if (!failed && this.#toUpstream === null) {
      this.upstreamEnd();
      return;
    }
    this.#finished = true;
    // Told first: a client that is held or waits for an answer would else be taken for the one who went.
    this.owner.spliceEnded('server_reset');
    this.client.terminate();
  }

  /** The bytes that wait for the client go with somebody else. */
  giveToClient(): void {
    this.#toClient = null;
  }

  giveToUpstream(): void {
    this.#toUpstream = null;
  }

  /** Ends because somebody who carried a part of it says that a side broke. */
  broke(state: FlowState): void {
    if (this.#finished) return;
    this.#finished = true;
    this.owner.spliceEnded(state);
    this.client.terminate();
    this.upstream.terminate();
  }

  /** Forgets both sockets without touching them, and what waits for them: someone else moves the bytes from here on. */
  release(): void {
    this.#finished = true;
    this.#toClient = null;
    this.#toUpstream = null;
  }

  /** What could not be written, `pending` itself when all went (pending bytes are never overtaken). */
  #send(to: Socket<unknown>, bytes: Uint8Array, pending: Uint8Array | null): Uint8Array | null {
    if (pending !== null) return concat(pending, bytes);
    const written = to.write(bytes);
    if (written === bytes.length) return null;
    // A closed socket takes nothing for ever; its close handler ends the splice.
    return written < 0 ? null : bytes.slice(written);
  }

  #passFin(to: Socket<unknown>): void {
    if (!(this.#clientEnded && this.#upstreamEnded) || this.#toClient !== null || this.#toUpstream !== null) {
      to.shutdown();
      return;
    }
    // Closing sends the last FIN.
    this.#finished = true;
    this.client.end();
    this.upstream.end();
    this.owner.spliceEnded('closed');
  }

  #offer(): void {
    if (this.bytesIn + this.bytesOut >= PROMOTE_AT_BYTES && this.isWhole) this.owner.spliceIsHeavy();
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
