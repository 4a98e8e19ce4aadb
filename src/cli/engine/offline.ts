import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from '../../config/paths.ts';
import type { RequestParams } from '../../control/client.ts';
import { type ControlConnection, ControlError, type ControlHandlers } from '../../control/handlers.ts';
import { type Event, type Method, type Result, resultSchemas } from '../../control/protocol.ts';
import { readRequest } from '../../control/read-request.ts';
import { parseFilter } from '../../model/filter/filter.ts';
import type { CheckedRule } from '../../policy/rules/text.ts';
import { configOf } from '../config-of.ts';
import { CommandError, EXIT, printError } from '../print.ts';

type ListMethod = Extract<Method, `lists.${string}`>;
/** What can be answered without an engine. */
export type FileMethod = ListMethod | 'flows' | 'rules.list' | 'judge.list' | 'judge.show' | 'judge.learned';
type Handlers = Partial<ControlHandlers>;

/** Answers requests in the engine's place, from the ledger and the lists on disk, as it would. */
export class Offline {
  readonly #paths: Paths;
  readonly #listeners: ((event: Event) => void)[] = [];
  /** Loaded once: the lists are large. */
  #lists: Promise<Handlers> | null = null;

  constructor(paths: Paths) {
    this.#paths = paths;
  }

  /** Rejects with a `ControlError` where the engine would refuse, else with an error for a person. */
  async request<M extends FileMethod>(method: M, params: RequestParams<M>): Promise<Result<M>> {
    const read = readRequest(JSON.stringify({ ...params, id: 0, method }));
    if (!read.ok) throw new ControlError('bad_request', read.error);
    this.#lists ??= method.startsWith('lists.') ? listsOnDisk(this.#paths) : null;
    const handlers: Handlers = { ...(await ledgerOnDisk(this.#paths)), ...(await this.#lists) };
    const handler = handlers[method] as
      | ((params: object, connection: ControlConnection) => unknown)
      | undefined;
    const answer = await handler?.(read.request, {
      uid: process.geteuid?.() ?? 0,
      subscribe: () => {},
      tell: (event) => {
        for (const listener of this.#listeners) listener(event);
      },
      onClose: () => {},
    });
    return resultSchemas[method].parse(answer) as Result<M>;
  }

  onEvent(listener: (event: Event) => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#listeners.length = 0;
  }
}

/** The saved rules; none when none were ever made. */
export async function savedRules({ state }: Paths): Promise<readonly CheckedRule[]> {
  const { readSavedRules } = await import('../../rules/saved-rules.ts');
  const saved = readSavedRules(state);
  if (!saved.ok) throw new CommandError(EXIT.cannot, saved.error);
  if (saved.notice !== null) printError(saved.notice);
  return saved.rules;
}

async function ledgerOnDisk(paths: Paths): Promise<Handlers> {
  const { readFlows, readInquiries, readInquiry, readVerdicts } = await import('../../ledger/ledger-file.ts');
  const { state } = paths;
  const path = join(state, 'ledger.db');
  const ledger = (): string => {
    if (!existsSync(path))
      throw new ControlError('not_found', `no ledger in ${state}: no engine ran here yet`);
    return path;
  };
  return {
    flows: ({ filter, limit, ...from }) => {
      const read = parseFilter(filter);
      if (!read.ok) throw new ControlError('bad_request', read.error);
      const flows = readFlows(ledger(), { ...from, limit: limit + 1, filter: read.matches });
      // Without a place to start from the latest are meant, and they stand last.
      const isLatest = from.after === null && from.sinceMs === null;
      return { flows: isLatest ? flows.slice(-limit) : flows.slice(0, limit), more: flows.length > limit };
    },
    'rules.list': async () => ({ rules: (await savedRules(paths)).map(({ rule }) => rule) }),
    'judge.list': ({ limit, before }) => {
      const inquiries = readInquiries(ledger(), before, limit + 1);
      return { inquiries: inquiries.slice(0, limit), more: inquiries.length > limit };
    },
    'judge.show': ({ inquiry: id }) => {
      const inquiry = readInquiry(ledger(), id);
      if (inquiry === null)
        throw new ControlError('not_found', `no inquiry ${id} in the ledger; see 'resolagent judge list'`);
      return { inquiry };
    },
    'judge.learned': ({ limit }) => {
      const verdicts = readVerdicts(ledger(), Date.now());
      return { verdicts: verdicts.slice(0, limit), more: Math.max(0, verdicts.length - limit) };
    },
  };
}

async function listsOnDisk(paths: Paths): Promise<Handlers> {
  const [{ loadLists }, { ListKeeper }, { listHandlers }] = await Promise.all([
    import('../../lists/loaded-lists.ts'),
    import('../../lists/keeper.ts'),
    import('../../engine/control/list-handlers.ts'),
  ]);
  const config = configOf(paths).lists;
  const lists = await loadLists(config, { stateDir: paths.state });
  return listHandlers(new ListKeeper({ lists, config, notice: printError, changed: async () => 0 }));
}
