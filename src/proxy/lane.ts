import type { FlowState } from '../model/flow.ts';
import type { Share } from './offload/handoff.ts';
import type { Offload, OffloadedFlow } from './offload/offload.ts';
import type { Splice } from './splice.ts';

/** Which way the bytes of a lane go: to the program or to the server. */
export type Way = 'in' | 'out';

/**
 * A part of what goes one way, moved by the offload thread while JavaScript keeps both sockets, and reads nothing from the one that
 * the bytes come from. It ends with its bytes, with the end of the source, which JavaScript then reads itself, or when a side breaks.
 */
export class Lane implements OffloadedFlow {
  /** Bytes moved so far. */
  bytes = 0;
  #slot = -1;

  private constructor(
    private readonly offload: Offload,
    private readonly ended: (lane: Lane, state: FlowState) => void,
  ) {}

  /**
   * Begins with what waits in the splice and `bytes` behind it. Null when the offload thread has no room; all then stays as it was.
   * Never to be called while data of the source is delivered: Bun may read on before it pauses.
   */
  static open(
    offload: Offload,
    splice: Splice,
    way: Way,
    bytes: number,
    ended: (lane: Lane, state: FlowState) => void,
  ): Lane | null {
    const lane = new Lane(offload, ended);
    const { client, upstream, toClient, toUpstream } = splice;
    const source = way === 'in' ? upstream : client;
    const waiting = way === 'in' ? toClient : toUpstream;
    source.pause();
    const sockets = { clientFd: fdOf(client), upstreamFd: fdOf(upstream) };
    const pending = {
      toClient: way === 'in' ? toClient : null,
      toUpstream: way === 'out' ? toUpstream : null,
    };
    const share: Share = { bytesIn: way === 'in' ? bytes : 0, bytesOut: way === 'out' ? bytes : 0 };
    const slot = offload.take({ ...sockets, ...pending }, lane, share);
    if (slot === null) {
      if (waiting === null) source.resume();
      return null;
    }
    lane.#slot = slot;
    if (way === 'in') splice.giveToClient();
    else splice.giveToUpstream();
    return lane;
  }

  /** Resets both sockets; what is still heard of the lane is to be ignored. */
  cut(): void {
    this.offload.cut(this.#slot);
  }

  moved(bytesIn: number, bytesOut: number): void {
    this.bytes = bytesIn + bytesOut;
  }

  moveEnded(state: FlowState): void {
    this.ended(this, state);
  }
}

/** The descriptor of a socket, which Bun has and its typings do not know. */
export function fdOf(socket: Splice['client']): number {
  return (socket as unknown as { fd: number }).fd;
}
