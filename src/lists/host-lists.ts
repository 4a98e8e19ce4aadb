import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import type { Host, Ip } from '../model/brand.ts';
import type { HostLists, ListHit } from '../policy/lists.ts';
import { removeStaleParts } from './atomic-file.ts';
import { compiledPath, inputsDigest } from './compile-job.ts';
import { type CompiledLists, openCompiled } from './compiled-lists.ts';
import type { CompiledList } from './compiled-meta.ts';
import { embeddedInputs } from './embedded.ts';
import type { ListFault, ListInput } from './list-input.ts';
import { ListView } from './list-view.ts';
import { type Owner, OwnerTable } from './owners.ts';
import { userLists } from './user-files.ts';
import { compileInWorker } from './worker-client.ts';

type ListConfig = Config['lists'];

/** What there is to say about one list. */
export interface ListStatus {
  readonly name: string;
  readonly category: string;
  /** Different names and address ranges. */
  readonly entries: number;
  /** Lines, or names on them, that were not loaded; `quarantined` are those of them that would cover strangers. */
  readonly skipped: number;
  readonly quarantined: number;
  /** How many lookups it answered since it was loaded. */
  readonly hits: number;
  readonly on: boolean;
  readonly error: string | null;
}

/** An owner and the entry that told it. */
export type ProviderHit = Owner & { readonly entry: string };

/** Where the lists live. */
export interface ListPlaces {
  /** The engine's state folder; null keeps nothing, for commands that run without the right to write there. */
  readonly stateDir: string | null;
}

/** All lists, loaded and switchable; safe to ask at any moment, also while `reload` runs. */
export class LoadedLists implements HostLists {
  readonly #folder: string | null;
  readonly #owners = new OwnerTable();
  #config: ListConfig;
  #view: ListView;
  #inputs: readonly ListInput[];
  #faults: readonly ListFault[];
  #loading: Promise<void> = Promise.resolve();

  /** Made by `loadLists`. */
  constructor(config: ListConfig, folder: string | null, found: Found) {
    this.#config = config;
    this.#folder = folder;
    this.#inputs = found.inputs;
    this.#faults = found.faults;
    this.#view = new ListView(found.compiled, (list) => this.#isOn(list));
  }

  allow(host: Host): ListHit | null {
    return this.#view.allow(host);
  }

  block(host: Host): ListHit | null {
    return this.#view.block(host);
  }

  allowIp(ip: Ip): ListHit | null {
    return this.#view.allowIp(ip);
  }

  blockIp(ip: Ip): ListHit | null {
    return this.#view.blockIp(ip);
  }

  /** The entry of a popular-domain list that covers the host; its line is the rank in ranked lists. */
  popular(host: Host): { readonly list: string; readonly line: number; readonly entry: string } | null {
    const hit = this.#view.table('popular', host);
    return hit === null ? null : { list: hit.list.name, line: hit.line, entry: hit.entry };
  }

  /** Whose a host is, by the provider table. Kind `hosting` names the owner and vouches for nothing. */
  provider(host: Host): ProviderHit | null {
    const hit = this.#view.table('provider', host);
    const path = this.#inputs.find((input) => input.name === hit?.list.name)?.path;
    const owner = hit === null || path === undefined ? null : this.#owners.at(path, hit.line);
    return hit === null || owner === null ? null : { ...owner, entry: hit.entry };
  }

  /** One row a list, those that could not be read too. */
  status(): ListStatus[] {
    const rows = this.#view.compiled.meta.lists.map((list, i) => ({
      name: list.name,
      category: list.kind,
      entries: list.names + list.ranges,
      skipped: list.skipped,
      quarantined: list.quarantined,
      hits: this.#view.hits(i),
      on: this.#view.isOn(i),
      error: list.error,
    }));
    const faults = this.#faults.map(({ name, kind, error }) => ({
      ...{ name, category: kind, entries: 0, skipped: 0, quarantined: 0, hits: 0 },
      ...{ on: false, error },
    }));
    return [...rows, ...faults];
  }

  /**
   * Takes a new configuration: categories at once, files when they are compiled. The old lists answer until the new ones are
   * proven. Rejects when they cannot be made; the old ones then stay.
   */
  reload(config: ListConfig): Promise<void> {
    this.#config = config;
    this.#view = new ListView(this.#view.compiled, (list) => this.#isOn(list));
    this.#loading = this.#loading.catch(() => {}).then(() => this.#reload());
    return this.#loading;
  }

  async #reload(): Promise<void> {
    const found = await find(this.#config, this.#folder, this.#view.compiled);
    this.#inputs = found.inputs;
    this.#faults = found.faults;
    this.#view = new ListView(found.compiled, (list) => this.#isOn(list));
  }

  #isOn({ kind }: CompiledList): boolean {
    return (
      kind === 'custom' || kind === 'allow' || kind === 'popular' || kind === 'provider' || this.#config[kind]
    );
  }
}

/**
 * Loads the embedded lists and those of the configuration. What was compiled before is mapped and ready in a millisecond; what
 * changed is compiled in a worker first. A list that cannot be read is an error in its status, the others still load. Rejects
 * only when nothing at all could be loaded.
 */
export async function loadLists(config: ListConfig, places: ListPlaces): Promise<LoadedLists> {
  const folder = places.stateDir === null ? null : usableFolder(join(places.stateDir, 'lists'));
  return new LoadedLists(config, folder, await find(config, folder, null));
}

interface Found {
  readonly compiled: CompiledLists;
  readonly inputs: readonly ListInput[];
  readonly faults: readonly ListFault[];
}

/** Finds out what is to be loaded, and loads it: from the folder's file, from `current`, or by compiling. */
async function find(
  config: ListConfig,
  folder: string | null,
  current: CompiledLists | null,
): Promise<Found> {
  const { inputs: own, faults } = await userLists(config);
  const inputs = [...embeddedInputs(), ...own];
  const digest = inputsDigest(inputs);
  const before = current ?? (folder === null ? null : openFile(folder, 'hot'));
  if (before !== null && before.meta.inputs === digest) return { compiled: before, inputs, faults };
  const job = { inputs, key: before?.key.slice() ?? null, nowMs: Date.now() };
  const result = await compileInWorker({ ...job, folder }).catch((error: unknown) => {
    if (folder === null) throw error;
    // The state folder is full or broken: memory serves.
    return compileInWorker({ ...job, folder: null });
  });
  const compiled =
    result.kind === 'bytes' ? openCompiled(result.bytes, 'hot') : openFile(folder ?? '', 'hot');
  if (compiled === null) throw new Error('the compiled lists vanished after they were written');
  return { compiled, inputs, faults };
}

/** The compiled file of a folder, mapped; null when there is none or it is damaged, since it can be made again. */
function openFile(folder: string, verify: 'hot'): CompiledLists | null {
  try {
    return openCompiled(Bun.mmap(compiledPath(folder)), verify);
  } catch {
    return null;
  }
}

/** The folder when it can be used, else null. */
function usableFolder(folder: string): string | null {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    removeStaleParts(folder, Date.now());
    return folder;
  } catch {
    return null;
  }
}
