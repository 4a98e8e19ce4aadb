import type { Command } from 'commander';
import type { ControlClient } from '../control/client.ts';
import { parseFilter } from '../model/filter/filter.ts';
import type { FlowRecord } from '../model/flow.ts';
import { type Answerer, withEngine, withEngineOrFiles } from './engine/connect.ts';
import { pagesOf } from './engine/pages.ts';
import { flowLine, flowPrinter } from './flow-printer.ts';
import { CommandError, EXIT, printEach, printError } from './print.ts';

/** Flows printed without --limit and --since, and the most without --since. */
const DEFAULT_LIMIT = 1_000;
const LATEST_MAX = 10_000;
/** Flows asked for at once. */
const PAGE_FLOWS = 2_000;
/** Flows printed before what happens now, without --limit, and at most. */
const FOLLOW_BACKLOG = 10;
const BACKLOG_MAX = 5_000;

interface LogOptions {
  readonly follow?: true;
  readonly json?: true;
  readonly since?: number;
  readonly filter: string;
  readonly limit?: number;
}

/** `resolagent log`: from the running engine, or from the ledger itself when none runs. */
export async function log(command: Command): Promise<void> {
  const options = command.optsWithGlobals<LogOptions>();
  const filter = parseFilter(options.filter);
  if (!filter.ok) throw new CommandError(EXIT.usage, filter.error);
  if (options.follow === true) return withEngine(command, (engine) => follow(engine, options));
  if (options.since === undefined && (options.limit ?? 0) > LATEST_MAX)
    throw new CommandError(EXIT.usage, `--limit: at most ${LATEST_MAX} without --since`);
  await withEngineOrFiles(command, (engine) =>
    printEach(flowsOf(engine, options), options.json === true, flowLine),
  );
}

/** The flows asked for, oldest first: the latest, or with --since page by page from there on. */
async function* flowsOf(engine: Answerer, options: LogOptions): AsyncGenerator<FlowRecord> {
  const { since, filter, limit = since === undefined ? DEFAULT_LIMIT : Number.POSITIVE_INFINITY } = options;
  if (since !== undefined) {
    yield* pagesOf(limit, PAGE_FLOWS, async (count, after) => {
      const page = await engine.request('flows', { sinceMs: since, filter, limit: count, after });
      return { items: page.flows, more: page.more };
    });
    return;
  }
  const { flows, more } = await engine.request('flows', { filter, limit });
  yield* flows;
  // There are that many, but an answer of the engine has its length.
  if (more && flows.length < limit)
    printError(`only the latest ${flows.length} fit into one answer; --since goes further back`);
}

/** Prints flows as they come, until the engine stops. */
async function follow(engine: ControlClient, { json, since, filter, limit }: LogOptions): Promise<void> {
  const show = flowPrinter(json === true);
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  engine.onClose(resolve);
  engine.onEvent((event) => {
    if (event.event === 'stopping') resolve();
    if (event.event !== 'flows') return;
    if (event.missed > 0)
      printError(
        `${event.missed} flows were not shown here because this reader is slow; the ledger has them`,
      );
    for (const flow of event.flows) show(flow);
  });
  const backlog = Math.min(limit ?? FOLLOW_BACKLOG, BACKLOG_MAX);
  const { flows } = await engine.request('subscribe', { as: 'log', filter, backlog });
  for (const flow of flows) if (since === undefined || flow.at >= since) show(flow);
  await closed;
  throw new CommandError(EXIT.done, 'the engine stopped');
}
