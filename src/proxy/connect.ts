import type { Socket, TCPSocketConnectOptions } from 'bun';
import type { Ip } from '../model/brand.ts';
import type { Connect, Dial } from './dial.ts';

/** Binds upstream connections to a range of source ports where the kernel rules tell them by it (pf). */
export interface SourcePorts {
  next(): number;
}

/** Makes sockets that are connecting on the interface that a program chose (macOS). */
export interface BoundStarter {
  /**
   * A descriptor, or the name of the error; null when the route leads the same way. `from`: the program's own address;
   * `localPort`: the source port to take.
   */
  start(ip: Ip, port: number, from: Ip, localPort: number): number | string | null;
}

/** Makes sockets that are connecting (Linux): a descriptor, or the name of the error. */
export interface SocketStarter {
  start(ip: Ip, port: number): number | string;
}

// One table for all sockets of a kind: Bun reads it once a connection, and a closure a socket would cost memory.
const EVENTS = {
  binaryType: 'uint8array' as const,
  end(socket: Socket<Dial>): void {
    if (socket.data.winner === socket) socket.data.upstream.ended();
  },
  error(socket: Socket<Dial>): void {
    socket.terminate();
  },
};

const BY_ADDRESS = {
  ...EVENTS,
  open(socket: Socket<Dial>): void {
    socket.data.opened(socket);
  },
  data(socket: Socket<Dial>, bytes: Uint8Array): void {
    if (socket.data.winner === socket) socket.data.events.data(bytes);
  },
  drain(socket: Socket<Dial>): void {
    if (socket.data.winner === socket) socket.data.upstream.drained();
  },
  close(socket: Socket<Dial>, error?: Error): void {
    if (socket.data.winner === socket) socket.data.upstream.closed(error !== undefined);
  },
  connectError(): void {
    // The promise of Bun.connect carries the same error; with this handler its rejection is no unhandled one.
  },
};

/** Source ports tried for one attempt; some may be in use or in TIME_WAIT. */
const PORT_TRIES = 8;

/** Connects by address, from the source ports given, and on the interface that the program bound where `bound` finds one. */
export function connectByAddress(sourcePorts: SourcePorts, bound: BoundStarter | null): Connect {
  const attempt = (ip: Ip, port: number, dial: Dial, tries: number): void => {
    const localPort = sourcePorts.next();
    const fd = bound?.start(ip, port, dial.from, localPort) ?? null;
    if (typeof fd === 'number') {
      adopt(fd, dial);
      return;
    }
    if (fd !== null && fd !== 'EADDRINUSE') {
      // Without its interface the connection would come to us again.
      queueMicrotask(() => dial.attemptFailed(fd));
      return;
    }
    if (fd !== null && tries < PORT_TRIES) {
      attempt(ip, port, dial, tries + 1);
      return;
    }
    const options = {
      hostname: ip,
      port,
      localPort,
      allowHalfOpen: true,
      data: dial,
      socket: BY_ADDRESS,
    };
    Bun.connect<Dial>(options).catch((error: unknown) => {
      const code = errorCode(error);
      if (code === 'EADDRINUSE' && tries < PORT_TRIES) attempt(ip, port, dial, tries + 1);
      else dial.attemptFailed(code);
    });
  };
  return (ip, port, dial) => attempt(ip, port, dial, 1);
}

// Bun takes an adopted descriptor for connected at once. It is when it can be written to, which `drain` tells first.
const BY_DESCRIPTOR = {
  ...EVENTS,
  open(socket: Socket<Dial>): void {
    socket.data.attempted(socket);
  },
  data(socket: Socket<Dial>, bytes: Uint8Array): void {
    if (socket.data.winner === null) socket.data.opened(socket);
    if (socket.data.winner === socket) socket.data.events.data(bytes);
  },
  drain(socket: Socket<Dial>): void {
    if (socket.data.winner === socket) socket.data.upstream.drained();
    else socket.data.opened(socket);
  },
  close(socket: Socket<Dial>, error?: Error): void {
    if (socket.data.winner === socket) socket.data.upstream.closed(error !== undefined);
    else socket.data.attemptFailed(errorCode(error));
  },
};

/** Connects by descriptors that `starter` makes. */
export function connectByDescriptor(starter: SocketStarter): Connect {
  return (ip, port, dial) => {
    const fd = starter.start(ip, port);
    if (typeof fd === 'string') {
      // Not before the constructor of the dial has returned.
      queueMicrotask(() => dial.attemptFailed(fd));
      return;
    }
    adopt(fd, dial);
  };
}

function adopt(fd: number, dial: Dial): void {
  // The typings know no descriptor beside the other options; Bun adopts one (docs/facts/performance.md).
  const options = { fd, allowHalfOpen: true, data: dial, socket: BY_DESCRIPTOR };
  void Bun.connect<Dial>(options as unknown as TCPSocketConnectOptions<Dial>);
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'ECONNFAILED';
}
