import { inTime } from '../async/in-time.ts';
import { cleanText } from '../model/clean.ts';
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
/** Looks in a row, one a second, that find a thread without an answer, before another takes its place. */
const SILENT_LOOKS = 4;
/** Threads that stand still beside the one that serves; past it the last one is waited for. */
const GIVEN_UP_MAX = 2;

/** Who hears of the thread. */
export interface ThreadEvents {
  /** Something should be tried again soon. */
  readonly onTrouble: () => void;
  /** Something that an operator should know, in a line. */
  readonly notice: (text: string) => void;
}

/**
 * The worker thread that owns the database: asked and answering in order, started at the first call, and again at the next one after
 * it died or was given up because it did not answer. Then every open call fails, for the caller to make again.
 */
export class LedgerThread {
  readonly #options: StoreOptions;
  readonly #events: ThreadEvents;
  readonly #href: string;
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>();
  #worker: Worker | null = null;
  /** What tells the worker that it was given up. */
  #givenUp = new Int32Array(new SharedArrayBuffer(4));
  /** Threads that were given up and have not ended. */
  #still = 0;
  #silentLooks = 0;
  #opened: Promise<Opened> | null = null;
  #isStopped = false;
  #seq = 0;
  #error: string | null = null;
  /** What became of a thread before this one. */
  #past: string | null = null;
  #health: StoreHealth = { error: null, blockedFileError: null, notice: null };

  /** `href` is another worker module, for tests. */
  constructor(
    options: StoreOptions,
    events: ThreadEvents,
    href: string = workerUrl('ledger/thread/worker.ts', import.meta.url).href,
  ) {
    this.#options = options;
    this.#events = events;
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
    return this.#health.notice ?? this.#past;
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

  /**
   * Looks whether the thread answers; to be called once a second. One that does not for four looks is given up, and another is started:
   * what had no answer is asked again of that one.
   */
  look(): void {
    const worker = this.#worker;
    if (worker === null) return;
    if (this.#pending.size === 0) this.#ask('beat', null).catch(() => {});
    else if (++this.#silentLooks === SILENT_LOOKS) this.#silent(worker);
  }

  /** Leaves the thread, which ends once it has answered what it is at; one that stands still ends with the process. */
  stop(): void {
    this.#isStopped = true;
    if (this.#worker !== null) this.#leave(this.#worker);
    this.#failAll('the ledger was closed');
  }

  #silent(worker: Worker): void {
    const text = `the ledger's thread has not answered for ${SILENT_LOOKS} s`;
    if (this.#still >= GIVEN_UP_MAX) {
      this.#error = `${text}, as ${this.#still} before it; it is waited for`;
      this.#events.notice(`${this.#error}; connections go on, records wait`);
      return;
    }
    this.#still++;
    worker.addEventListener('close', () => this.#still--);
    this.#leave(worker);
    this.#replaced(text);
  }

  /** To terminate a thread that stands still would hold this one too (docs/facts/bun-ink.md). */
  #leave(worker: Worker): void {
    this.#worker = null;
    Atomics.store(this.#givenUp, 0, 1);
    worker.postMessage('');
    worker.unref();
  }

  #start(): Promise<Opened> {
    const worker = new Worker(this.#href);
    this.#worker = worker;
    this.#silentLooks = 0;
    this.#givenUp = new Int32Array(new SharedArrayBuffer(4));
    worker.postMessage(this.#givenUp);
    worker.onmessage = ({ data }: MessageEvent<string>) => {
      if (worker === this.#worker) this.#answered(JSON.parse(data));
    };
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
    this.#silentLooks = 0;
    this.#health = health;
    this.#error = null;
    if (failure === null) pending?.resolve(answer);
    else pending?.reject(new Error(failure));
    if (health.error !== null) this.#events.onTrouble();
  }

  #died(worker: Worker, error: string): void {
    // Both an error and its end may be told of one death.
    if (worker !== this.#worker) return;
    this.#worker = null;
    this.#replaced(`the ledger's thread died: ${reasonOf(error)}`);
  }

  /** Nothing is lost: what had no answer is kept, and asked again. */
  #replaced(why: string): void {
    this.#error = `${why}; another is started`;
    this.#past = `${why}; another took its place`;
    this.#events.notice(this.#error);
    this.#failAll(why);
    this.#events.onTrouble();
  }

  #failAll(error: string): void {
    for (const { reject } of this.#pending.values()) reject(new Error(error));
    this.#pending.clear();
  }
}

/** The one line of a worker's error that says what it was; the rest is its source and its stack. */
function reasonOf(error: string): string {
  const lines = error.trim().split('\n');
  return cleanText(lines.find((line) => line.startsWith('error: ')) ?? lines[0] ?? '');
}
