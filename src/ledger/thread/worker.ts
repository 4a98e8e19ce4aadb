import { parentPort } from 'node:worker_threads';
import { BlockedFile } from '../blocked/file.ts';
import type {
  Batch,
  CallAnswer,
  CallArgs,
  FromWorker,
  StoreCall,
  StoreHealth,
  StoreOptions,
  ToWorker,
} from '../wire.ts';
import { HistoryScans } from './history-scans.ts';
import { Store } from './store.ts';

/** How often what is too old is looked for. */
const RETENTION_EVERY_MS = 5 * 60_000;
/** Rest between two slices of deleting, for batches and questions. */
const SLICE_REST_MS = 20;
/** Slices deleted at once when a batch took the database past its size: of flows, this is more than the longest transcripts. */
const TRIM_SLICES = 8;

const NOT_OPEN: StoreHealth = { error: 'the ledger is not open', blockedFileError: null, notice: null };

type Calls = {
  readonly [K in StoreCall]: (args: CallArgs<K>) => CallAnswer<K> | Promise<CallAnswer<K>>;
};

/** The worker's end of the ledger: answers in the order of the questions, save what takes several turns. */
class LedgerService {
  readonly #store: Store;
  readonly #blocked: BlockedFile | null;
  readonly #histories: HistoryScans;
  readonly #retention: ReturnType<typeof setInterval>;
  #slice: ReturnType<typeof setTimeout> | null = null;

  /** What can be asked. */
  readonly calls: Calls = {
    open: () => this.#store.open(),
    write: (batch) => this.#write(batch),
    blocked: ({ flows }) => {
      this.#blocked?.append(flows);
      return null;
    },
    page: (query) => this.#store.page(query),
    flow: ({ id }) => this.#store.flow(id),
    policies: (query) => this.#store.policies(query),
    appFirstAt: ({ path }) => this.#store.appFirstAt(path),
    judgeMemory: ({ sinceMs }) => this.#store.judgeMemory(sinceMs),
    inquiries: ({ before, limit }) => this.#store.inquiries(before, limit),
    inquiry: ({ id }) => this.#store.inquiry(id),
    history: (query) => this.#histories.history(query),
    beat: () => null,
    close: ({ issued }) => this.#close(issued),
  };

  constructor(options: StoreOptions) {
    this.#store = new Store(options, Date.now);
    this.#blocked = options.blockedFile === '' ? null : new BlockedFile(options.blockedFile);
    this.#histories = new HistoryScans(
      (query, before) => this.#store.historySlice(query, before),
      () => performance.now(),
    );
    this.#retention = setInterval(() => this.#retainSoon(), RETENTION_EVERY_MS);
    this.#retainSoon();
  }

  health(): StoreHealth {
    return { ...this.#store.health(), blockedFileError: this.#blocked?.error ?? null };
  }

  #write(batch: Batch): CallAnswer<'write'> {
    const answer = this.#store.write(batch);
    if (answer.written) this.#trim();
    return answer;
  }

  /** Slices that delete more than a batch adds, so that the limit holds however fast records come. */
  #trim(): void {
    for (let slices = 0; slices < TRIM_SLICES && this.#store.overSize(); slices++) {
      if (!this.#store.retain()) return;
      this.#retainSoon();
    }
  }

  #retainSoon(): void {
    this.#slice ??= setTimeout(() => {
      this.#slice = null;
      if (this.#store.retain()) this.#retainSoon();
    }, SLICE_REST_MS);
  }

  #close(issued: number): null {
    clearInterval(this.#retention);
    if (this.#slice !== null) clearTimeout(this.#slice);
    this.#histories.close();
    this.#blocked?.close();
    this.#store.close(issued);
    return null;
  }
}

let service: LedgerService | null = null;
/** Not 0 once this thread was given up: another writes in its place. */
let givenUp: Int32Array | null = null;

async function handle(asked: ToWorker): Promise<void> {
  const post = (answer: unknown, failure: string | null): void => {
    const reply: FromWorker = { seq: asked.seq, answer, failure, health: service?.health() ?? NOT_OPEN };
    parentPort?.postMessage(JSON.stringify(reply));
  };
  try {
    if (asked.call === 'open') service = new LedgerService(asked.args);
    // The table pairs each call with its arguments; the compiler cannot follow the pair through it.
    const call = service?.calls[asked.call] as ((args: unknown) => unknown) | undefined;
    const answer = call?.(asked.args) ?? null;
    post(answer instanceof Promise ? await answer : answer, null);
  } catch (error) {
    post(null, error instanceof Error ? error.message : String(error));
  }
}

parentPort?.on('message', (said: string | Int32Array) => {
  if (typeof said !== 'string') givenUp = said;
  // This thread alone. What it was asked before it stood still, another has done; done late it would undo what is newer.
  else if (givenUp !== null && Atomics.load(givenUp, 0) !== 0) process.exit();
  else void handle(JSON.parse(said));
});
