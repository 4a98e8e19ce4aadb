import type { OffloadLibc, Pipe } from './libc.ts';

/** So many bytes of each direction are moved, and no end is passed on; the sockets stay with JavaScript, which reads no such byte. */
export interface Share {
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** A flow as it leaves JavaScript: its sockets, and the bytes that were read and not yet written. */
export interface HandedSockets {
  readonly clientFd: number;
  readonly upstreamFd: number;
  readonly toClient: Uint8Array | null;
  readonly toUpstream: Uint8Array | null;
}

/** A pipe with bytes in it. */
export interface FilledPipe extends Pipe {
  readonly bytes: number;
}

/** What the worker is given: descriptors that are the offload thread's own. */
export interface Handoff {
  readonly clientFd: number;
  readonly upstreamFd: number;
  readonly toClient: FilledPipe | null;
  readonly toUpstream: FilledPipe | null;
}

/** Room for pending bytes; the kernel grants it to root, and less to others who hold many pipes (pipe(7)). */
const PIPE_BYTES = 1_048_576;

/** Copies descriptors and puts pending bytes into pipes, out of the JavaScript heap. Null when there is no room for them. */
export function pack(libc: OffloadLibc, from: HandedSockets): Handoff | null {
  const clientFd = libc.dup(from.clientFd);
  const upstreamFd = libc.dup(from.upstreamFd);
  const toClient = from.toClient === null ? null : fill(libc, from.toClient);
  const toUpstream = from.toUpstream === null ? null : fill(libc, from.toUpstream);
  const handoff = { clientFd, upstreamFd, toClient: toClient ?? null, toUpstream: toUpstream ?? null };
  if (clientFd >= 0 && upstreamFd >= 0 && toClient !== undefined && toUpstream !== undefined) return handoff;
  unpack(libc, handoff);
  return null;
}

/** Closes what `pack` opened. */
export function unpack(libc: OffloadLibc, handoff: Handoff): void {
  for (const fd of [handoff.clientFd, handoff.upstreamFd]) if (fd >= 0) libc.close(fd);
  for (const pipe of [handoff.toClient, handoff.toUpstream]) if (pipe !== null) closePipe(libc, pipe);
}

function fill(libc: OffloadLibc, bytes: Uint8Array): FilledPipe | undefined {
  const pipe = libc.pipe(PIPE_BYTES);
  if (pipe === null) return undefined;
  if (libc.write(pipe.writeEnd, bytes) === bytes.length) return { ...pipe, bytes: bytes.length };
  closePipe(libc, pipe);
  return undefined;
}

function closePipe(libc: OffloadLibc, pipe: Pipe): void {
  libc.close(pipe.readEnd);
  libc.close(pipe.writeEnd);
}
