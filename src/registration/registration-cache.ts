import { setImmediate as nextTurn } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { RegistrableDomain } from '../model/brand.ts';
import { expiryOf, type RecordAnswer, type RegistrationAnswer } from './answer.ts';
import { openRegistrationFile, type RegistrationFile } from './registration-file.ts';

/** Domains kept, in memory and on disk alike. */
export const DOMAINS_MAX = 8_192;
/** What all of them may take in memory, in characters of JSON: a record has about six hundred. */
const CHARS_MAX = 8_388_608;
/** Ages that wait to be written; at the limit they are written at once. */
const UNWRITTEN_MAX = 128;
const WRITE_EVERY_MS = 3_000;
/** Ages that hold for less are not worth writing. */
const WORTH_WRITING_MS = 60_000;
/** Rows written after which what is too many is deleted. */
const TRIM_EVERY_ROWS = 2_048;

/** What is known of a domain. */
export interface Known {
  readonly age: RegistrationAnswer;
  /** Null when nobody was asked for it. */
  readonly record: RecordAnswer | null;
  /** Where the registrar of a thin registry would tell more. */
  readonly more: URL | null;
}

/** Finds out about a domain of which `before` is known; `isWhole`: the record too. Undefined when all was closed meanwhile. Never rejects. */
export type Find = (
  domain: RegistrableDomain,
  before: Known | null,
  isWhole: boolean,
) => Promise<Known | undefined>;

/**
 * What is known of domains: in memory, and the ages in a file that outlives the engine. Those who want a domain at once share one
 * lookup. Trouble with the file is told once and costs only the file.
 */
export class RegistrationCache {
  readonly #known: LRUCache<RegistrableDomain, Known, boolean>;
  readonly #unwritten = new Map<RegistrableDomain, RegistrationAnswer>();
  readonly #path: string | null;
  readonly #onTrouble: (text: string) => void;
  #file: RegistrationFile | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #untrimmed = 0;
  #told = false;
  #closed = false;

  /** `path` null keeps everything in memory. */
  constructor(path: string | null, onTrouble: (text: string) => void, find: Find) {
    this.#path = path;
    this.#onTrouble = onTrouble;
    this.#known = new LRUCache<RegistrableDomain, Known, boolean>({
      max: DOMAINS_MAX,
      maxSize: CHARS_MAX,
      sizeCalculation: (known) => JSON.stringify(known).length,
      // Who waits for an answer gets it, though it was pushed out meanwhile.
      ignoreFetchAbort: true,
      fetchMethod: async (domain, before, { context: isWhole }) => {
        const known = await find(domain, before ?? null, isWhole);
        if (known !== undefined && known.age !== before?.age) this.#keep(domain, known.age);
        return known;
      },
    });
  }

  /** Opens the file and reads it, a page a turn of the event loop. Never rejects. */
  async open(): Promise<void> {
    await nextTurn();
    if (this.#path === null || this.#closed) return;
    try {
      const file = openRegistrationFile(this.#path);
      this.#file = file;
      for (let after: string | null = ''; after !== null; await nextTurn()) {
        if (this.#closed) return;
        const page = file.page(Date.now(), after);
        for (const [domain, age] of page.entries) this.#known.set(domain, { age, record: null, more: null });
        after = page.last;
      }
      file.trim(Date.now(), DOMAINS_MAX);
    } catch (error) {
      this.#trouble(error);
    }
  }

  /** What is known of a domain, whether it still holds or not. No IO. */
  get(domain: RegistrableDomain): Known | null {
    return this.#known.get(domain) ?? null;
  }

  /**
   * Looks a domain up and keeps what is found; a lookup that is under way is shared, whatever it was started for. To be called once
   * the file is open. Null when all was closed meanwhile.
   */
  async fetch(domain: RegistrableDomain, isWhole: boolean): Promise<Known | null> {
    const found = this.#known.fetch(domain, { context: isWhole, forceRefresh: true });
    // Rejects when it was pushed out and there is nothing to keep.
    return (await found.catch(() => null)) ?? null;
  }

  /** Writes what is not yet written and closes the file. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#write();
    try {
      this.#file?.close();
    } catch (error) {
      this.#trouble(error);
    }
    this.#file = null;
  }

  /** Writes an age within seconds. */
  #keep(domain: RegistrableDomain, age: RegistrationAnswer): void {
    if (this.#path === null || this.#closed) return;
    if (expiryOf(age) - Date.now() < WORTH_WRITING_MS) return;
    this.#unwritten.set(domain, age);
    if (this.#unwritten.size >= UNWRITTEN_MAX) this.#write();
    else if (this.#timer === null) {
      this.#timer = setTimeout(() => this.#write(), WRITE_EVERY_MS);
      this.#timer.unref();
    }
  }

  #write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const entries = [...this.#unwritten];
    this.#unwritten.clear();
    if (this.#file === null || entries.length === 0) return;
    try {
      this.#file.write(entries);
      this.#untrimmed += entries.length;
      if (this.#untrimmed < TRIM_EVERY_ROWS) return;
      this.#untrimmed = 0;
      this.#file.trim(Date.now(), DOMAINS_MAX);
    } catch (error) {
      this.#trouble(error);
    }
  }

  #trouble(error: unknown): void {
    if (this.#told) return;
    this.#told = true;
    const said = error instanceof Error ? error.message : String(error);
    this.#onTrouble(
      `cannot keep registration dates in ${this.#path}: ${said}; they are asked for anew after a restart`,
    );
  }
}
