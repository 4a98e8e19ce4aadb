import type { Socket, TCPSocketListener, TCPSocketListenOptions } from 'bun';
import type { Flow } from './flow.ts';

/** What becomes of a connection the kernel hands us. Null: it was dealt with at once and has no flow. */
export type OnAccept = (socket: Socket<Flow | null>) => Flow | null;

// One table for all sockets; the flow hangs on the socket.
function handlers(onAccept: OnAccept) {
  return {
    binaryType: 'uint8array' as const,
    open(socket: Socket<Flow | null>): void {
      const flow = onAccept(socket);
      socket.data = flow;
      flow?.start();
    },
    data(socket: Socket<Flow | null>, bytes: Uint8Array): void {
      socket.data?.clientData(bytes);
    },
    drain(socket: Socket<Flow | null>): void {
      socket.data?.clientDrained();
    },
    end(socket: Socket<Flow | null>): void {
      socket.data?.clientEnd();
    },
    close(socket: Socket<Flow | null>, error?: Error): void {
      socket.data?.clientClosed(error !== undefined);
    },
    error(socket: Socket<Flow | null>): void {
      socket.terminate();
    },
  };
}

/** Accepts redirected connections on a listening descriptor that we made ourselves, for its backlog. */
export function listenOn(fd: number, onAccept: OnAccept): TCPSocketListener<Flow | null> {
  // The typings know no descriptor for listen; Bun adopts one (docs/facts/bun-ink.md, "Sockets").
  const options = { fd, allowHalfOpen: true, data: null, socket: handlers(onAccept) };
  return Bun.listen<Flow | null>(options as unknown as TCPSocketListenOptions<Flow | null>);
}
