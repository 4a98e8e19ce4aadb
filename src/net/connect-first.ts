import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { cleanText } from '../model/clean.ts';

/** Most addresses of a host that are tried. */
const ADDRESSES_TRIED = 3;

/** How a connection is made. */
export interface ConnectOptions {
  readonly port: number;
  /** The longest time for one address, milliseconds. */
  readonly connectMs: number;
  /** The protocols that are offered in a TLS handshake, the preferred one first. */
  readonly alpn: readonly string[];
  /** Certificates (PEM) to trust in place of the well-known ones; for tests. */
  readonly ca?: string | undefined;
  /** Takes any certificate, for who only looks at it and says nothing. */
  readonly anyCertificate?: boolean;
  /** Ends the attempt, with its reason as the error. */
  readonly signal: AbortSignal;
}

/**
 * Connects to the first address that answers, with TLS for https: the certificate must be valid for the host of the URL, whose name
 * is not resolved here. Rejects with what went wrong last, the error of the socket as its cause.
 */
export async function connectFirst(
  url: URL,
  addresses: readonly string[],
  options: ConnectOptions,
): Promise<Socket | TLSSocket> {
  let last: unknown = new Error(`${url.host} has no address`);
  for (const address of addresses.slice(0, ADDRESSES_TRIED)) {
    if (options.signal.aborted) throw reasonOf(options.signal);
    try {
      return await connectOne(url, address, options);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

/** Why a request came to nothing, cleaned; an error after the signal is that of the signal. */
export function failureText(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'the time was over';
  return cleanText(error instanceof Error ? error.message : String(error));
}

/** Why a signal was given, as an error. */
export function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason));
}

function connectOne(url: URL, address: string, options: ConnectOptions): Promise<Socket> {
  const { port, connectMs, signal } = options;
  const secure = url.protocol === 'https:';
  const socket = secure ? dialTls(url, address, options) : connectTcp({ host: address, port });
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      socket.off('close', hungUp);
    };
    const fail = (error: Error) => {
      settle();
      socket.destroy();
      reject(new Error(`cannot connect to ${url.host}: ${error.message}`, { cause: error }));
    };
    const timer = setTimeout(() => fail(new Error(`no answer within ${connectMs} ms`)), connectMs);
    const abort = () => fail(reasonOf(signal));
    const hungUp = () => fail(new Error('it hung up'));
    signal.addEventListener('abort', abort, { once: true });
    // Stays when it is connected: what goes wrong later ends the socket, and whoever reads it is told.
    socket.once('error', fail);
    socket.once('close', hungUp);
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      settle();
      resolve(socket);
    });
  });
}

function dialTls(url: URL, address: string, options: ConnectOptions): TLSSocket {
  const { port, alpn, ca, anyCertificate = false } = options;
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const isName = !/^[\d.]+$/.test(name) && !name.includes(':');
  return connectTls({
    host: address,
    port,
    ALPNProtocols: [...alpn],
    rejectUnauthorized: !anyCertificate,
    ...(ca === undefined ? {} : { ca }),
    ...(isName ? { servername: name } : {}),
  });
}
