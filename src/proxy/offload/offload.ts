import type { FlowState } from '../../model/flow.ts';
import { workerUrl } from '../../model/worker-url.ts';
import { type HandedSockets, type Handoff, pack, type Share, unpack } from './handoff.ts';
import { OffloadLibc } from './libc.ts';
import { END, OFFLOAD_SLOTS, OffloadMemory, OP, SLOT, STATE } from './memory.ts';
import type { OffloadStart } from './worker.ts';

/** Descriptors of the worker that no socket takes: pipes, and what it had when it started. */
const RESERVE = 1_024;

/** Questions in a row without an answer after which the thread's silence is told; the engine asks twice a second. */
const SILENT_MAX = 6;

const WORKER = workerUrl('proxy/offload/worker.ts', import.meta.url);

/** How the thread is; `silent`: it has not answered for seconds. */
export type OffloadState = 'runs' | 'silent' | 'ended';

/** A flow that the offload thread carries, as it reports back. */
export interface OffloadedFlow {
  /** Bytes so far, from the moment of the hand-over. */
  moved(bytesIn: number, bytesOut: number): void;
  moveEnded(state: FlowState): void;
}

/**
 * Main-thread side of the offload thread (Linux): hands connected sockets over to the worker, and learns by `poll` what became
 * of them.
 */
export class Offload {
  readonly #libc = new OffloadLibc();
  readonly #memory = OffloadMemory.allocate();
  readonly #free: number[] = [];
  readonly #entries = new Map<number, Entry>();
  readonly #wakeFd = this.#libc.eventfd();
  #fresh = 0;
  #ownsTable = false;
  #shares = 0;
  #isDead = false;
  #silent = 0;

  private constructor(
    private readonly worker: Worker,
    private readonly limit: number | null,
    private readonly told: (text: string) => void,
  ) {}

  /**
   * Starts the worker; must come before any socket is made, because the worker's descriptor table is a copy. `limit` is
   * RLIMIT_NOFILE, null when unknown. `told` hears, in a line, of a worker that ends although nobody stopped it, or does not answer.
   */
  static async start(limit: number | null, told: (text: string) => void = () => undefined): Promise<Offload> {
    const worker = new Worker(WORKER);
    const offload = new Offload(worker, limit, told);
    const start: OffloadStart = { buffers: offload.#memory.buffers, wakeFd: offload.#wakeFd };
    await new Promise<void>((resolve, reject) => {
      worker.onmessage = (event: MessageEvent<{ ownsTable: boolean }>) => {
        offload.#ownsTable = event.data.ownsTable;
        resolve();
      };
      worker.onerror = (event) => reject(new Error(`the offload thread did not start: ${event.message}`));
      worker.postMessage(start);
    });
    worker.onmessage = (event: MessageEvent<number>) => offload.#hear(event.data);
    worker.onerror = (event) => offload.#died(event.message);
    worker.addEventListener('close', () => offload.#died('it ended'));
    worker.unref();
    return offload;
  }

  /** Flows and shares of flows that it carries. */
  get size(): number {
    return this.#entries.size;
  }

  /** Flows whose sockets the main thread no longer holds. */
  get whole(): number {
    return this.#entries.size - this.#shares;
  }

  /** Whether moved flows no longer count against the main thread's descriptor limit. */
  get ownsTable(): boolean {
    return this.#ownsTable;
  }

  /**
   * Takes over both sockets, which the caller closes right after with `end()` (never `terminate()`: that would reset
   * the shared connection), and the bytes that wait for them. Null when there is no slot, descriptor or room for the bytes
   * left; all then stays as it was. Of a `share` the caller keeps both sockets and reads nothing that the share may take, until
   * it has ended; there are none when the thread shares our descriptors, of which they would take more.
   */
  take(from: HandedSockets, flow: OffloadedFlow, share: Share | null = null): number | null {
    if (this.#isDead || this.#silent > 1 || (share !== null && !this.#ownsTable)) return null;
    // Past it the worker could not take them, and they would be reset.
    if (this.#ownsTable && this.limit !== null && (this.size + 1) * 2 > this.limit - RESERVE) return null;
    const slot = this.#free.pop() ?? (this.#fresh < OFFLOAD_SLOTS ? this.#fresh++ : null);
    if (slot === null) return null;
    const handoff = pack(this.#libc, from);
    if (handoff === null) {
      this.#free.push(slot);
      return null;
    }
    this.#memory.set(slot, SLOT.clientFd, handoff.clientFd);
    this.#memory.set(slot, SLOT.upstreamFd, handoff.upstreamFd);
    this.#memory.setPipe(slot, SLOT.toClient, handoff.toClient);
    this.#memory.setPipe(slot, SLOT.toUpstream, handoff.toUpstream);
    this.#memory.setBytes(slot, 0, 0);
    this.#memory.setShare(slot, share);
    this.#memory.set(slot, SLOT.state, STATE.queued);
    const isShare = share !== null;
    if (isShare) this.#shares++;
    this.#entries.set(slot, { flow, isShare, handoff: this.#ownsTable ? handoff : null });
    this.#memory.send(slot, OP.add);
    this.#libc.signal(this.#wakeFd);
    return slot;
  }

  /** Resets both sides of a moved flow; `moveEnded` follows. */
  cut(slot: number): void {
    this.#memory.send(slot, OP.cut);
    this.#libc.signal(this.#wakeFd);
  }

  /** Passes on byte counts and ends; called by the engine's tick, costs about 20 ns a moved flow. */
  poll(): void {
    for (const slot of this.#entries.keys()) this.#hear(slot);
  }

  #hear(slot: number): void {
    const entry = this.#entries.get(slot);
    const state = this.#memory.get(slot, SLOT.state);
    if (entry === undefined || state === STATE.queued) return;
    this.#closeCopies(entry);
    entry.flow.moved(this.#memory.bytesIn(slot), this.#memory.bytesOut(slot));
    if (state !== STATE.ended) return;
    this.#entries.delete(slot);
    if (entry.isShare) this.#shares--;
    this.#memory.set(slot, SLOT.state, STATE.free);
    this.#free.push(slot);
    entry.flow.moveEnded(stateOf(this.#memory.get(slot, SLOT.end)));
  }

  /** What the worker carried is gone with it; new flows stay in JavaScript. */
  #died(why: string): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.told(
      `the thread that moves bytes ended (${why}): ${this.size} connections are cut, new ones go on without it`,
    );
    for (const [slot, entry] of this.#entries) {
      this.#closeCopies(entry);
      if (!this.#ownsTable) {
        for (const end of [SLOT.clientFd, SLOT.upstreamFd] as const)
          this.#libc.close(this.#memory.get(slot, end));
      }
      entry.flow.moved(this.#memory.bytesIn(slot), this.#memory.bytesOut(slot));
      entry.flow.moveEnded('server_reset');
    }
    this.#entries.clear();
    this.#shares = 0;
  }

  get state(): OffloadState {
    if (this.#isDead) return 'ended';
    return this.#silent >= SILENT_MAX ? 'silent' : 'runs';
  }

  /**
   * Whether the thread has answered since this was asked last; to be asked twice a second, by what tells the watchdog that the engine
   * lives. What a thread that stands still carries cannot be ended here, only with the whole process. One that has ended needs no answer.
   */
  answers(): boolean {
    if (this.#isDead) return true;
    const isAnswered = this.#memory.isAnswered;
    if (isAnswered && this.#silent >= SILENT_MAX) this.told('the thread that moves bytes answers again');
    this.#silent = isAnswered ? 0 : this.#silent + 1;
    if (this.#silent === SILENT_MAX)
      this.told('the thread that moves bytes does not answer; the watchdog ends the engine if that lasts');
    this.#memory.ask();
    this.#libc.signal(this.#wakeFd);
    return isAnswered;
  }

  /** The thread ends by itself: to terminate one that stands still would hold this thread too (docs/facts/bun-ink.md). */
  stop(): void {
    this.#isDead = true;
    this.worker.onerror = null;
    this.#memory.send(0, OP.stop);
    this.#libc.signal(this.#wakeFd);
  }

  /** The worker has its own by now. */
  #closeCopies(entry: Entry): void {
    if (entry.handoff !== null) unpack(this.#libc, entry.handoff);
    entry.handoff = null;
  }
}

interface Entry {
  readonly flow: OffloadedFlow;
  readonly isShare: boolean;
  /** The descriptors that main handed over and still holds, because the worker's table is another. */
  handoff: Handoff | null;
}

function stateOf(end: number): FlowState {
  if (end === END.closed) return 'closed';
  return end === END.clientReset ? 'client_reset' : 'server_reset';
}
