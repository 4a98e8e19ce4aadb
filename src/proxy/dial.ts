import type { Socket } from 'bun';
import type { Ip } from '../model/brand.ts';

/** A next address is tried when the one before has not answered for so long (RFC 8305, connection attempt delay). */
const STAGGER_MS = 300;

/** What becomes of a dial, and what the server says. */
export interface DialEvents {
  dialled(result: DialResult): void;
  /** No address could be connected to; `code` is the last one's error. */
  dialFailed(code: string): void;
  data(bytes: Uint8Array): void;
}

/** What else happens to the upstream socket once it is connected. */
export interface UpstreamEvents {
  drained(): void;
  ended(): void;
  closed(failed: boolean): void;
}

export interface DialResult {
  readonly socket: Socket<Dial>;
  readonly ip: Ip;
}

/**
 * Starts one attempt. Everything further comes through the dial: `attempted` once there is a socket, `opened` when it is
 * connected, `attemptFailed` when it is not. See `connect.ts`.
 */
export type Connect = (ip: Ip, port: number, dial: Dial) => void;

/** One upstream connection in the making, over one or several addresses; the first that connects wins. */
export class Dial {
  #waiting = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #next = 0;
  #done = false;
  readonly #attempts: Socket<Dial>[] = [];
  /** The socket whose events count; null before one is connected. */
  winner: Socket<Dial> | null = null;

  constructor(
    private readonly ips: readonly Ip[],
    private readonly port: number,
    private readonly connect: Connect,
    readonly events: DialEvents,
    readonly upstream: UpstreamEvents,
    /** The program's own address: it may be that of an interface it bound. */
    readonly from: Ip,
  ) {
    this.#try();
  }

  /** Gives up; no callback comes after it. */
  cancel(): void {
    this.#settle();
    for (const socket of this.#attempts) if (socket !== this.winner) socket.terminate();
  }

  #settle(): void {
    this.#done = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #try(): void {
    const ip = this.ips[this.#next];
    if (ip === undefined || this.#done) return;
    this.#next++;
    this.#waiting++;
    if (this.#next < this.ips.length) this.#timer = setTimeout(() => this.#try(), STAGGER_MS);
    this.connect(ip, this.port, this);
  }

  /** An attempt has a socket, which is not connected yet. */
  attempted(socket: Socket<Dial>): void {
    this.#attempts.push(socket);
  }

  /** A connection came up: the first is taken, all others are dropped. */
  opened(socket: Socket<Dial>): void {
    if (this.#done) {
      if (socket !== this.winner) socket.terminate();
      return;
    }
    this.#settle();
    this.winner = socket;
    for (const other of this.#attempts) if (other !== socket) other.terminate();
    this.#attempts.length = 0;
    const ip = this.ips.length === 1 ? this.ips[0] : (socket.remoteAddress as Ip);
    this.events.dialled({ socket, ip: ip as Ip });
  }

  /** An attempt failed: the next address is tried at once, and after the last one the dial has failed. */
  attemptFailed(code: string): void {
    this.#waiting--;
    if (this.#done) return;
    if (this.#next < this.ips.length) {
      if (this.#timer !== null) clearTimeout(this.#timer);
      this.#try();
    } else if (this.#waiting === 0) {
      this.#settle();
      this.events.dialFailed(code);
    }
  }
}
