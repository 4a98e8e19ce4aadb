import { ptr } from 'bun:ffi';
import type { FilledPipe } from './handoff.ts';
import { OffloadLibc } from './libc.ts';
import { END, type OffloadBuffers, OffloadMemory, OP, SLOT, STATE } from './memory.ts';
import { Pair, PipePool } from './pair.ts';

declare const self: Worker;

const EPOLLIN = 0x001;
const EPOLLOUT = 0x004;
const EPOLLERR = 0x008;
const EPOLLHUP = 0x010;
const EPOLLRDHUP = 0x2000;
const EPOLLET = 0x80000000;
const EVENTS_MAX = 512;
/** Flows that found no descriptor for a pipe try again so often. */
const STARVED_RETRY_MS = 20;
/** struct epoll_event is packed on x86-64 only (epoll_ctl(2)). */
const EVENT_BYTES = process.arch === 'x64' ? 12 : 16;
const DATA_AT = process.arch === 'x64' ? 4 : 8;
/** The data word of the descriptor that wakes us; slots are far below. */
const WAKE = 0xffff_ffff;

export interface OffloadStart {
  readonly buffers: OffloadBuffers;
  readonly wakeFd: number;
}

/**
 * Moves the bytes of established flows on a thread of its own: edge-triggered epoll and splice(2), no byte in the
 * JavaScript heap. Never returns to the event loop until it is told to stop.
 */
class OffloadLoop {
  readonly #libc = new OffloadLibc();
  readonly #pool = new PipePool(this.#libc);
  readonly #pairs = new Map<number, Pair>();
  #ready: Pair[] = [];
  readonly #epoll = this.#libc.epollCreate();
  readonly #pidfd = this.#libc.ownTable();
  readonly #events = new DataView(new ArrayBuffer(EVENTS_MAX * EVENT_BYTES));
  readonly #eventsPtr = ptr(this.#events.buffer);
  readonly #event = new DataView(new ArrayBuffer(4_096));
  readonly #eventPtr = ptr(this.#event.buffer);

  constructor(
    private readonly memory: OffloadMemory,
    private readonly wakeFd: number,
  ) {
    this.#watch(wakeFd, EPOLLIN, WAKE);
  }

  run(): void {
    for (;;) {
      const count = this.#libc.epollWait(this.#epoll, this.#eventsPtr, EVENTS_MAX, this.#waitMs());
      for (let i = 0; i < count; i++) {
        const flags = this.#events.getUint32(i * EVENT_BYTES, true);
        const data = this.#events.getUint32(i * EVENT_BYTES + DATA_AT, true);
        if (data !== WAKE) this.#note(data, flags);
        else if (!this.#readMessages()) return;
      }
      const turn = this.#ready;
      this.#ready = [];
      for (const pair of turn) this.#run(pair);
    }
  }

  #waitMs(): number {
    if (this.#ready.length === 0) return -1;
    return this.#ready.every((pair) => pair.starved) ? STARVED_RETRY_MS : 0;
  }

  #run(pair: Pair): void {
    pair.queued = false;
    if (pair.end >= 0) return;
    const more = pair.run();
    this.memory.setBytes(pair.slot, pair.bytesIn, pair.bytesOut);
    if (pair.end >= 0) this.#ended(pair.slot, pair.end);
    else if (more) this.#queue(pair);
  }

  #queue(pair: Pair): void {
    if (pair.queued) return;
    pair.queued = true;
    this.#ready.push(pair);
  }

  #note(data: number, flags: number): void {
    const pair = this.#pairs.get(data >>> 1);
    if (pair === undefined || pair.end >= 0) return;
    const isClient = (data & 1) === 0;
    const side = isClient ? pair.client : pair.upstream;
    if ((flags & EPOLLERR) !== 0) {
      pair.fail(isClient ? END.clientReset : END.serverReset);
      this.#ended(pair.slot, pair.end);
      return;
    }
    if ((flags & (EPOLLIN | EPOLLRDHUP | EPOLLHUP)) !== 0) side.readable = true;
    if ((flags & (EPOLLOUT | EPOLLHUP)) !== 0) side.writable = true;
    this.#queue(pair);
  }

  #readMessages(): boolean {
    this.#libc.drain(this.wakeFd);
    this.memory.answer();
    for (let message = this.memory.receive(); message >= 0; message = this.memory.receive()) {
      const slot = Math.floor(message / 4);
      const operation = message & 3;
      if (operation === OP.stop) return false;
      if (operation === OP.add) this.#add(slot);
      else this.#cut(slot);
    }
    return true;
  }

  #add(slot: number): void {
    const clientFd = this.#take(this.memory.get(slot, SLOT.clientFd));
    const upstreamFd = this.#take(this.memory.get(slot, SLOT.upstreamFd));
    const toClient = this.#takePipe(this.memory.getPipe(slot, SLOT.toClient));
    const toUpstream = this.#takePipe(this.memory.getPipe(slot, SLOT.toUpstream));
    const share = this.memory.getShare(slot);
    const pair = new Pair(this.#libc, this.#pool, {
      slot,
      clientFd,
      upstreamFd,
      toClient,
      toUpstream,
      share,
      unwatch: (fd) => this.#libc.epollRemove(this.#epoll, fd),
    });
    this.#pairs.set(slot, pair);
    this.memory.set(slot, SLOT.state, STATE.taken);
    const watched =
      clientFd >= 0 &&
      upstreamFd >= 0 &&
      isTaken(toClient) &&
      isTaken(toUpstream) &&
      this.#watch(clientFd, eventsOf(share?.bytesOut, share?.bytesIn), slot * 2) &&
      this.#watch(upstreamFd, eventsOf(share?.bytesIn, share?.bytesOut), slot * 2 + 1);
    if (watched) {
      this.#queue(pair);
      return;
    }
    pair.fail(END.serverReset);
    this.#ended(slot, pair.end);
  }

  /** With a descriptor table of our own main's are fetched; with a shared one they are used as they are. */
  #take(fd: number): number {
    return this.#pidfd < 0 ? fd : this.#libc.take(this.#pidfd, fd);
  }

  #takePipe(pipe: FilledPipe | null): FilledPipe | null {
    if (pipe === null) return null;
    return { ...pipe, readEnd: this.#take(pipe.readEnd), writeEnd: this.#take(pipe.writeEnd) };
  }

  #cut(slot: number): void {
    const pair = this.#pairs.get(slot);
    if (pair === undefined || pair.end >= 0) return;
    pair.fail(END.clientReset);
    this.#ended(slot, pair.end);
  }

  #ended(slot: number, end: number): void {
    this.#pairs.delete(slot);
    this.memory.set(slot, SLOT.end, end);
    this.memory.set(slot, SLOT.state, STATE.ended);
    // JavaScript goes on with the sockets of a share; nobody waits for the rest.
    if (this.memory.get(slot, SLOT.isShare) === 1) postMessage(slot);
  }

  #watch(fd: number, events: number, data: number): boolean {
    this.#event.setUint32(0, events >>> 0, true);
    this.#event.setUint32(DATA_AT, data, true);
    this.#event.setUint32(DATA_AT + 4, 0, true);
    return this.#libc.epollAdd(this.#epoll, fd, this.#eventPtr);
  }

  /** Whether descriptors have a table of their own here: main must then close the copies it handed over. */
  get ownsTable(): boolean {
    return this.#pidfd >= 0;
  }
}

/** What to hear of a socket that so much is read from and written to; undefined: all there is. */
function eventsOf(read: number | undefined, written: number | undefined): number {
  return (read === 0 ? 0 : EPOLLIN | EPOLLRDHUP) | (written === 0 ? 0 : EPOLLOUT) | EPOLLET;
}

function isTaken(pipe: FilledPipe | null): boolean {
  return pipe === null || (pipe.readEnd >= 0 && pipe.writeEnd >= 0);
}

self.onmessage = (event: MessageEvent<OffloadStart>) => {
  const loop = new OffloadLoop(new OffloadMemory(event.data.buffers), event.data.wakeFd);
  postMessage({ ownsTable: loop.ownsTable });
  loop.run();
  // This thread alone.
  process.exit();
};
