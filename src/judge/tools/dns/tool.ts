import { z } from 'zod';
import type { Host } from '../../../model/brand.ts';
import { cleanText } from '../../../model/clean.ts';
import { normalizeHost } from '../../../model/host.ts';
import type { Blocked, Tool, ToolContext, ToolNetwork, ToolOutcome } from '../tool.ts';
import { type DnsAnswers, dnsLines } from './lines.ts';
import { RECORD_TYPES, type RecordType } from './message.ts';
import { type DnsAnswer, DnsServer, openDnsServer } from './over-https.ts';

const TOTAL_MS = 4_000;
/** Names of one answer that may be asked about afterwards. */
const NAMES_LEARNED = 20;

const argsSchema = z.object({
  name: z.string().min(1).max(260).describe('the name to resolve'),
  types: z
    .array(z.enum(RECORD_TYPES))
    .max(20)
    .optional()
    .describe('the kinds of records; all of them when not given'),
});

export interface DnsOptions {
  /** A DNS over HTTPS server, `https://…/dns-query`. */
  readonly dnsUrl: string;
  readonly network: ToolNetwork;
  /** Makes addresses that are on a list known as that. */
  readonly blocked?: Blocked | undefined;
}

/** DNS_RESOLVE: what name servers say of a name, by DNS over HTTPS. No address in an answer is connected to. */
export function dnsTool(options: DnsOptions): Tool<typeof argsSchema> {
  return {
    name: 'DNS_RESOLVE',
    description:
      'Resolves a name by DNS: addresses, aliases, mail and name servers, TXT records, with their TTL. Whoever holds the name ' +
      'writes all of it, TXT records above all.',
    args: argsSchema,
    limitMs: TOTAL_MS,
    run: (args, context, signal) => run(args, context, options, signal),
  };
}

async function run(
  args: z.infer<typeof argsSchema>,
  context: ToolContext,
  options: DnsOptions,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  const name = normalizeHost(args.name);
  if (name === null) return failed(`${cleanText(args.name)} is not a name: give the name alone`);
  if (!context.mayAsk(name)) return failed(`${name} has nothing to do with this inquiry`);
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new Error('the time was over')), TOTAL_MS);
  const both = AbortSignal.any([signal, deadline.signal]);
  try {
    const server = await openDnsServer(options.dnsUrl, options.network.ca, both);
    if (!(server instanceof DnsServer))
      return failed(`the DNS over HTTPS server did not answer: ${server.why}`);
    try {
      return await resolve(server, name, args.types ?? [], context, options.blocked);
    } finally {
      server.close();
    }
  } finally {
    clearTimeout(timer);
  }
}

async function resolve(
  server: DnsServer,
  name: Host,
  asked: readonly RecordType[],
  context: ToolContext,
  blocked: Blocked | undefined,
): Promise<ToolOutcome> {
  const types = RECORD_TYPES.filter((type) => asked.length === 0 || asked.includes(type));
  const answers = await Promise.all(types.map(async (type) => [type, await server.ask(name, type)] as const));
  const first = answers[0]?.[1];
  if (first?.kind === 'failed' && answers.every(([, { kind }]) => kind === 'failed'))
    return failed(`${name} was not resolved: ${first.why}`);
  learn(answers, context);
  return { kind: 'ok', source: 'dns', text: dnsLines(name, answers, blocked).join('\n') };
}

/** Names that an answer leads to may be asked about: aliases, mail and name servers. */
function learn(answers: DnsAnswers, context: ToolContext): void {
  for (const [, answer] of answers) {
    for (const text of namesIn(answer).slice(0, NAMES_LEARNED)) {
      const host = normalizeHost(text);
      if (host !== null) context.learn(host);
    }
  }
}

function namesIn(answer: DnsAnswer): readonly string[] {
  if (answer.kind === 'failed') return [];
  const targets = answer.records.flatMap((record) => ('name' in record ? [record.name] : []));
  return [...answer.aliases.map(({ to }) => to), ...targets];
}

function failed(why: string): ToolOutcome {
  return { kind: 'failed', why };
}
