import type { Socket } from 'bun';
import type { Ip } from '../model/brand.ts';

/** A next address is tried when the one before has not answered for so long (RFC 8305, connection attempt delay). */
const STAGGER_MS = 300;
/** Addresses tried for one flow. */
export const CANDIDATES_MAX = 4;

/** What happens to an upstream socket once it is connected. */
export interface UpstreamEvents {
  data(bytes: Uint8Array): void;
  drained(): void;
  ended(): void;
  closed(failed: boolean): void;
}

export interface DialResult {
  readonly socket: Socket<Dial>;
  readonly ip: Ip;
}

/** Binds upstream connections to a range of source ports where the kernel rules tell them by it (pf); null elsewhere. */
export interface SourcePorts {
  next(): number;
}

/** One upstream connection in the making, over one or several addresses; the first that connects wins. */
export class Dial {
  #waiting: number;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #next = 0;
  #lastError = 'ETIMEDOUT';
  #done = false;
  /** The socket whose events count. */
  winner: Socket<Dial> | null = null;

  constructor(
    private readonly ips: readonly Ip[],
    private readonly port: number,
    private readonly sourcePorts: SourcePorts | null,
    readonly events: UpstreamEvents,
    private readonly connected: (result: DialResult) => void,
    private readonly failed: (code: string) => void,
  ) {
    this.#waiting = 0;
    this.#try();
  }

  /** Gives up; no callback comes after it. */
  cancel(): void {
    this.#done = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #try(): void {
    const ip = this.ips[this.#next];
    if (ip === undefined || this.#done) return;
    this.#next++;
    this.#waiting++;
    if (this.#next < this.ips.length) this.#timer = setTimeout(() => this.#try(), STAGGER_MS);
    const options = {
      hostname: ip,
      port: this.port,
      allowHalfOpen: true,
      data: this as Dial,
      socket: UPSTREAM_HANDLERS,
    };
    const bound = this.sourcePorts === null ? options : { ...options, localPort: this.sourcePorts.next() };
    // Success and failure come through the handlers; with connectError present a rejection is no unhandled one.
    void Bun.connect<Dial>(bound);
  }

  /** A connection came up: the first is taken, a later one is dropped. */
  opened(socket: Socket<Dial>): void {
    if (this.#done) {
      socket.terminate();
      return;
    }
    this.#done = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.winner = socket;
    const ip = this.ips.length === 1 ? this.ips[0] : (socket.remoteAddress as Ip);
    this.connected({ socket, ip: ip as Ip });
  }

  /** An attempt failed: the next address is tried at once, and after the last one the dial has failed. */
  attemptFailed(code: string): void {
    this.#waiting--;
    this.#lastError = code;
    if (this.#done) return;
    if (this.#next < this.ips.length) {
      if (this.#timer !== null) clearTimeout(this.#timer);
      this.#try();
    } else if (this.#waiting === 0) {
      this.#done = true;
      this.failed(this.#lastError);
    }
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'ECONNFAILED';
}

// One table for all sockets: Bun reads it once a connection, and a closure a socket would cost memory.
const UPSTREAM_HANDLERS = {
  binaryType: 'uint8array' as const,
  open(socket: Socket<Dial>): void {
    socket.data.opened(socket);
  },
  data(socket: Socket<Dial>, bytes: Uint8Array): void {
    if (socket.data.winner === socket) socket.data.events.data(bytes);
  },
  drain(socket: Socket<Dial>): void {
    if (socket.data.winner === socket) socket.data.events.drained();
  },
  end(socket: Socket<Dial>): void {
    if (socket.data.winner === socket) socket.data.events.ended();
  },
  close(socket: Socket<Dial>, error?: Error): void {
    if (socket.data.winner === socket) socket.data.events.closed(error !== undefined);
  },
  error(socket: Socket<Dial>): void {
    socket.terminate();
  },
  connectError(socket: Socket<Dial>, error: Error): void {
    socket.data.attemptFailed(errorCode(error));
  },
};
