import type { MoverLibc, Pipe } from './mover-libc.ts';

/** A flow as it leaves JavaScript: its sockets, and the bytes that were read and not yet written. */
export interface HandOver {
  readonly clientFd: number;
  readonly upstreamFd: number;
  readonly toClient: Uint8Array | null;
  readonly toUpstream: Uint8Array | null;
}

/** A pipe with bytes in it. */
export interface FilledPipe extends Pipe {
  readonly bytes: number;
}

/** What the worker is given: descriptors that are the mover's own. */
export interface Cargo {
  readonly clientFd: number;
  readonly upstreamFd: number;
  readonly toClient: FilledPipe | null;
  readonly toUpstream: FilledPipe | null;
}

/** Room for pending bytes; the kernel grants it to root, and less to others who hold many pipes (pipe(7)). */
const PIPE_BYTES = 1_048_576;

/** Copies descriptors and puts pending bytes into pipes, out of the JavaScript heap. Null when there is no room for them. */
export function pack(libc: MoverLibc, from: HandOver): Cargo | null {
  const clientFd = libc.dup(from.clientFd);
  const upstreamFd = libc.dup(from.upstreamFd);
  const toClient = from.toClient === null ? null : fill(libc, from.toClient);
  const toUpstream = from.toUpstream === null ? null : fill(libc, from.toUpstream);
  const cargo = { clientFd, upstreamFd, toClient: toClient ?? null, toUpstream: toUpstream ?? null };
  if (clientFd >= 0 && upstreamFd >= 0 && toClient !== undefined && toUpstream !== undefined) return cargo;
  unpack(libc, cargo);
  return null;
}

/** Closes what `pack` opened. */
export function unpack(libc: MoverLibc, cargo: Cargo): void {
  for (const fd of [cargo.clientFd, cargo.upstreamFd]) if (fd >= 0) libc.close(fd);
  for (const pipe of [cargo.toClient, cargo.toUpstream]) if (pipe !== null) closePipe(libc, pipe);
}

function fill(libc: MoverLibc, bytes: Uint8Array): FilledPipe | undefined {
  const pipe = libc.pipe(PIPE_BYTES);
  if (pipe === null) return undefined;
  if (libc.write(pipe.writeEnd, bytes) === bytes.length) return { ...pipe, bytes: bytes.length };
  closePipe(libc, pipe);
  return undefined;
}

function closePipe(libc: MoverLibc, pipe: Pipe): void {
  libc.close(pipe.readEnd);
  libc.close(pipe.writeEnd);
}
