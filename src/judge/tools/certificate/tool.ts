import { z } from 'zod';
import { cleanText } from '../../../model/clean.ts';
import { reachableInTime } from '../../../net/reachable.ts';
import { hostArg, hostTool, type Told, type Tool, type ToolNetwork } from '../tool.ts';
import { shakeHands } from './handshake.ts';
import { certificateLines } from './lines.ts';

const HTTPS = 443;

const argsSchema = z.object({
  host: hostArg('the host name'),
  port: z.int().min(1).max(65_535).default(HTTPS).describe('the TCP port'),
});

/**
 * CERTIFICATE: what a server shows in a TLS handshake, trusted or not. Names in a certificate do not become names that may be asked
 * about: whoever makes one writes into it what he likes, names of others too, and proves nothing by it.
 */
export function certificateTool(network: ToolNetwork): Tool<typeof argsSchema> {
  return hostTool({
    name: 'CERTIFICATE',
    source: 'certificate',
    description:
      'Shakes hands with a TLS server and tells of its certificate: whether it is valid for the host, issuer, subject, names, age, ' +
      'key. Free certificates are issued within seconds to anybody who holds a name: a valid one proves nothing good.',
    args: argsSchema,
    limitMs: 5_000,
    hostOf: ({ host }) => host,
    ask: async (host, { port }, _context, signal): Promise<Told> => {
      const where = await reachableInTime(host, network, signal);
      if (where.kind === 'listed') return [`${host} ${where.why}: it was not contacted.`];
      if (where.kind !== 'ok') return { failed: `${host} cannot be asked: ${where.why}` };
      const shaken = await shakeHands(
        { host, addresses: where.addresses, port: network.ports?.get(port) ?? port, ca: network.ca },
        signal,
      );
      if ('failed' in shaken) return { failed: `${host} shook no hands on port ${port}: ${shaken.failed}` };
      const { address, fault, certificate, protocol, alpn } = shaken;
      return [
        `Server: ${host}, port ${port}, address ${address}`,
        `Valid: ${fault === null ? 'yes, an authority that this machine trusts vouches for it' : `no: ${fault}`}`,
        ...certificateLines(certificate, host, Date.now()),
        `Connection: ${cleanText(protocol)}${alpn === null ? '' : `, ${cleanText(alpn)}`}`,
      ];
    },
  });
}
