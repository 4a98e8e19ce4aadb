import { ClientWatch, type Step } from '../sniff/client-watch.ts';
import type { Sniffed } from '../sniff/sniffer.ts';

/** What is done with what the client says later. */
export interface LaterOwner {
  /** Bytes for the server. */
  pass(bytes: Uint8Array): void;
  /** Whether what was found is forbidden; the connection is cut then, and nothing further may be asked. */
  cuts(found: Sniffed): boolean;
  /** Bytes are kept back from now on, for a long or a short time, or (null) no longer. */
  keeps(how: 'long' | 'short' | null): void;
}

/** The client's bytes on an open connection: each passes once it is known to name nobody who is blocked. */
export class LaterBytes {
  readonly #watch: ClientWatch;
  #kept: 'long' | 'short' | null = null;
  #isCut = false;
  #isTaking = false;

  /** `first`: what the first bytes told; those come again. `isCertain`: no more bytes could have told more. */
  constructor(
    first: Sniffed,
    private readonly isCertain: boolean,
    private readonly owner: LaterOwner,
  ) {
    this.#watch = new ClientWatch(first, isCertain);
  }

  /** Whether the bytes may be carried by somebody who does not look at them. */
  get mayLeave(): boolean {
    return !this.#isTaking && (this.#watch.over || this.#watch.isPlain);
  }

  /** How many of the next bytes may be carried by somebody who does not look at them. */
  get unread(): number {
    if (this.#isTaking) return 0;
    return this.#watch.over ? Number.POSITIVE_INFINITY : this.#watch.bodyLeft;
  }

  /** So many of them were. */
  carried(bytes: number): void {
    this.#watch.skip(bytes);
  }

  /** Takes what was said before there was a server. */
  first(bytes: readonly Uint8Array[]): void {
    for (const each of bytes) this.#take(each);
    // Of these it was known that nothing is known yet; they have waited once.
    if (!this.isCertain) this.#giveUp();
    this.#tell();
  }

  fromClient(bytes: Uint8Array): void {
    this.#take(bytes);
    this.#tell();
  }

  /** What was kept back has waited long enough, or the client has ended. */
  timedOut(): void {
    this.#giveUp();
    this.#tell();
  }

  #giveUp(): void {
    this.#take(this.#do(this.#watch.giveUp()));
    if (!this.#isCut && this.#watch.holds) this.#do(this.#watch.giveUp());
  }

  #take(bytes: Uint8Array): void {
    let left = bytes;
    // A hand-over in the middle of it would leave the rest behind.
    this.#isTaking = true;
    while (left.length > 0 && !this.#isCut) left = this.#do(this.#watch.push(left));
    this.#isTaking = false;
  }

  #do({ pass, found, rest }: Step): Uint8Array {
    if (this.#isCut) return rest;
    if (pass.length > 0) this.owner.pass(pass);
    if (found !== null) this.#isCut = this.owner.cuts(found);
    return rest;
  }

  #tell(): void {
    if (this.#isCut) return;
    const kept = !this.#watch.holds ? null : this.#watch.holdsCertain ? 'long' : 'short';
    if (kept === this.#kept) return;
    this.#kept = kept;
    this.owner.keeps(kept);
  }
}
