import { z } from 'zod';
import { untilAbort } from '../../../async/until-abort.ts';
import type { Host } from '../../../model/brand.ts';
import { cleanText } from '../../../model/clean.ts';
import type { DomainHistory } from '../../../model/history.ts';
import { normalizeHost } from '../../../model/host.ts';
import type { Tool, ToolContext, ToolOutcome } from '../tool.ts';
import { historyLines } from './lines.ts';

const LIMIT_MS = 5_000;
/** How far back other domains of the program are told. */
const DAYS = 7;
const DAY_MS = 86_400_000;

const argsSchema = z.object({
  domain: z
    .string()
    .min(1)
    .max(260)
    .optional()
    .describe('the domain or host name; that of the inquiry when left out'),
});

/** Where histories come from: `Ledger`. */
export interface HistoryPort {
  /** Null when it cannot be read. Never rejects. */
  domainHistory(domain: Host, app: ToolContext['app'], sinceMs: number): Promise<DomainHistory | null>;
}

export interface HistoryOptions {
  readonly history: HistoryPort;
  /** Unix milliseconds. */
  readonly clock: () => number;
}

/** HISTORY: what this machine has seen of a domain, and of the program that asks. Of nothing else: histories are private. */
export function historyTool(options: HistoryOptions): Tool<typeof argsSchema> {
  return {
    name: 'HISTORY',
    description:
      'Tells what this machine has seen of the domain (since when, how often, which programs, what was decided) and of the program ' +
      'that asks now (since when, which other domains). Names of programs are chosen by who made them.',
    args: argsSchema,
    limitMs: LIMIT_MS,
    run: (args, context, signal) => run(args, context, options, signal),
  };
}

async function run(
  args: z.infer<typeof argsSchema>,
  context: ToolContext,
  { history, clock }: HistoryOptions,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  const asked = args.domain ?? context.domain;
  const host = normalizeHost(asked);
  if (host === null)
    return failed(`${cleanText(asked)} is not a domain name: give the name alone, without path`);
  if (!context.mayAsk(host)) return failed(`${host} has nothing to do with this inquiry`);
  if (signal.aborted) return failed('the time was over');
  const nowMs = clock();
  const found = await untilAbort(history.domainHistory(host, context.app, nowMs - DAYS * DAY_MS), signal);
  if (found === null) return failed('the ledger of this machine could not be read');
  return {
    kind: 'ok',
    source: 'machine',
    text: historyLines(host, context.app, found, DAYS, nowMs).join('\n'),
  };
}

const failed = (why: string): ToolOutcome => ({ kind: 'failed', why });
