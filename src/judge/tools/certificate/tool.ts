import { z } from 'zod';
import type { Host } from '../../../model/brand.ts';
import { cleanText } from '../../../model/clean.ts';
import { normalizeHost } from '../../../model/host.ts';
import { contact, type OwnerNetwork, portFor } from '../contact.ts';
import type { Tool, ToolContext, ToolOutcome } from '../tool.ts';
import { shakeHands } from './handshake.ts';
import { certificateLines } from './lines.ts';

const TOTAL_MS = 5_000;
const HTTPS = 443;

const argsSchema = z.object({
  host: z.string().min(1).max(260).describe('the host name'),
  port: z.int().min(1).max(65_535).default(HTTPS).describe('the TCP port'),
});

/**
 * CERTIFICATE: what a server shows in a TLS handshake, trusted or not. Names in a certificate do not become names that may be asked
 * about: whoever makes one writes into it what he likes, names of others too, and proves nothing by it.
 */
export function certificateTool(network: OwnerNetwork): Tool<typeof argsSchema> {
  return {
    name: 'CERTIFICATE',
    description:
      'Shakes hands with a TLS server and tells of its certificate: whether it is valid for the host, issuer, subject, names, age, ' +
      'key. Free certificates are issued within seconds to anybody who holds a name: a valid one proves nothing good.',
    args: argsSchema,
    limitMs: TOTAL_MS,
    run: (args, context, signal) => run(args, context, network, signal),
  };
}

async function run(
  { host: text, port }: z.infer<typeof argsSchema>,
  context: ToolContext,
  network: OwnerNetwork,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  const host = normalizeHost(text);
  if (host === null)
    return failed(`${cleanText(text)} is not a host name: give the name alone, without path`);
  if (!context.mayAsk(host)) return failed(`${host} has nothing to do with this inquiry`);
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new Error('the time was over')), TOTAL_MS);
  try {
    return await ask(host, port, network, AbortSignal.any([signal, deadline.signal]));
  } finally {
    clearTimeout(timer);
  }
}

async function ask(
  host: Host,
  port: number,
  network: OwnerNetwork,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  const where = await contact(host, network, signal);
  if (where.kind === 'listed') return told([`${host} ${where.why}: it was not contacted.`]);
  if (where.kind !== 'ok') return failed(`${host} cannot be asked: ${where.why}`);
  const shaken = await shakeHands(
    { host, addresses: where.addresses, port: portFor(port, network), ca: network.ca },
    signal,
  );
  if ('failed' in shaken) return failed(`${host} shook no hands on port ${port}: ${shaken.failed}`);
  const { address, fault, certificate, protocol, alpn } = shaken;
  return told([
    `Server: ${host}, port ${port}, address ${address}`,
    `Valid: ${fault === null ? 'yes, an authority that this machine trusts vouches for it' : `no: ${fault}`}`,
    ...certificateLines(certificate, host, Date.now()),
    `Connection: ${cleanText(protocol)}${alpn === null ? '' : `, ${cleanText(alpn)}`}`,
  ]);
}

function told(lines: readonly string[]): ToolOutcome {
  return { kind: 'ok', source: 'certificate', text: lines.join('\n') };
}

function failed(why: string): ToolOutcome {
  return { kind: 'failed', why };
}
