import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SerialQueue } from '../async/serial-queue.ts';
import { normalizeHost } from '../model/host.ts';
import type { ListKind } from '../policy/lists/kinds.ts';
import { updateInWorker } from './compile/worker-client.ts';
import { type ListState, readListState, writeListState } from './list-state.ts';
import type { ListStatus, LoadedLists } from './loaded-lists.ts';
import { switchableNames } from './source-book.ts';
import { type ListDiff, readDiff } from './update/diff.ts';
import { DOWNLOAD_LIMITS, type DownloadLimits, type DownloadProgress } from './update/download.ts';
import { sourcePath, type UpdateResult } from './update/job.ts';
import { fileSourceSchema, SOURCES_MAX, type Source, sourceSchema } from './update/sources.ts';

/** The answer to a command: done, or why not. */
export type Done = { readonly ok: true } | { readonly ok: false; readonly error: string };

/** A list as `lists status` shows it: one in force, or a source that was never downloaded. */
export interface ListRow extends ListStatus {
  /** Where it is downloaded from; null for embedded lists and files. */
  readonly url: string | null;
  readonly licence: string | null;
  /** When its source was last asked, milliseconds since 1970. */
  readonly checkedAt: number | null;
}

/** What `update` may be told. */
export interface UpdateOptions {
  /** Null: every source that is on. */
  readonly names: readonly string[] | null;
  /** Takes lists that shrank. */
  readonly force: boolean;
  readonly onProgress?: (name: string, progress: DownloadProgress) => void;
  /** Told of each source when it is done. */
  readonly onResult?: (result: UpdateResult) => void;
}

/** What differs between the product and its tests. */
export interface ControlSettings {
  readonly limits: DownloadLimits;
  /** Allows sources on addresses that are not on the internet. */
  readonly allowPrivate: boolean;
}

const PRODUCT: ControlSettings = { limits: DOWNLOAD_LIMITS, allowPrivate: false };

/** What the `lists` commands and the screen do. One change runs at a time, and one download beside it; the others wait. */
export class ListControl {
  readonly #lists: LoadedLists;
  readonly #settings: ControlSettings;
  readonly #changes = new SerialQueue();
  readonly #updates = new SerialQueue();

  constructor(lists: LoadedLists, settings: ControlSettings = PRODUCT) {
    this.#lists = lists;
    this.#settings = settings;
  }

  /** Every list and every source. */
  status(): ListRow[] {
    const { book } = this.#lists;
    const rows = this.#lists.status();
    const sources = new Map(book.sources.map((source) => [source.name, source]));
    const there = new Set(rows.map((row) => row.name));
    const missing = book.sources.filter((source) => !there.has(source.name));
    const never = missing.map(
      (source): ListStatus => ({
        name: source.name,
        category: source.category,
        ...{ entries: 0, skipped: 0, quarantined: 0, hits: 0, at: null },
        on: this.#lists.isOn(source.name, source.category),
        error: book.state.downloads[source.name]?.error ?? null,
      }),
    );
    return [...rows, ...never].map((row) => {
      const source = sources.get(row.name);
      const checkedAt = book.state.downloads[row.name]?.checkedAt ?? null;
      return { ...row, url: source?.url ?? null, licence: source?.licence ?? null, checkedAt };
    });
  }

  /** Switches a list on or off; a source that is switched on for the first time has content after the next update. */
  switchList(name: string, on: boolean): Promise<Done> {
    return this.#changes.next(async () => {
      if (!switchableNames(this.#lists.book).includes(name)) return no(`there is no list called ${name}`);
      return this.#save((state) => ({ ...state, switches: { ...state.switches, [name]: on } }));
    });
  }

  /** Adds a source by URL, or a list by absolute path; with a name of its own or one made from the last part. */
  add(what: { readonly at: string; readonly category: ListKind; readonly name?: string }): Promise<Done> {
    return this.#changes.next(async () => {
      const name = what.name ?? nameFor(what.at);
      const { book } = this.#lists;
      if (switchableNames(book).includes(name))
        return no(`there already is a list called ${name}; choose another name`);
      if (book.state.sources.length + book.state.files.length >= SOURCES_MAX)
        return no(`there can be ${SOURCES_MAX} lists of your own`);
      if (/^[a-z][a-z0-9+.-]+:\/\//i.test(what.at)) {
        const source = sourceSchema.safeParse({ name, category: what.category, url: what.at });
        if (!source.success)
          return no(`${what.at} cannot be a source: ${source.error.issues[0]?.message ?? 'unreadable'}`);
        return this.#save((state) => ({ ...state, sources: [...state.sources, source.data] }));
      }
      const file = fileSourceSchema.safeParse({ name, category: what.category, path: resolve(what.at) });
      if (!file.success)
        return no(`${what.at} cannot be a list: ${file.error.issues[0]?.message ?? 'unreadable'}`);
      return this.#save((state) => ({ ...state, files: [...state.files, file.data] }));
    });
  }

  /** Takes back an `add`. Lists of the program are switched off instead. */
  remove(name: string): Promise<Done> {
    return this.#changes.next(async () => {
      const { state } = this.#lists.book;
      const own = [...state.sources, ...state.files].some((list) => list.name === name);
      if (!own) return no(`${name} was not added by you; switch it off with: lists disable ${name}`);
      const { folder } = this.#lists;
      const saved = await this.#save((before) => ({
        ...before,
        sources: before.sources.filter((source) => source.name !== name),
        files: before.files.filter((file) => file.name !== name),
        switches: without(before.switches, name),
        downloads: without(before.downloads, name),
      }));
      if (saved.ok && folder !== null) await rm(sourcePath(folder, name), { force: true });
      return saved;
    });
  }

  /** Every list that holds a host or a parent of it; null when the text is not a host. */
  search(text: string): ReturnType<LoadedLists['search']> | null {
    const host = normalizeHost(text);
    return host === null ? null : this.#lists.search(host);
  }

  /** What the last update of a list changed; null when nothing is known. */
  diff(name: string): ListDiff | null {
    const { folder, book } = this.#lists;
    return folder === null || !book.sources.some((source) => source.name === name)
      ? null
      : readDiff(folder, name);
  }

  /** How often a source has failed since it last did not. */
  failures(name: string): number {
    return this.#lists.book.state.downloads[name]?.failures ?? 0;
  }

  /** Brings sources up to date and puts the new content in force. Rejects on an unknown name and without a state folder. */
  update(options: UpdateOptions): Promise<UpdateResult[]> {
    return this.#updates.next(() => this.#update(options));
  }

  async #update(options: UpdateOptions): Promise<UpdateResult[]> {
    const { folder, book } = this.#lists;
    if (folder === null) throw new Error('lists can be updated only where the state folder can be written');
    const sources = this.#chosen(options.names);
    const jobs = sources.map((source) => ({
      ...{ folder, source, force: options.force, nowMs: Date.now(), limits: this.#settings.limits },
      allowPrivate: this.#settings.allowPrivate || this.#lists.takesPrivateSources,
      before: book.state.downloads[source.name] ?? null,
    }));
    const results: UpdateResult[] = [];
    await updateInWorker(jobs, {
      onProgress: (name, progress) => options.onProgress?.(name, progress),
      onResult: (result) => {
        results.push(result);
        options.onResult?.(result);
      },
    });
    const saved = await this.#changes.next(() => this.#keep(folder, results));
    if (!saved.ok) throw new Error(saved.error);
    return results;
  }

  /** Puts downloads in force, but for those of sources that were removed meanwhile. */
  async #keep(folder: string, results: readonly UpdateResult[]): Promise<Done> {
    const known = new Set(this.#lists.book.sources.map((source) => source.name));
    for (const { name } of results) if (!known.has(name)) await rm(sourcePath(folder, name), { force: true });
    const downloads = Object.fromEntries(
      results.filter(({ name }) => known.has(name)).map((result) => [result.name, result.state]),
    );
    return this.#save((state) => ({ ...state, downloads: { ...state.downloads, ...downloads } }));
  }

  #chosen(names: readonly string[] | null): readonly Source[] {
    const { book } = this.#lists;
    if (names === null) {
      return book.sources.filter((source) => this.#lists.isOn(source.name, source.category));
    }
    return names.map((name) => {
      const source = book.sources.find((one) => one.name === name);
      if (source === undefined) throw new Error(`there is no source called ${name}`);
      return source;
    });
  }

  /** Writes the state that a change makes of the present one, and looks at all lists again. */
  async #save(change: (state: ListState) => ListState): Promise<Done> {
    const { folder } = this.#lists;
    if (folder === null) return no('this needs a state folder that can be written');
    try {
      // Read anew: a command without this engine may have changed it.
      await writeListState(folder, change(readListState(folder)));
      await this.#lists.reload();
      return { ok: true };
    } catch (error) {
      return no(`the lists could not be changed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

const no = (error: string): Done => ({ ok: false, error });

/** A name from the last part of a URL or path. */
function nameFor(at: string): string {
  const last =
    at
      .split(/[?#]/)[0]
      ?.split('/')
      .filter((part) => part !== '')
      .at(-1) ?? '';
  const plain = last
    .toLowerCase()
    .replace(/\.(?:txt|csv|hosts|list|gz|zst|zip)$/, '')
    .replace(/[^a-z0-9.]+/g, '-');
  return plain.replace(/^[^a-z0-9]+/, '').slice(0, 60) || 'own';
}

function without<T>(record: Readonly<Record<string, T>>, name: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}
