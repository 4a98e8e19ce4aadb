import { afterEach } from 'bun:test';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { TestProxy } from './harness.ts';

/** What a test opened, closed after it. */
export const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

export interface RealServer {
  ip: string;
  port: number;
  connections: number;
}

/** A server on loopback, at `at` or a free port. */
export async function server(
  onConnection: (socket: Socket) => void,
  at = { ip: '127.0.0.1', port: 0 },
): Promise<RealServer> {
  const listening: Server = createServer({ allowHalfOpen: true }, (socket) => {
    real.connections++;
    socket.on('error', () => undefined);
    onConnection(socket);
  }).listen(at.port, at.ip);
  const real: RealServer = { ip: at.ip, port: 0, connections: 0 };
  await once(listening, 'listening');
  real.port = (listening.address() as { port: number }).port;
  open.push(listening);
  return real;
}

/** The stages of a flow, in front of a server. */
export function proxy(...args: ConstructorParameters<typeof TestProxy>): TestProxy {
  const made = new TestProxy(...args);
  open.push(made);
  return made;
}

/** A connected client. */
export async function client(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  open.push({ close: () => socket.destroy() });
  return socket;
}

export async function readAll(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of socket) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** The code of the error that ends a socket. */
export async function errorOf(socket: Socket): Promise<string> {
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  return error.code ?? 'none';
}

export const echo = (socket: Socket): void => void socket.pipe(socket);
export const GET = (host: string): string => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
