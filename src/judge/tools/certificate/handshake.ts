import type { X509Certificate } from 'node:crypto';
import { connect, type TLSSocket } from 'node:tls';
import { cleanText } from '../../../model/clean.ts';
import { certificateFault, errorCode } from './fault.ts';

/** The longest time for one address. */
const ADDRESS_MS = 2_500;

/** What a server showed in a handshake. */
export interface Handshake {
  readonly address: string;
  /** What is wrong with the certificate for this name, in words; null when it is as it should be. */
  readonly fault: string | null;
  readonly certificate: X509Certificate;
  readonly protocol: string;
  /** The protocol that the server chose of HTTP/2 and HTTP/1.1; null when it chose none. */
  readonly alpn: string | null;
}

export interface HandshakeTarget {
  readonly host: string;
  readonly addresses: readonly string[];
  readonly port: number;
  readonly ca?: string | undefined;
}

/**
 * Shakes hands with the first address that does, naming the host, and hangs up: not a byte of a request is sent, and the
 * certificate is taken as it is. The words of the last failure when no address did. Never rejects; ends by the signal.
 */
export async function shakeHands(
  target: HandshakeTarget,
  signal: AbortSignal,
): Promise<Handshake | { readonly failed: string }> {
  let failed = 'the time was over';
  for (const address of target.addresses) {
    if (signal.aborted) break;
    const shaken = await shakeOne(target, address, signal);
    if (typeof shaken !== 'string') return shaken;
    failed = shaken;
  }
  return { failed };
}

function shakeOne(
  target: HandshakeTarget,
  address: string,
  signal: AbortSignal,
): Promise<Handshake | string> {
  const done = Promise.withResolvers<Handshake | string>();
  const socket = connect({
    host: address,
    port: target.port,
    servername: target.host,
    ALPNProtocols: ['h2', 'http/1.1'],
    // The certificate is what is asked for; nothing is said to whoever shows it.
    rejectUnauthorized: false,
    ...(target.ca === undefined ? {} : { ca: target.ca }),
  });
  const over = (): void => done.resolve('the time was over');
  const timer = setTimeout(over, ADDRESS_MS);
  signal.addEventListener('abort', over, { once: true });
  socket.on('error', (error) => done.resolve(cleanText(error.message)));
  socket.once('close', () => done.resolve('the server hung up'));
  socket.once('secureConnect', () => done.resolve(shownBy(socket, address)));
  return done.promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', over);
    socket.destroy();
  });
}

function shownBy(socket: TLSSocket, address: string): Handshake | string {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return 'the server showed no certificate';
  return {
    address,
    fault: socket.authorized ? null : faultOf(socket.authorizationError),
    certificate,
    protocol: socket.getProtocol() ?? 'unknown',
    alpn: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : null,
  };
}

function faultOf(error: unknown): string {
  const code = typeof error === 'string' ? error : errorCode(error);
  return certificateFault(code) ?? (cleanText(code) || 'its check failed');
}
