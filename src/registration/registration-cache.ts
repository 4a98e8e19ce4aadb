import { setImmediate as nextTurn } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { RegistrableDomain } from '../model/brand.ts';
import { expiryOf, type RegistrationAnswer } from './answer.ts';
import { openRegistrationFile, type RegistrationFile } from './registration-file.ts';

/** Domains kept, in memory and on disk alike. */
export const DOMAINS_MAX = 8_192;
/** Answers that wait to be written; at the limit they are written at once. */
const UNWRITTEN_MAX = 128;
const WRITE_EVERY_MS = 3_000;
/** Answers that hold for less are not worth writing. */
const WORTH_WRITING_MS = 60_000;
/** Rows written after which what is too many is deleted. */
const TRIM_EVERY_ROWS = 2_048;
/** A clock that was set back makes stamps lie ahead: such an answer is asked for again. */
const AHEAD_MAX_MS = 86_400_000;

/** What is known of domains: all in memory, and in a file that outlives the engine. Trouble with the file is told once and costs only the file. */
export class RegistrationCache {
  readonly #answers = new LRUCache<RegistrableDomain, RegistrationAnswer>({ max: DOMAINS_MAX });
  readonly #unwritten = new Map<RegistrableDomain, RegistrationAnswer>();
  readonly #path: string | null;
  readonly #onTrouble: (text: string) => void;
  #file: RegistrationFile | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #untrimmed = 0;
  #told = false;
  #closed = false;

  /** `path` null keeps everything in memory. */
  constructor(path: string | null, onTrouble: (text: string) => void) {
    this.#path = path;
    this.#onTrouble = onTrouble;
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
        for (const [domain, answer] of page.entries) {
          // What was learned meanwhile is newer.
          if (!this.#answers.has(domain)) this.#answers.set(domain, answer);
        }
        after = page.last;
      }
      file.trim(Date.now(), DOMAINS_MAX);
    } catch (error) {
      this.#trouble(error);
    }
  }

  /** The answer for a domain while it holds, else null. No IO. */
  get(domain: RegistrableDomain, nowMs: number): RegistrationAnswer | null {
    const answer = this.#answers.get(domain);
    if (answer === undefined || expiryOf(answer) <= nowMs) return null;
    return answer.kind === 'registered' && answer.fetchedAt > nowMs + AHEAD_MAX_MS ? null : answer;
  }

  /** Keeps an answer, and writes it within seconds. */
  set(domain: RegistrableDomain, answer: RegistrationAnswer): void {
    this.#answers.set(domain, answer);
    if (this.#path === null || this.#closed) return;
    if (expiryOf(answer) - Date.now() < WORTH_WRITING_MS) return;
    this.#unwritten.set(domain, answer);
    if (this.#unwritten.size >= UNWRITTEN_MAX) this.#write();
    else if (this.#timer === null) {
      this.#timer = setTimeout(() => this.#write(), WRITE_EVERY_MS);
      this.#timer.unref();
    }
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
