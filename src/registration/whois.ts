import { connect } from 'node:net';
import { reachable } from '../net/reachable.ts';
import type { Network } from '../net/secure-get.ts';
import { type Unknown, unknown } from './answer.ts';

/** The longest reply; what is longer is read so far, since registries put the dates first. */
const REPLY_MAX_BYTES = 65_536;
/** Most addresses of a server that are tried. */
const ADDRESSES_TRIED = 2;

export interface WhoisNetwork extends Network {
  /** 43, save in tests. */
  readonly whoisPort: number;
}

/**
 * Sends one line to a WHOIS server and reads until it hangs up (RFC 3912), at an address that was checked to be on the internet.
 * Bytes that are no UTF-8 become U+FFFD. Never rejects; ends by the signal, save that a slow name server can hold it up.
 */
export async function askWhois(
  server: string,
  query: string,
  network: WhoisNetwork,
  signal: AbortSignal,
): Promise<string | Unknown> {
  const where = await reachable(server, network);
  const addresses = where.kind === 'ok' ? where.addresses : [];
  for (const address of addresses.slice(0, ADDRESSES_TRIED)) {
    if (signal.aborted) break;
    const reply = await exchange(address, network.whoisPort, query, signal);
    if (reply !== null) return reply;
  }
  return unknown(signal.aborted ? 'timed_out' : 'unreachable');
}

/** One exchange; null when there was no connection, or it broke before anything came. */
function exchange(address: string, port: number, query: string, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const pieces: Uint8Array[] = [];
    let size = 0;
    const socket = connect({ host: address, port });
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
    for (const event of ['end', 'close', 'error']) socket.once(event, whole);
  });
}

/** What was read, without a last line that was cut by the limit. */
function textOf(pieces: readonly Uint8Array[]): string {
  const bytes = Buffer.concat(pieces);
  const kept = bytes.subarray(0, REPLY_MAX_BYTES);
  const end = bytes.length < REPLY_MAX_BYTES ? kept.length : kept.lastIndexOf(0x0a) + 1;
  return new TextDecoder().decode(kept.subarray(0, end));
}
