import type { Config } from '../config/schema.ts';
import { cleanText } from '../model/clean.ts';
import { ListControl, type ListRow } from './list-control.ts';
import type { LoadedLists } from './loaded-lists.ts';
import type { UpdateResult } from './update/job.ts';
import { ListSchedule } from './update/schedule.ts';

const LOOK_MS = 3_000;
const HOUR_MS = 3_600_000;

/** What the keeper needs of the engine. */
export interface KeeperOptions {
  readonly lists: LoadedLists;
  readonly config: Config['lists'];
  /** Told what an operator should know, one line each. */
  readonly notice: (text: string) => void;
  /** Other lists are in force: asks open flows again, and tells how many were cut. */
  readonly changed: () => Promise<number>;
  /** How often files and state are looked at for changes that another program made. */
  readonly lookMs?: number;
}

/** Keeps the engine's lists up to date: by schedule, by command, and when their files change. Lookups never wait for it. */
export class ListKeeper {
  readonly control: ListControl;
  readonly #options: KeeperOptions;
  #config: Config['lists'];
  #schedule: ListSchedule | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;
  #looking = false;
  #failing = '';

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#config = options.config;
    this.control = new ListControl(options.lists);
  }

  status(): ListRow[] {
    return this.control.status();
  }

  /** Takes in what changed while no engine ran, proves the compiled file in the background, and begins to update. */
  start(): void {
    this.#timer = setInterval(() => void this.#look(), this.#options.lookMs ?? LOOK_MS);
    this.#plan();
    void this.#prove();
  }

  /** Takes another configuration. The caller asks open flows again. */
  async configure(config: Config['lists']): Promise<void> {
    if (Bun.deepEquals(config, this.#config)) return;
    this.#config = config;
    if (this.#timer !== null) this.#plan();
    await this.#load(config);
  }

  /** Makes a change, and asks open flows again when it was one; how many were cut. Throws an error that says why not. */
  async change(make: (control: ListControl) => ReturnType<ListControl['remove']>): Promise<number> {
    const done = await make(this.control);
    if (!done.ok) throw new Error(done.error);
    // What was just switched on or added may never have been downloaded.
    this.#schedule?.lookNow();
    return this.#options.changed();
  }

  /** Brings sources up to date now; as `ListControl.update`, and then open flows are asked again. */
  async update(
    options: Parameters<ListControl['update']>[0],
  ): Promise<{ readonly results: readonly UpdateResult[]; readonly cut: number }> {
    const results = await this.control.update(options);
    return { results, cut: results.some(isNew) ? await this.#options.changed() : 0 };
  }

  close(): void {
    this.#schedule?.close();
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #plan(): void {
    this.#schedule?.close();
    this.#schedule = null;
    if (!this.#config.update) return;
    this.#schedule = new ListSchedule({
      control: this.control,
      everyMs: this.#config.updateHours * HOUR_MS,
      onResults: (results) => void this.#scheduled(results),
      onError: (error) => this.#options.notice(`lists could not be updated: ${cleanText(error)}`),
    });
  }

  async #prove(): Promise<void> {
    await this.#look();
    try {
      const damage = await this.#options.lists.verify();
      if (damage !== null)
        this.#options.notice(`the compiled lists were damaged and made again: ${cleanText(damage)}`);
    } catch (error) {
      this.#options.notice(`the compiled lists could not be proven: ${textOf(error)}`);
    }
  }

  /** A command without this engine, or an editor, may have changed something. */
  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      if ((await this.#options.lists.changedOnDisk()) && (await this.#load())) await this.#options.changed();
    } catch (error) {
      this.#options.notice(`the lists could not be looked at: ${textOf(error)}`);
    }
    this.#looking = false;
  }

  /** False when the lists in force stay, because others could not be made. */
  async #load(config?: Config['lists']): Promise<boolean> {
    try {
      await this.#options.lists.reload(config);
      return true;
    } catch (error) {
      this.#options.notice(`the lists in force stay, others could not be loaded: ${textOf(error)}`);
      return false;
    }
  }

  /** With no network all sources fail again and again: said in one line, and again only when it is others that fail. */
  async #scheduled(results: readonly UpdateResult[]): Promise<void> {
    const failed = results.filter(({ outcome }) => outcome === 'failed' || outcome === 'refused');
    const [first, ...others] = failed;
    const names = failed.map(({ name }) => name).join(' ');
    if (first !== undefined && names !== this.#failing) {
      const more = others.length === 0 ? '' : `, and ${others.length} more`;
      const why = cleanText(first.error ?? first.outcome);
      this.#options.notice(`list ${first.name} was not updated: ${why}${more}; what is in force stays`);
    }
    this.#failing = names;
    if (results.some(isNew)) await this.#options.changed();
  }
}

const isNew = ({ outcome }: UpdateResult): boolean => outcome === 'updated';

function textOf(error: unknown): string {
  return cleanText(error instanceof Error ? error.message : String(error));
}
