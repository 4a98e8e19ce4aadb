import type { FilledPipe, Share } from './handoff.ts';
import { EAGAIN, type OffloadLibc, type Pipe } from './libc.ts';
import { END } from './memory.ts';

/** Room of a pipe. Beyond `LARGE_PIPES` of them in use, small ones bound what stalled readers hold in the kernel. */
const LARGE_PIPE_BYTES = 1_048_576;
const SMALL_PIPE_BYTES = 65_536;
const LARGE_PIPES = 64;
/** Empty pipes kept for the next flow. */
const POOL_MAX = 64;
/** What one direction may move before the others get their turn. */
const TURN_BYTES = 4_194_304;

/** Pipes for bytes on their way between two sockets; a direction holds one only while bytes are in it. */
export class PipePool {
  readonly #free: Pipe[] = [];
  #large = 0;

  constructor(private readonly libc: OffloadLibc) {}

  borrow(): Pipe | null {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const wanted = this.#large < LARGE_PIPES ? LARGE_PIPE_BYTES : SMALL_PIPE_BYTES;
    const pipe = this.libc.pipe(wanted);
    if (pipe !== null && pipe.sizeBytes > SMALL_PIPE_BYTES) this.#large++;
    return pipe;
  }

  /** Counts a pipe that came from elsewhere. */
  adopt(pipe: Pipe): void {
    if (pipe.sizeBytes > SMALL_PIPE_BYTES) this.#large++;
  }

  /** Only an empty pipe goes back; one with bytes of a broken flow in it is closed, and what is one too many. */
  giveBack(pipe: Pipe, empty: boolean): void {
    if (empty && this.#free.length < POOL_MAX && this.#large <= LARGE_PIPES) {
      this.#free.push(pipe);
      return;
    }
    if (pipe.sizeBytes > SMALL_PIPE_BYTES) this.#large--;
    this.libc.close(pipe.readEnd);
    this.libc.close(pipe.writeEnd);
  }
}

/** One of the two sockets, with what edge-triggered epoll last said of it. */
export interface Side {
  readonly fd: number;
  readable: boolean;
  writable: boolean;
}

/** `starved`: there are bytes, and no descriptor for a pipe to move them through. */
type Turn = 'idle' | 'more' | 'starved' | 'source_failed' | 'sink_failed';

/** One direction of a moved flow: source socket → pipe → sink socket, by splice(2). */
class Direction {
  bytes = 0;
  done = false;
  #pipe: Pipe | null = null;
  #inPipe = 0;
  /** Bytes that came in the pipe: they were counted where they were read. */
  #counted = 0;
  #ended = false;
  #left: number;

  constructor(
    private readonly libc: OffloadLibc,
    private readonly pool: PipePool,
    private readonly source: Side,
    private readonly sink: Side,
    filled: FilledPipe | null,
    /** How much is read at the most, and then no end passed on; null: all there is. */
    private readonly share: number | null,
  ) {
    this.#left = share ?? Number.POSITIVE_INFINITY;
    if (filled === null) return;
    pool.adopt(filled);
    this.#pipe = filled;
    this.#inPipe = filled.bytes;
    this.#counted = filled.bytes;
  }

  /** Moves what can be moved now. `more`: the turn is over, not the bytes. */
  run(): Turn {
    let budget = TURN_BYTES;
    while (!this.done) {
      const filled = this.#fill();
      if (filled < 0) return 'source_failed';
      const emptied = this.#empty();
      if (emptied < 0) return 'sink_failed';
      if (this.#inPipe === 0) this.#returnPipe();
      if (this.#ended && this.#inPipe === 0) {
        if (this.share === null) this.libc.shutdownWrite(this.sink.fd);
        this.done = true;
      } else if (filled === 0 && emptied === 0) return this.#idle();
      budget -= emptied;
      if (budget <= 0) return 'more';
    }
    return 'idle';
  }

  close(): void {
    this.#returnPipe();
  }

  #idle(): Turn {
    return this.source.readable && !this.#ended && this.#pipe === null ? 'starved' : 'idle';
  }

  #returnPipe(): void {
    if (this.#pipe === null) return;
    this.pool.giveBack(this.#pipe, this.#inPipe === 0);
    this.#pipe = null;
  }

  #fill(): number {
    if (this.#left === 0) this.#ended = true;
    if (this.#ended || !this.source.readable) return 0;
    this.#pipe ??= this.pool.borrow();
    if (this.#pipe === null || this.#inPipe >= this.#pipe.sizeBytes) return 0;
    const room = Math.min(this.#pipe.sizeBytes - this.#inPipe, this.#left);
    const moved = this.libc.splice(this.source.fd, this.#pipe.writeEnd, room);
    if (moved > 0) {
      this.#left -= moved;
      this.#inPipe += moved;
      return moved;
    }
    if (moved === 0) {
      this.#ended = true;
      return 0;
    }
    if (this.libc.errno() !== EAGAIN) return -1;
    // With bytes in it the pipe may be the one that is full; only an empty pipe proves the socket empty.
    if (this.#inPipe === 0) this.source.readable = false;
    return 0;
  }

  #empty(): number {
    if (this.#pipe === null || this.#inPipe === 0 || !this.sink.writable) return 0;
    const moved = this.libc.splice(this.#pipe.readEnd, this.sink.fd, this.#inPipe);
    if (moved > 0) {
      this.#inPipe -= moved;
      const known = Math.min(this.#counted, moved);
      this.#counted -= known;
      this.bytes += moved - known;
      return moved;
    }
    if (moved < 0 && this.libc.errno() !== EAGAIN) return -1;
    this.sink.writable = false;
    return 0;
  }
}

/** What a moved flow begins with. */
export interface PairStart {
  readonly slot: number;
  readonly clientFd: number;
  readonly upstreamFd: number;
  readonly toClient: FilledPipe | null;
  readonly toUpstream: FilledPipe | null;
  readonly share: Share | null;
  /** Stops the watch over a descriptor that others have open too. */
  unwatch(fd: number): void;
}

/** A moved flow, or a share of one: two sockets, two directions. */
export class Pair {
  readonly slot: number;
  readonly client: Side;
  readonly upstream: Side;
  readonly #out: Direction;
  readonly #in: Direction;
  /** Waits in the list of flows that have something to do. */
  queued = false;
  /** Its last turn ended for want of a descriptor. */
  starved = false;
  /** How it ended, or -1 while it has not. */
  end = -1;

  constructor(
    private readonly libc: OffloadLibc,
    pool: PipePool,
    private readonly start: PairStart,
  ) {
    this.slot = start.slot;
    this.client = { fd: start.clientFd, readable: true, writable: true };
    this.upstream = { fd: start.upstreamFd, readable: true, writable: true };
    const { toClient, toUpstream, share } = start;
    this.#out = new Direction(libc, pool, this.client, this.upstream, toUpstream, share?.bytesOut ?? null);
    this.#in = new Direction(libc, pool, this.upstream, this.client, toClient, share?.bytesIn ?? null);
  }

  get bytesIn(): number {
    return this.#in.bytes;
  }

  get bytesOut(): number {
    return this.#out.bytes;
  }

  /** True when it wants another turn. Sets `end` once the flow is over and both sockets are closed. */
  run(): boolean {
    const out = this.#out.run();
    if (out === 'source_failed') return this.fail(END.clientReset);
    if (out === 'sink_failed') return this.fail(END.serverReset);
    const back = this.#in.run();
    if (back === 'source_failed') return this.fail(END.serverReset);
    if (back === 'sink_failed') return this.fail(END.clientReset);
    if (this.#out.done && this.#in.done) {
      this.#unwatch();
      this.libc.close(this.client.fd);
      this.libc.close(this.upstream.fd);
      this.end = END.closed;
      return false;
    }
    this.starved = out === 'starved' || back === 'starved';
    return this.starved || out === 'more' || back === 'more';
  }

  /** Resets both sides. */
  fail(end: number): false {
    this.#out.close();
    this.#in.close();
    this.#unwatch();
    this.libc.reset(this.client.fd);
    this.libc.reset(this.upstream.fd);
    this.end = end;
    return false;
  }

  #unwatch(): void {
    if (this.start.share === null) return;
    this.start.unwatch(this.client.fd);
    this.start.unwatch(this.upstream.fd);
  }
}
