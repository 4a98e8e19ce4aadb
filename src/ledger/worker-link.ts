import { workerUrl } from '../model/worker-url.ts';
import type { CallAnswer, CallArgs, FromWorker, StoreCall, StoreHealth } from './wire.ts';

/** Calls that wait for an answer at once; past it a call fails. */
const PENDING_MAX = 1_024;

interface Pending {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A worker thread that is asked and answers, in order. When it dies, every open call fails and `onDown` is told once. */
export class WorkerLink {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #onHealth: (health: StoreHealth) => void;
  readonly #onDown: (error: string) => void;
  #seq = 0;
  #down = false;

  /** `href` is the worker's module, for tests; the ledger's own by default. */
  constructor(
    onHealth: (health: StoreHealth) => void,
    onDown: (error: string) => void,
    href: string = workerUrl('ledger/thread/worker.ts', import.meta.url).href,
  ) {
    this.#worker = new Worker(href);
    this.#onHealth = onHealth;
    this.#onDown = onDown;
    this.#worker.onmessage = ({ data }: MessageEvent<string>) => this.#answered(JSON.parse(data));
    this.#worker.onerror = (event) => this.#died(event.message);
    this.#worker.addEventListener('close', () => this.#died('the ledger thread ended'));
  }

  /** Asks; rejects when the worker is gone or failed by a bug of ours. */
  call<K extends StoreCall>(call: K, args: CallArgs<K>): Promise<CallAnswer<K>> {
    if (this.#down) return Promise.reject(new Error('the ledger thread is not running'));
    if (this.#pending.size >= PENDING_MAX) return Promise.reject(new Error('the ledger has too much to do'));
    const seq = ++this.#seq;
    return new Promise<CallAnswer<K>>((resolve, reject) => {
      this.#pending.set(seq, { resolve: (answer) => resolve(answer as CallAnswer<K>), reject });
      this.#worker.postMessage(JSON.stringify({ seq, call, args }));
    });
  }

  /** Ends the thread at once; nothing is told. */
  terminate(): void {
    this.#down = true;
    this.#worker.terminate();
    this.#failAll('the ledger was closed');
  }

  #answered({ seq, answer, failure, health }: FromWorker): void {
    const pending = this.#pending.get(seq);
    this.#pending.delete(seq);
    this.#onHealth(health);
    if (failure === null) pending?.resolve(answer);
    else pending?.reject(new Error(failure));
  }

  #died(error: string): void {
    if (this.#down) return;
    this.#down = true;
    this.#failAll(error);
    this.#onDown(error);
  }

  #failAll(error: string): void {
    for (const { reject } of this.#pending.values()) reject(new Error(error));
    this.#pending.clear();
  }
}
