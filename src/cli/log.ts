import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Paths } from '../config/paths.ts';
import { parseFilter } from '../model/filter/filter.ts';
import type { FlowRecord } from '../model/flow.ts';
import { connectIfRunning } from './engine/connect.ts';
import { flowLine } from './flow-line.ts';
import { pathsOf } from './options.ts';
import { CommandError, EXIT, print, printError, printJson } from './print.ts';

const LIMIT = 1_000;
const PAGE = 2_000;

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
  const paths = pathsOf(command);
  const filter = parseFilter(options.filter);
  if (!filter.ok) throw new CommandError(EXIT.usage, filter.error);
  if (options.limit !== undefined && !(Number.isInteger(options.limit) && options.limit > 0)) {
    throw new CommandError(EXIT.usage, '--limit: expected a number from 1 on');
  }
  const show = options.json === true ? printJson : (flow: FlowRecord) => print(flowLine(flow));
  const client = await connectIfRunning(paths.socket);
  if (client === null) {
    if (options.follow === true)
      throw new CommandError(EXIT.cannot, `no engine runs on ${paths.socket}, so there is nothing to follow`);
    for (const flow of await fromFile(paths, options, filter.matches)) show(flow);
    return;
  }
  if (options.follow === true) return follow(client, options, show);
  let after: number | null = null;
  let left = options.limit ?? (options.since === undefined ? LIMIT : Number.POSITIVE_INFINITY);
  for (;;) {
    const page: { flows: unknown[]; more: boolean } = await client.request('flows', {
      sinceMs: options.since ?? null,
      filter: options.filter,
      limit: Math.min(PAGE, left),
      after,
    });
    const flows = page.flows as FlowRecord[];
    for (const flow of flows) show(flow);
    left -= flows.length;
    after = flows.at(-1)?.id ?? null;
    if (!page.more || left <= 0 || after === null || options.since === undefined) break;
  }
  client.close();
}

async function fromFile(
  paths: Paths,
  options: LogOptions,
  matches: (flow: FlowRecord) => boolean,
): Promise<readonly FlowRecord[]> {
  const { readFlows } = await import('../ledger/ledger-file.ts');
  const limit = options.limit ?? (options.since === undefined ? LIMIT : Number.MAX_SAFE_INTEGER);
  const path = join(paths.state, 'ledger.db');
  if (!existsSync(path))
    throw new CommandError(EXIT.no, `no ledger in ${paths.state}: no engine ran here yet`);
  return readFlows(path, { sinceMs: options.since ?? null, limit, after: null, filter: matches });
}

/** Prints flows as they come: objects when a flow has ended, lines as soon as it is decided. */
async function follow(
  client: NonNullable<Awaited<ReturnType<typeof connectIfRunning>>>,
  options: LogOptions,
  show: (flow: FlowRecord) => void,
): Promise<void> {
  const decided = new Map<number, string>();
  const wanted = (flow: FlowRecord): boolean => {
    if (options.json === true) return flow.state !== 'open';
    const fresh = decided.get(flow.id) !== flow.effect;
    if (flow.state !== 'open') decided.delete(flow.id);
    else decided.set(flow.id, flow.effect);
    return fresh;
  };
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  client.onClose(() => resolve());
  client.onEvent((event) => {
    if (event.event === 'stopping') resolve();
    if (event.event !== 'flows') return;
    if (event.missed > 0)
      printError(
        `${event.missed} flows were not shown here because this reader is slow; the ledger has them`,
      );
    for (const flow of event.flows) if (wanted(flow)) show(flow);
  });
  const { flows } = await client.request('subscribe', {
    as: 'log',
    filter: options.filter,
    backlog: Math.min(options.limit ?? 10, 5_000),
  });
  for (const flow of flows) {
    if (options.since === undefined || flow.at >= options.since) if (wanted(flow)) show(flow);
  }
  await closed;
  throw new CommandError(EXIT.done, 'the engine stopped');
}
