import type { Config } from '../config/schema.ts';
import { digestOf } from '../files/digest.ts';
import type { Host, Ip } from '../model/brand.ts';
import type { HostLists, ListHit } from '../policy/lists/host-lists.ts';
import type { ListKind } from '../policy/lists/kinds.ts';
import type { CompiledLists } from './compile/compiled-lists.ts';
import { EMBEDDED_AT } from './compile/embedded.ts';
import { compiledFor, listFolder, openCompiledFile } from './compile/load.ts';
import { type Owner, OwnerTable } from './compile/owners.ts';
import { verifyInWorker } from './compile/worker-client.ts';
import { ListView } from './list-view.ts';
import { bookStamp, isListOn, readSourceBook, type SourceBook } from './source-book.ts';

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
  /** How many lookups it answered since the engine started. */
  readonly hits: number;
  readonly on: boolean;
  /** When its content was fetched or made, milliseconds since 1970; null for the user's files. */
  readonly at: number | null;
  readonly error: string | null;
}

/** An owner and the entry that told it. */
export type ProviderHit = Owner & { readonly entry: string };

/** Where the lists live. */
export interface ListPlaces {
  /** The engine's state folder; null keeps nothing, for commands that run without the right to write there. */
  readonly stateDir: string | null;
  /** Takes the file compiled last even if lists changed since, for a start without delay; `reload` then brings the rest. */
  readonly lastCompiled?: true;
}

/** All lists, loaded and switchable; safe to ask at any moment, also while `reload` runs. */
export class LoadedLists implements HostLists {
  /** Folder of list state; null when nothing is kept. */
  readonly folder: string | null;
  readonly #owners = new OwnerTable();
  #config: ListConfig;
  #book: SourceBook;
  #view: ListView;
  #loading: Promise<void> = Promise.resolve();
  #stamp: string | null = null;

  /** Made by `loadLists`. */
  constructor(config: ListConfig, folder: string | null, book: SourceBook, compiled: CompiledLists) {
    this.folder = folder;
    this.#config = config;
    this.#book = book;
    this.#view = this.#viewOf(compiled, new Map());
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
    const path = this.#book.inputs.find((input) => input.name === hit?.list.name)?.path;
    const owner = hit === null || path === undefined ? null : this.#owners.at(path, hit.line);
    return hit === null || owner === null ? null : { ...owner, entry: hit.entry };
  }

  /** Every list that holds the host or a parent of it, those that are off too, the closest entry first. */
  search(host: Host): (ListHit & { readonly on: boolean })[] {
    return this.#view.search(host);
  }

  /** Tells the lists that are on apart, with their content. */
  get digest(): string {
    const { lists } = this.#view.compiled.meta;
    return digestOf(
      lists.map(({ name, digest }, i) => `${name} ${this.#view.isOn(i) ? digest : 'off'}`).join('\n'),
    );
  }

  /** One row a list: those in force, then those that could not be read. */
  status(): ListStatus[] {
    const hits = this.#view.hits();
    const { inputs, state } = this.#book;
    const embedded = new Set(inputs.filter(({ trust }) => trust === 'embedded').map(({ name }) => name));
    const rows = this.#view.compiled.meta.lists.map((list, i) => ({
      name: list.name,
      category: list.kind,
      entries: list.names + list.ranges,
      skipped: list.skipped,
      quarantined: list.quarantined,
      hits: hits.get(list.name) ?? 0,
      on: this.#view.isOn(i),
      at: embedded.has(list.name) ? EMBEDDED_AT : (state.downloads[list.name]?.fetchedAt ?? null),
      error: list.error ?? state.downloads[list.name]?.error ?? null,
    }));
    const faults = this.#book.faults.map(({ name, kind, error }) => ({
      ...{ name, category: kind, entries: 0, skipped: 0, quarantined: 0, hits: 0 },
      ...{ on: false, at: null, error },
    }));
    return [...rows, ...faults];
  }

  /** Whether sources may lie on the own network. */
  get takesPrivateSources(): boolean {
    return this.#config.privateSources;
  }

  /** Where lists come from at this moment. */
  get book(): SourceBook {
    return this.#book;
  }

  /** Whether a list is in force, or would be if it had content. */
  isOn(name: string, kind: ListKind): boolean {
    return isListOn(this.#book, this.#config, name, kind);
  }

  /**
   * Takes a new configuration, or looks again at what changed on disk. Categories are switched at once, lists when they are
   * compiled; the old ones answer until the new ones are proven. Rejects when they cannot be made; the old ones then stay.
   */
  reload(config: ListConfig = this.#config): Promise<void> {
    this.#config = config;
    this.#view = this.#viewOf(this.#view.compiled, this.#view.hits());
    // The next load must not fail because the one before did.
    this.#loading = this.#loading.catch(() => {}).then(() => this.#reload());
    return this.#loading;
  }

  /** Whether list files or the state on disk changed since the last `reload`; true before the first. Stat calls only. */
  async changedOnDisk(): Promise<boolean> {
    return (await bookStamp(this.#config, this.folder)) !== this.#stamp;
  }

  /**
   * Reads the compiled file to its last byte, which loading does not, in a worker, and makes it again when it is damaged. To be
   * called once after start. The damage, for the log; null when there is none.
   */
  async verify(): Promise<string | null> {
    const damage = this.folder === null ? null : await verifyInWorker(this.folder);
    if (damage === null) return null;
    this.#loading = this.#loading.catch(() => {}).then(() => this.#reload(true));
    await this.#loading;
    return damage;
  }

  async #reload(anew = false): Promise<void> {
    // What cannot be compiled now is not tried again until it changes.
    this.#stamp = await bookStamp(this.#config, this.folder);
    const book = await readSourceBook(this.#config, this.folder);
    const compiled = await compiledFor(book, this.folder, this.#view.compiled, anew);
    this.#book = book;
    this.#view = this.#viewOf(compiled, this.#view.hits());
  }

  #viewOf(compiled: CompiledLists, hits: ReadonlyMap<string, number>): ListView {
    return new ListView(compiled, (list) => this.isOn(list.name, list.kind), hits);
  }
}

/**
 * Loads the embedded lists, the downloaded ones and those of the configuration. A list that cannot be read is an error in its
 * status, the others still load. Rejects only when nothing at all could be loaded.
 */
export async function loadLists(config: ListConfig, places: ListPlaces): Promise<LoadedLists> {
  const folder = listFolder(places.stateDir);
  const book = await readSourceBook(config, folder);
  const last = places.lastCompiled === true && folder !== null ? openCompiledFile(folder) : null;
  return new LoadedLists(config, folder, book, last ?? (await compiledFor(book, folder, null)));
}
