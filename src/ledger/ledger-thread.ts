import { inTime } from '../async/in-time.ts';
import { workerUrl } from '../model/worker-url.ts';
import type {
  CallAnswer,
  CallArgs,
  FromWorker,
  Opened,
  StoreCall,
  StoreHealth,
  StoreOptions,
} from './wire.ts';

/** Calls that wait for an answer at once; past it a call fails. */
const PENDING_MAX = 1_024;
/** How long the engine waits for its ledger to open and to close. */
const ANSWER_WAIT_MS = 3_000;

/**
 * The worker thread that owns the database: asked and answering in order, started at the first call, and again at the next one after
 * it died. When it dies every open call fails.
 */
export class LedgerThread {
  readonly #options: StoreOptions;
  readonly #onTrouble: () => void;
  readonly #href: string;
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>();
  #worker: Worker | null = null;
  #opened: Promise<Opened> | null = null;
  #isStopped = false;
  #seq = 0;
  #error: string | null = null;
  #health: StoreHealth = { error: null, blockedFileError: null, notice: null };

  /** `onTrouble` is told when something should be tried again soon; `href` is another worker module, for tests. */
  constructor(
    options: StoreOptions,
    onTrouble: () => void,
    href: string = workerUrl('ledger/thread/worker.ts', import.meta.url).href,
  ) {
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

  /** What opening the database gave, the first time or after a restart; null when there is no answer in time. */
  opened(): Promise<Opened | null> {
    return inTime(this.#opened ?? this.#start(), ANSWER_WAIT_MS);
  }

  /** Asks the thread; rejects when it dies before it answers, and for a bug of ours. */
  call<K extends StoreCall>(call: K, args: CallArgs<K>): Promise<CallAnswer<K>> {
    if (this.#isStopped) return Promise.reject(new Error('the ledger was closed'));
    if (this.#worker === null) this.#start();
    return this.#ask(call, args);
  }

  /** As `call`; null when there is no answer in time. */
  callInTime<K extends StoreCall>(call: K, args: CallArgs<K>): Promise<CallAnswer<K> | null> {
    return inTime(this.call(call, args), ANSWER_WAIT_MS);
  }

  /** Ends the thread at once. */
  stop(): void {
    this.#isStopped = true;
    this.#worker?.terminate();
    this.#worker = null;
    this.#failAll('the ledger was closed');
  }

  #start(): Promise<Opened> {
    const worker = new Worker(this.#href);
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<string>) => this.#answered(JSON.parse(data));
    worker.onerror = (event) => this.#died(worker, event.message);
    worker.addEventListener('close', () => this.#died(worker, 'the ledger thread ended'));
    const opened = this.#ask('open', this.#options);
    this.#opened = opened;
    // Whoever awaits `opened` is told too; nobody may be.
    opened.catch((error: Error) => {
      this.#error ??= error.message;
    });
    return opened;
  }

  #ask<K extends StoreCall>(call: K, args: CallArgs<K>): Promise<CallAnswer<K>> {
    if (this.#pending.size >= PENDING_MAX) return Promise.reject(new Error('the ledger has too much to do'));
    const seq = ++this.#seq;
    const pending = Promise.withResolvers<CallAnswer<K>>();
    this.#pending.set(seq, pending as PromiseWithResolvers<unknown>);
    this.#worker?.postMessage(JSON.stringify({ seq, call, args }));
    return pending.promise;
  }

  #answered({ seq, answer, failure, health }: FromWorker): void {
    const pending = this.#pending.get(seq);
    this.#pending.delete(seq);
    this.#health = health;
    this.#error = null;
    if (failure === null) pending?.resolve(answer);
    else pending?.reject(new Error(failure));
    if (health.error !== null) this.#onTrouble();
  }

  #died(worker: Worker, error: string): void {
    // Both an error and its end may be told of one death.
    if (worker !== this.#worker) return;
    this.#worker = null;
    this.#error = `the ledger thread died and is started again: ${error}`;
    this.#failAll(error);
    this.#onTrouble();
  }

  #failAll(error: string): void {
    for (const { reject } of this.#pending.values()) reject(new Error(error));
    this.#pending.clear();
  }
}
