import type { CallAnswer, CallArgs, Opened, StoreCall, StoreHealth, StoreOptions } from './wire.ts';
import { WorkerLink } from './worker-link.ts';

/** The thread that owns the database: started at the first call, and again at the next one after it died. */
export class LedgerThread {
  readonly #options: StoreOptions;
  readonly #onTrouble: () => void;
  readonly #href: string | undefined;
  #link: WorkerLink | null = null;
  #opened: Promise<Opened> | null = null;
  #error: string | null = null;
  #health: StoreHealth = { error: null, blockedFileError: null, notice: null, unsavedRules: 0 };

  /** `onTrouble` is told when something should be tried again soon; `href` is another worker module, for tests. */
  constructor(options: StoreOptions, onTrouble: () => void, href?: string) {
    this.#options = options;
    this.#onTrouble = onTrouble;
    this.#href = href;
  }

  /** Why the thread does not run, else why the database cannot be used; null when all is well. */
  get error(): string | null {
    return this.#error ?? this.#health.error;
  }

  get blockedFileError(): string | null {
    return this.#health.blockedFileError;
  }

  get notice(): string | null {
    return this.#health.notice;
  }

  /** What opening the database gave, the first time or after a restart. */
  opened(): Promise<Opened> {
    return this.#opened ?? this.#start();
  }

  /** Asks the thread; rejects when it dies before it answers. */
  call<K extends StoreCall>(call: K, args: CallArgs<K>): Promise<CallAnswer<K>> {
    if (this.#link === null) void this.#start();
    if (this.#link === null) return Promise.reject(new Error('the ledger thread cannot be started'));
    return this.#link.call(call, args);
  }

  /** Ends the thread at once. */
  stop(): void {
    this.#link?.terminate();
    this.#link = null;
  }

  #start(): Promise<Opened> {
    const link = new WorkerLink(
      (health) => this.#onHealth(health),
      (error) => this.#onDown(error),
      this.#href,
    );
    this.#link = link;
    const opened = link.call('open', this.#options);
    this.#opened = opened;
    // Whoever awaits `opened` is told too; nobody may be.
    opened.catch((error: Error) => {
      this.#error = error.message;
    });
    return opened;
  }

  #onHealth(health: StoreHealth): void {
    this.#health = health;
    this.#error = null;
    if (health.error !== null || health.unsavedRules > 0) this.#onTrouble();
  }

  #onDown(error: string): void {
    this.#link = null;
    this.#error = `the ledger thread died and is started again: ${error}`;
    this.#onTrouble();
  }
}
