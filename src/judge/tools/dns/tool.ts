import { z } from 'zod';
import { normalizeHost } from '../../../model/host.ts';
import { RECORD_TYPES } from '../../../net/dns-message.ts';
import { type DnsAnswer, type DnsServer, resolveOverHttps } from '../../../net/dns-over-https.ts';
import type { Blocked } from '../../../net/reachable.ts';
import { hostArg, type Tool, type ToolContext } from '../tool.ts';
import { dnsTold } from './lines.ts';

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

/** DNS_RESOLVE: what name servers say of a name, by DNS over HTTPS. No address in an answer is connected to. */
export function dnsTool(server: DnsServer, blocked: Blocked): Tool<typeof argsSchema> {
  return {
    name: 'DNS_RESOLVE',
    source: 'dns',
    description:
      'Resolves a name by DNS: addresses, aliases, mail and name servers, TXT records, with their TTL. Whoever holds the name ' +
      'writes all of it, TXT records above all.',
    args: argsSchema,
    limitMs: 4_000,
    hostOf: ({ name }) => name,
    ask: async (name, { types: asked = [] }, context, signal) => {
      const types = RECORD_TYPES.filter((type) => asked.length === 0 || asked.includes(type));
      const answers = await resolveOverHttps(server, name, types, signal);
      if ('why' in answers) return { failed: `the DNS over HTTPS server did not answer: ${answers.why}` };
      const [first] = answers.values();
      if (first?.kind === 'failed' && [...answers.values()].every(({ kind }) => kind === 'failed'))
        return { failed: `${name} was not resolved: ${first.why}` };
      for (const answer of answers.values()) learn(answer, context);
      const told = dnsTold(name, answers, blocked);
      return name === context.host || (name as string) === context.domain ? told : { ...told, facts: [] };
    },
  };
}

/** Names that an answer leads to may be asked about: aliases, mail and name servers. */
function learn(answer: DnsAnswer, context: ToolContext): void {
  if (answer.kind === 'failed') return;
  const names = [...answer.aliases.map(({ to }) => to), ...answer.records.flatMap(({ name }) => name ?? [])];
  for (const name of names.slice(0, NAMES_LEARNED)) {
    const host = normalizeHost(name);
    if (host !== null) context.learn(host);
  }
}
