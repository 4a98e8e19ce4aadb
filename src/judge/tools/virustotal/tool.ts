import { z } from 'zod';
import { hostArg, type Tool } from '../tool.ts';
import { LOOKUP_MAX_MS, VirustotalClient, type VirustotalOptions } from './client.ts';
import { reportFacts, reportLines } from './lines.ts';

const argsSchema = z.object({ domain: hostArg('the domain, or a host name below it') });

/** VIRUSTOTAL: what engines and people say of a domain (API v3). Made only where there is a key. */
export function virustotalTool(options: VirustotalOptions): Tool<typeof argsSchema> {
  const client = new VirustotalClient(options);
  return {
    name: 'VIRUSTOTAL',
    source: 'reputation',
    description:
      'Asks VirusTotal about a domain: how many security engines call it malicious, its categories, votes, age and popularity. ' +
      'Few lookups are possible a minute: ask about the registrable domain, once.',
    args: argsSchema,
    limitMs: LOOKUP_MAX_MS,
    hostOf: ({ domain }) => domain,
    ask: async (host, _args, { domain }) => {
      const answer = await client.lookup(host);
      if ('failed' in answer) return answer;
      const nowMs = options.clock();
      const facts = (host as string) === domain ? reportFacts(answer.report, nowMs) : [];
      return { lines: reportLines(host, answer.report, nowMs), facts };
    },
  };
}
