import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Host } from '../../../model/brand.ts';
import { cleanText } from '../../../model/clean.ts';
import { connectFirst } from '../../../net/connect-first.ts';
import { certificateFault, errorCode } from './fault.ts';

/** The longest time for one address. */
const CONNECT_MS = 2_500;

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
  readonly host: Host;
  readonly addresses: readonly string[];
  readonly port: number;
  readonly ca?: string | undefined;
}

/**
 * Shakes hands with the first address that does, naming the host, and hangs up: not a byte of a request is sent, and the
 * certificate is taken as it is. The words of the last failure when no address did. Never rejects; ends by the signal.
 */
export async function shakeHands(
  { host, addresses, port, ca }: HandshakeTarget,
  signal: AbortSignal,
): Promise<Handshake | { readonly failed: string }> {
  const how = { port, ca, signal, connectMs: CONNECT_MS, alpn: ['h2', 'http/1.1'], anyCertificate: true };
  let socket: TLSSocket | null = null;
  try {
    socket = (await connectFirst(new URL(`https://${host}/`), addresses, how)) as TLSSocket;
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) return { failed: 'it showed no certificate' };
    return {
      address: socket.remoteAddress ?? '',
      fault: socket.authorized ? null : faultOf(socket.authorizationError),
      certificate,
      protocol: socket.getProtocol() ?? 'unknown',
      alpn: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : null,
    };
  } catch (error) {
    if (signal.aborted) return { failed: 'the time was over' };
    return { failed: cleanText(error instanceof Error ? error.message : String(error)) };
  } finally {
    socket?.destroy();
  }
}

function faultOf(error: unknown): string {
  const code = typeof error === 'string' ? error : errorCode(error);
  return certificateFault(code) ?? (cleanText(code) || 'its check failed');
}
