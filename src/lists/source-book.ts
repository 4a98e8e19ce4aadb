import { statSync } from 'node:fs';
import type { Config } from '../config/schema.ts';
import type { ListKind } from '../policy/lists/kinds.ts';
import { embeddedInputs } from './compile/embedded.ts';
import type { ListFault, ListInput } from './compile/list-input.ts';
import { type ListState, readListState, statePath } from './list-state.ts';
import { sourceInput, sourcePath } from './update/job.ts';
import { type Source, shippedSources } from './update/sources.ts';
import { userLists } from './user-files.ts';

/** Everything that lists come from, as it stands at one moment. */
export interface SourceBook {
  readonly state: ListState;
  /** Sources that can be downloaded, shipped ones first. */
  readonly sources: readonly Source[];
  /** What there is to compile: embedded lists, downloads that are there, files. */
  readonly inputs: readonly ListInput[];
  readonly faults: readonly ListFault[];
}

/** Looks up what lists there are. Reads small files only. */
export async function readSourceBook(config: Config['lists'], folder: string | null): Promise<SourceBook> {
  const state = readListState(folder);
  const sources = allSources(state);
  const downloaded = folder === null ? [] : sources.flatMap((source) => downloadedInput(folder, source));
  const files = await userLists(config, state.files);
  const taken = new Set<string>();
  const inputs = [...embeddedInputs(), ...downloaded, ...files.inputs].map((input) => ({
    ...input,
    name: uniqueName(input.name, taken),
  }));
  return { state, sources, inputs, faults: files.faults };
}

/** Differs when list files or the state changed; looks at no content but that of the state. */
export async function bookStamp(config: Config['lists'], folder: string | null): Promise<string> {
  const state = folder === null ? undefined : statSync(statePath(folder), { throwIfNoEntry: false });
  const { inputs, faults } = await userLists(config, readListState(folder).files);
  const files = inputs.map(({ name, kind, path, digest }) => [name, kind, path, digest]);
  return JSON.stringify([state?.ino, state?.mtimeMs, state?.size, files, faults]);
}

/** Shipped sources and the user's own; the user's win over shipped ones of the same name. */
function allSources(state: ListState): Source[] {
  const own = new Set(state.sources.map((source) => source.name));
  return [...shippedSources().filter((source) => !own.has(source.name)), ...state.sources];
}

/** Whether a list is on: as it was switched by name, else when its category is and its source is by default. */
export function isListOn(book: SourceBook, config: Config['lists'], name: string, kind: ListKind): boolean {
  const switched = book.state.switches[name];
  if (switched !== undefined) return switched;
  const byDefault = book.sources.find((source) => source.name === name)?.default ?? true;
  return byDefault && isCategoryOn(config, kind);
}

/** Whether lists of a category are on at all; what is not a category of blocklists is. */
function isCategoryOn(config: Config['lists'], kind: ListKind): boolean {
  return kind === 'custom' || kind === 'allow' || kind === 'popular' || kind === 'provider' || config[kind];
}

/** All names that can be switched. */
export function switchableNames(book: SourceBook): string[] {
  const names = [...book.inputs, ...book.faults, ...book.sources].map((list) => list.name);
  return [...new Set(names)];
}

function downloadedInput(folder: string, source: Source): ListInput[] {
  const path = sourcePath(folder, source.name);
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
  if (stats === undefined) return [];
  return [sourceInput(source, path, `${stats.ino}-${stats.size}-${stats.mtimeNs}`)];
}

function uniqueName(name: string, taken: Set<string>): string {
  let unique = name;
  for (let i = 2; taken.has(unique); i++) unique = `${name} (${i})`;
  taken.add(unique);
  return unique;
}
