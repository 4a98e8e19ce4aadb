import type { DarwinPort } from '../src/attribute/darwin/port.ts';
import type { Endpoint } from '../src/model/endpoint.ts';
import type { SocketCalls } from './bound-sockets.ts';
import type { NatlookReply } from './interceptor.ts';

/** A listening descriptor, or why there is none. */
export type ListenReply =
  | { readonly ok: true; readonly fd: number }
  /** `errno` by name: EADDRINUSE, EADDRNOTAVAIL … */
  | { readonly ok: false; readonly errno: string };

/** All calls of macOS that no program does for us. */
export interface DarwinNative extends DarwinPort {
  /** DIOCNATLOOK; null when /dev/pf could not be opened, and `pfError` then says why. */
  readonly natlook: ((question: Uint8Array) => NatlookReply) | null;
  readonly pfError: string | null;
  /** Sockets that are bound to an interface; null where ioctl was not found. */
  readonly boundSockets: SocketCalls | null;
  /** The calls that were found, for `doctor`. */
  readonly found: { readonly ioctl: '__ioctl' | 'ioctl' | null; readonly responsiblePid: boolean };
  /** Opens a listening TCP socket that `Bun.listen({ fd })` then owns; `onLo0` for a link-local address of lo0. */
  listen(local: Endpoint, onLo0: boolean): ListenReply;
}
