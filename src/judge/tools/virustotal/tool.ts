import { z } from 'zod';
import { untilAbort } from '../../../async/until-abort.ts';
import type { Host } from '../../../model/brand.ts';
import { cleanText } from '../../../model/clean.ts';
import { normalizeHost } from '../../../model/host.ts';
import type { Tool, ToolContext, ToolOutcome } from '../tool.ts';
import { LOOKUP_MAX_MS, type Lookup, VirustotalClient, type VirustotalOptions } from './client.ts';
import { reportLines } from './lines.ts';

const argsSchema = z.object({
  domain: z.string().min(1).max(260).describe('the domain, or a host name below it'),
});

/** VIRUSTOTAL: what engines and people say of a domain (API v3). Made only where there is a key. */
export function virustotalTool(options: VirustotalOptions): Tool<typeof argsSchema> {
  const client = new VirustotalClient(options);
  return {
    name: 'VIRUSTOTAL',
    description:
      'Asks VirusTotal about a domain: how many security engines call it malicious, its categories, votes, age and popularity. ' +
      'Few lookups are possible a minute: ask about the registrable domain, once.',
    args: argsSchema,
    limitMs: LOOKUP_MAX_MS,
    run: (args, context, signal) => run(args, context, client, options.clock, signal),
  };
}

async function run(
  args: z.infer<typeof argsSchema>,
  context: ToolContext,
  client: VirustotalClient,
  clock: () => number,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  const host = normalizeHost(args.domain);
  if (host === null)
    return failed(`${cleanText(args.domain)} is not a domain name: give the name alone, without path`);
  if (!context.mayAsk(host)) return failed(`${host} has nothing to do with this inquiry`);
  if (signal.aborted) return failed('the time was over');
  const lookup = await untilAbort(client.lookup(host), signal);
  return lookup === null ? failed('VirusTotal did not answer in time') : outcomeOf(host, lookup, clock());
}

function outcomeOf(host: Host, lookup: Lookup, nowMs: number): ToolOutcome {
  switch (lookup.kind) {
    case 'report':
      return told(reportLines(host, lookup.report, nowMs));
    case 'not_known':
      return told([
        `${host} is not known to VirusTotal: nobody asked about it yet, which says neither good nor bad.`,
      ]);
    case 'failed':
      return failed(lookup.why);
    default:
      return lookup satisfies never;
  }
}

const told = (lines: readonly string[]): ToolOutcome => ({
  kind: 'ok',
  source: 'reputation',
  text: lines.join('\n'),
});
const failed = (why: string): ToolOutcome => ({ kind: 'failed', why });
