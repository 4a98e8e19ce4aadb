import { createHash, type Hash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Accepted } from './protocol.ts';

interface Seen {
  /** Null once closed: a long run must not keep what it saw alive. */
  socket: Socket | null;
  bytesIn: number;
  bytesOut: number;
  readonly ip: string;
  readonly port: number;
  readonly peerIp: string;
  readonly peerPort: number;
  readonly hash: Hash | null;
  sha256: string | null;
  ended: boolean;
}

const seen: Seen[] = [];

/** Writes down a connection the moment it is accepted. `hashed`: the payload is plain and its SHA-256 is wanted. */
export function record(socket: Socket, hashed: boolean): void {
  const entry: Seen = {
    socket,
    bytesIn: 0,
    bytesOut: 0,
    ip: plain(socket.localAddress),
    port: socket.localPort ?? 0,
    peerIp: plain(socket.remoteAddress),
    peerPort: socket.remotePort ?? 0,
    hash: hashed ? createHash('sha256') : null,
    sha256: null,
    ended: false,
  };
  seen.push(entry);
  if (entry.hash !== null) socket.on('data', (bytes) => entry.hash?.update(bytes));
  const end = (): void => {
    if (entry.ended) return;
    entry.ended = true;
    entry.sha256 = entry.hash?.digest('hex') ?? null;
  };
  socket.on('end', end).on('close', () => {
    end();
    count(entry);
    entry.socket = null;
  });
}

/** All connections to one address, in the order in which they came. */
export function acceptedAt(ip: string): Accepted[] {
  return seen
    .filter((entry) => entry.ip === ip)
    .map((entry) => {
      count(entry);
      const { socket: _socket, hash: _hash, ...rest } = entry;
      return rest;
    });
}

function count(entry: Seen): void {
  if (entry.socket === null) return;
  entry.bytesIn = entry.socket.bytesRead;
  entry.bytesOut = entry.socket.bytesWritten;
}

/** IPv4 that came to a dual-stack socket is written as IPv4. */
export function plain(ip: string | undefined): string {
  return (ip ?? '').replace(/^::ffff:/, '');
}
