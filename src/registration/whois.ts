import { connect, type Socket } from 'node:net';
import { reachable } from '../net/reachable.ts';
import type { UnknownWhy } from './answer.ts';
import type { Network } from './secure-get.ts';

/** The longest reply; what is longer is read so far, since registries put the dates first. */
const REPLY_MAX_BYTES = 65_536;
/** Most addresses of a server that are tried. */
const ADDRESSES_TRIED = 2;

export interface WhoisNetwork extends Network {
  /** 43, save in tests. */
  readonly whoisPort: number;
}

export type WhoisReply =
  | { readonly kind: 'reply'; readonly text: string }
  | { readonly kind: 'failed'; readonly why: UnknownWhy };

/**
 * Sends one line to a WHOIS server and reads until it hangs up (RFC 3912), at an address that was checked to be on the internet.
 * Bytes that are no UTF-8 become U+FFFD. Never rejects; ends by the signal, save that a slow name server can hold it up.
 */
export async function askWhois(
  server: string,
  query: string,
  network: WhoisNetwork,
  signal: AbortSignal,
): Promise<WhoisReply> {
  const where = await reachable(server, { allowPrivate: network.allowPrivate });
  if (where.kind !== 'ok') return { kind: 'failed', why: signal.aborted ? 'timed_out' : 'unreachable' };
  for (const address of where.addresses.slice(0, ADDRESSES_TRIED)) {
    if (signal.aborted) break;
    const text = await exchange(address, network.whoisPort, query, signal);
    if (text !== null) return { kind: 'reply', text };
  }
  return { kind: 'failed', why: signal.aborted ? 'timed_out' : 'unreachable' };
}

/** One exchange; null when there was no connection, or it broke before anything came. */
function exchange(address: string, port: number, query: string, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const pieces: Uint8Array[] = [];
    let size = 0;
    const socket: Socket = connect({ host: address, port });
    const settle = (text: string | null): void => {
      signal.removeEventListener('abort', abort);
      socket.destroy();
      resolve(text);
    };
    const whole = (): void => settle(size === 0 ? null : textOf(pieces));
    const abort = (): void => settle(null);
    signal.addEventListener('abort', abort, { once: true });
    // Its end is not answered by ours before all is read: some servers stop writing at a half-closed connection.
    socket.once('connect', () => socket.write(`${query}\r\n`));
    socket.on('data', (piece: Uint8Array) => {
      pieces.push(piece);
      size += piece.length;
      if (size >= REPLY_MAX_BYTES) whole();
    });
    socket.once('end', whole);
    socket.once('close', whole);
    socket.once('error', whole);
  });
}

/** What was read, without a last line that was cut by the limit. */
function textOf(pieces: readonly Uint8Array[]): string {
  const bytes = Buffer.concat(pieces);
  if (bytes.length < REPLY_MAX_BYTES) return new TextDecoder().decode(bytes);
  const kept = bytes.subarray(0, REPLY_MAX_BYTES);
  return new TextDecoder().decode(kept.subarray(0, kept.lastIndexOf(0x0a) + 1));
}
