import { z } from 'zod';
import type { Ledger } from '../../../ledger/ledger.ts';
import { plainFact } from '../../core/facts.ts';
import { hostArg, type Tool } from '../tool.ts';
import { historyLines } from './lines.ts';

/** How far back other domains of the program are told. */
const DAYS = 7;
const DAY_MS = 86_400_000;

const argsSchema = z.object({
  domain: hostArg('the domain or host name; that of the inquiry when left out').optional(),
});

export interface HistoryOptions {
  readonly history: Pick<Ledger, 'domainHistory'>;
  /** Unix milliseconds. */
  readonly clock: () => number;
}

/** HISTORY: what this machine has seen of a domain, and of the program that asks. Of nothing else: histories are private. */
export function historyTool({ history, clock }: HistoryOptions): Tool<typeof argsSchema> {
  return {
    name: 'HISTORY',
    source: 'machine',
    description:
      'Tells what this machine has seen of the domain (since when, how often, which programs, what was decided) and of the program ' +
      'that asks now (since when, which other domains). Names of programs are chosen by who made them.',
    args: argsSchema,
    limitMs: 5_000,
    hostOf: ({ domain }, context) => domain ?? context.domain,
    ask: async (host, _args, { app }) => {
      const nowMs = clock();
      const found = await history.domainHistory(host, app, nowMs - DAYS * DAY_MS);
      if (found === null) return { failed: 'the ledger of this machine could not be read' };
      // Whoever wants to be known here needs only to connect: it never speaks for a name.
      const { flows, blocked } = found.domain;
      const known = `This machine has seen ${flows} connections to it, of which ${blocked} were blocked.`;
      return { lines: historyLines(host, app, found, DAYS, nowMs), facts: [plainFact(known)] };
    },
  };
}
