import { type Sniffed, Sniffer, type SniffOutcome } from '../sniff/sniffer.ts';

/** Client bytes kept while the verdict or the server is awaited; past it the client is to be paused. Thousands may wait at once. */
const KEPT_MAX_BYTES = 65_536;

const TLS_HANDSHAKE = 0x16;

/** What a client says before it can be forwarded: looked at as long as that can tell anything, and kept. */
export class FirstBytes {
  #sniffer: Sniffer | null = new Sniffer();
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #wait: 'sniff' | 'silent' | null = null;

  /** `isExpected`: at this port the client speaks before its server does. */
  constructor(readonly isExpected: boolean) {}

  /** Whether bytes are still looked at. */
  get sniffing(): boolean {
    return this.#sniffer !== null;
  }

  /** Whether the client has begun to say something that is not understood yet. */
  get begun(): boolean {
    return this.#sniffer !== null && this.#sniffer.buffered().length > 0;
  }

  /**
   * For how long more bytes are waited for, when that is new: `sniff` for a hello, a request and where only clients speak first, else
   * `silent`: what is neither may still become a request, but is more likely a protocol without line ends.
   */
  newWait(): 'sniff' | 'silent' | null {
    const wait = this.isExpected || !this.#isStrange ? 'sniff' : 'silent';
    const isNew = wait !== this.#wait;
    this.#wait = wait;
    return isNew ? wait : null;
  }

  get #isStrange(): boolean {
    if (this.#sniffer === null || this.#sniffer.buffered()[0] === TLS_HANDSHAKE) return false;
    return !this.#sniffer.isCertain;
  }

  /** Looks at bytes; only while `sniffing`. */
  look(bytes: Uint8Array): SniffOutcome {
    if (this.#sniffer === null) throw new Error('bytes were to be looked at after the answer was known');
    return this.#sniffer.push(bytes);
  }

  /** The best that can be said of what came. */
  giveUp(): Sniffed | null {
    return this.#sniffer?.giveUp() ?? null;
  }

  /** Ends the looking and keeps what was looked at; `again` begins anew, for a client that was silent. */
  conclude(again: boolean): void {
    const bytes = this.#sniffer?.buffered();
    // The sniffer's own copy, which it gives up with this.
    if (bytes !== undefined && bytes.length > 0) this.#push(bytes);
    this.#sniffer = again ? new Sniffer() : null;
    this.#wait = null;
  }

  /** Keeps a copy of bytes for later; true when the client is to be paused now. */
  keep(bytes: Uint8Array): boolean {
    return this.#push(bytes.slice());
  }

  #push(bytes: Uint8Array): boolean {
    this.#kept.push(bytes);
    const before = this.#keptBytes;
    this.#keptBytes += bytes.length;
    return before <= KEPT_MAX_BYTES && this.#keptBytes > KEPT_MAX_BYTES;
  }

  /** Hands out what was kept; `paused` when `keep` had the client paused. */
  release(): { readonly bytes: readonly Uint8Array[]; readonly paused: boolean } {
    const bytes = this.#kept;
    const paused = this.#keptBytes > KEPT_MAX_BYTES;
    this.#kept = [];
    this.#keptBytes = 0;
    return { bytes, paused };
  }
}
