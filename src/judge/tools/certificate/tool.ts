import type { TLSSocket } from 'node:tls';
import { z } from 'zod';
import type { Host } from '../../../model/brand.ts';
import type { Fact } from '../../../model/inquiry.ts';
import { connectFirst, failureText } from '../../../net/connect-first.ts';
import { reachableInTime } from '../../../net/reachable.ts';
import { hostArg, type Told, type Tool, type ToolNetwork } from '../tool.ts';
import { handshakeFacts, handshakeLines } from './lines.ts';

const HTTPS = 443;
/** The longest time for one address. */
const CONNECT_MS = 2_500;

const BARRED: Fact = { leans: 'against', text: 'It was not contacted, for it is on a list.' };

const argsSchema = z.object({
  host: hostArg('the host name'),
  port: z.int().min(1).max(65_535).default(HTTPS).describe('the TCP port'),
});

/**
 * CERTIFICATE: what a server shows in a TLS handshake, trusted or not. Names in a certificate do not become names that may be asked
 * about: whoever makes one writes into it what he likes, names of others too, and proves nothing by it.
 */
export function certificateTool(network: ToolNetwork): Tool<typeof argsSchema> {
  return {
    name: 'CERTIFICATE',
    source: 'certificate',
    description:
      'Shakes hands with a TLS server and tells of its certificate: whether it is valid for the host, issuer, subject, names, age, ' +
      'key. Free certificates are issued within seconds to anybody who holds a name: a valid one proves nothing good.',
    args: argsSchema,
    limitMs: 5_000,
    hostOf: ({ host }) => host,
    ask: async (host, { port }, _context, signal) => {
      const where = await reachableInTime(host, network, signal);
      if (where.kind === 'listed')
        return { lines: [`${host} ${where.why}: it was not contacted.`], facts: [BARRED] };
      if (where.kind !== 'ok') return { failed: `${host} cannot be asked: ${where.why}` };
      return shakeHands(host, port, where.addresses, network, signal);
    },
  };
}

/**
 * Shakes hands with the first address that does, naming the host, and hangs up: not a byte of a request is sent, and the certificate
 * is taken as it is. Never rejects; ends by the signal.
 */
async function shakeHands(
  host: Host,
  port: number,
  addresses: readonly string[],
  { ca, ports }: ToolNetwork,
  signal: AbortSignal,
): Promise<Told> {
  const how = { port: ports?.get(port) ?? port, connectMs: CONNECT_MS, alpn: ['h2', 'http/1.1'], ca, signal };
  let socket: TLSSocket | null = null;
  try {
    const url = new URL(`https://${host}/`);
    socket = (await connectFirst(url, addresses, { ...how, anyCertificate: true })) as TLSSocket;
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) throw new Error('it showed no certificate');
    const lines = handshakeLines(socket, certificate, host, Date.now());
    return {
      lines: [`Server: ${host}, port ${port}, address ${socket.remoteAddress ?? ''}`, ...lines],
      facts: handshakeFacts(socket, certificate, host, Date.now()),
    };
  } catch (error) {
    return { failed: `${host} shook no hands on port ${port}: ${failureText(error, signal)}` };
  } finally {
    socket?.destroy();
  }
}
