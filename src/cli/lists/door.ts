import type { Command } from 'commander';
import type { Result } from '../../control/protocol.ts';
import type { Done } from '../../lists/list-control.ts';
import type { Host } from '../../model/brand.ts';
import type { ListKind } from '../../policy/lists/kinds.ts';
import type { ListProgress, ListReport, ListUpdate } from '../../schema/list.ts';
import { connectIfRunning } from '../engine/connect.ts';
import { configOf, pathsOf } from '../options.ts';
import { CommandError, EXIT } from '../print.ts';

/** What an update tells while it runs. */
export interface UpdateListener {
  readonly onProgress: (progress: ListProgress) => void;
  readonly onResult: (result: ListUpdate) => void;
}

/** The lists of this machine: the running engine's, or those on disk. Changes end the command when they are refused. */
export interface ListDoor {
  status(): Promise<readonly ListReport[]>;
  switchList(name: string, on: boolean): Promise<void>;
  /** `names` null: every source that is on. */
  update(names: readonly string[] | null, force: boolean, listener: UpdateListener): Promise<void>;
  search(host: Host): Promise<Result<'lists.search'>['hits']>;
  /** `at` is a URL or an absolute path. */
  add(at: string, category: ListKind, name: string | null): Promise<void>;
  remove(name: string): Promise<void>;
  /** Null when there is no record. */
  diff(name: string): Promise<Result<'lists.diff'> | null>;
  close(): void;
}

/** The engine's lists when one runs, so that its downloads stay exempt and its switches count at once; else those on disk. */
export async function openLists(command: Command): Promise<ListDoor> {
  return (await engineLists(command)) ?? (await diskLists(command));
}

async function engineLists(command: Command): Promise<ListDoor | null> {
  const client = await connectIfRunning(pathsOf(command).socket);
  if (client === null) return null;
  return {
    status: async () => (await client.request('lists.status', {})).lists,
    switchList: async (name, on) => void (await client.request('lists.switch', { name, on })),
    update: async (names, force, { onProgress, onResult }) => {
      client.onEvent((event) => {
        if (event.event === 'list_progress') onProgress(event.progress);
        if (event.event === 'list_updated') onResult(event.result);
      });
      await client.request('lists.update', { names: names === null ? null : [...names], force });
    },
    search: async (host) => (await client.request('lists.search', { host })).hits,
    add: async (at, category, name) => void (await client.request('lists.add', { at, category, name })),
    remove: async (name) => void (await client.request('lists.remove', { name })),
    diff: (name) => client.request('lists.diff', { name }),
    close: () => client.close(),
  };
}

async function diskLists(command: Command): Promise<ListDoor> {
  const paths = pathsOf(command);
  const [{ loadLists }, { ListControl }] = await Promise.all([
    import('../../lists/loaded-lists.ts'),
    import('../../lists/list-control.ts'),
  ]);
  const control = new ListControl(await loadLists(configOf(paths).lists, { stateDir: paths.state }));
  const done = async (answer: Promise<Done>): Promise<void> => {
    const said = await answer;
    if (!said.ok) throw new CommandError(EXIT.no, said.error);
  };
  return {
    status: async () => control.status(),
    switchList: (name, on) => done(control.switchList(name, on)),
    update: async (names, force, { onProgress, onResult }) => {
      await control.update({
        names,
        force,
        onProgress: (name, { bytes, totalBytes }) => onProgress({ name, bytes, totalBytes }),
        onResult: ({ name, outcome, entries, added, removed, error }) =>
          onResult({ name, outcome, entries, added, removed, error }),
      });
    },
    search: async (host) => control.search(host) ?? [],
    add: (at, category, name) => done(control.add({ at, category, ...(name === null ? {} : { name }) })),
    remove: (name) => done(control.remove(name)),
    diff: async (name) => control.diff(name),
    close: () => {},
  };
}
