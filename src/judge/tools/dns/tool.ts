import { z } from 'zod';
import type { Host } from '../../../model/brand.ts';
import { normalizeHost } from '../../../model/host.ts';
import { hostArg, hostTool, type Told, type Tool, type ToolContext, type ToolNetwork } from '../tool.ts';
import { type DnsAnswers, dnsLines } from './lines.ts';
import { RECORD_TYPES, type RecordType } from './message.ts';
import { type DnsAnswer, type DnsServer, openDnsServer } from './over-https.ts';

/** Names of one answer that may be asked about afterwards. */
const NAMES_LEARNED = 20;

const argsSchema = z.object({
  name: hostArg('the name to resolve'),
  types: z
    .array(z.enum(RECORD_TYPES))
    .max(20)
    .optional()
    .describe('the kinds of records; all of them when not given'),
});

export interface DnsOptions {
  /** A DNS over HTTPS server, `https://…/dns-query`. */
  readonly dnsUrl: string;
  readonly network: Pick<ToolNetwork, 'blocked' | 'ca'>;
}

/** DNS_RESOLVE: what name servers say of a name, by DNS over HTTPS. No address in an answer is connected to. */
export function dnsTool({ dnsUrl, network }: DnsOptions): Tool<typeof argsSchema> {
  return hostTool({
    name: 'DNS_RESOLVE',
    source: 'dns',
    description:
      'Resolves a name by DNS: addresses, aliases, mail and name servers, TXT records, with their TTL. Whoever holds the name ' +
      'writes all of it, TXT records above all.',
    args: argsSchema,
    limitMs: 4_000,
    hostOf: ({ name }) => name,
    ask: async (name, { types = [] }, context, signal) => {
      const server = await openDnsServer(dnsUrl, network.ca, signal);
      if (server.kind === 'failed')
        return { failed: `the DNS over HTTPS server did not answer: ${server.why}` };
      try {
        const answers = await answersOf(server, name, types);
        return told(name, answers, context, network);
      } finally {
        server.close();
      }
    },
  });
}

function answersOf(server: DnsServer, name: Host, asked: readonly RecordType[]): Promise<DnsAnswers> {
  const types = RECORD_TYPES.filter((type) => asked.length === 0 || asked.includes(type));
  return Promise.all(types.map(async (type) => [type, await server.ask(name, type)] as const));
}

function told(
  name: Host,
  answers: DnsAnswers,
  context: ToolContext,
  { blocked }: DnsOptions['network'],
): Told {
  const first = answers[0]?.[1];
  if (first?.kind === 'failed' && answers.every(([, { kind }]) => kind === 'failed'))
    return { failed: `${name} was not resolved: ${first.why}` };
  for (const [, answer] of answers) learn(answer, context);
  return dnsLines(name, answers, blocked);
}

/** Names that an answer leads to may be asked about: aliases, mail and name servers. */
function learn(answer: DnsAnswer, context: ToolContext): void {
  if (answer.kind === 'failed') return;
  const targets = answer.records.flatMap((record) => ('name' in record ? [record.name] : []));
  for (const text of [...answer.aliases.map(({ to }) => to), ...targets].slice(0, NAMES_LEARNED)) {
    const host = normalizeHost(text);
    if (host !== null) context.learn(host);
  }
}
