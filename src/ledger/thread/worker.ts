import { parentPort } from 'node:worker_threads';
import { assertNever } from '../../model/never.ts';
import { BlockedFile } from '../blocked/file.ts';
import type { CallArgs, FromWorker, StoreHealth, StoreOptions, ToWorker } from '../wire.ts';
import { HistoryScans } from './history-scans.ts';
import { Store } from './store.ts';

/** How often what is too old is looked for. */
const RETENTION_EVERY_MS = 5 * 60_000;
/** Rest between two slices of deleting, for batches and questions. */
const SLICE_REST_MS = 20;
/** Slices deleted at once when a batch took the database past its size: of flows, this is more than the longest transcripts. */
const TRIM_SLICES = 8;

const NOT_OPEN: StoreHealth = {
  error: 'the ledger is not open',
  blockedFileError: null,
  notice: null,
  unsavedRules: 0,
};

/** The worker's end of the ledger: one question at a time, in the order they come. */
class LedgerService {
  readonly #store: Store;
  readonly #blocked: BlockedFile | null;
  readonly #histories: HistoryScans;
  readonly #retention: ReturnType<typeof setInterval>;
  #slice: ReturnType<typeof setTimeout> | null = null;

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

  /** The answer, or a promise of it when it takes several turns. */
  answer(asked: ToWorker): unknown {
    switch (asked.call) {
      case 'open':
        return this.#store.open();
      case 'write':
        return this.#write(asked.args);
      case 'blocked':
        return this.#blocked?.append(asked.args.flows) ?? null;
      case 'page':
        return this.#store.page(asked.args);
      case 'flow':
        return this.#store.flow(asked.args.id);
      case 'appFirstAt':
        return this.#store.appFirstAt(asked.args.path);
      case 'rules':
        return { rules: this.#store.rules() };
      case 'saveRules':
        return this.#store.saveRules(asked.args.added, asked.args.removedIds);
      case 'judgeMemory':
        return this.#store.judgeMemory(asked.args.sinceMs);
      case 'inquiries':
        return this.#store.inquiries(asked.args.before, asked.args.limit);
      case 'inquiry':
        return this.#store.inquiry(asked.args.id);
      case 'history':
        return this.#histories.history(asked.args);
      case 'close':
        return this.#close(asked.args.issued);
      default:
        return assertNever(asked);
    }
  }

  #write({ flows, issued, judge, inquiry }: CallArgs<'write'>): unknown {
    const written = this.#store.write(flows, issued, judge, inquiry);
    if (written.written) this.#trim();
    return written;
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

/** Answers at once, in the order of the questions, save what takes several turns. */
async function handle(asked: ToWorker): Promise<void> {
  const post = (answer: unknown, failure: string | null): void => {
    const reply: FromWorker = { seq: asked.seq, answer, failure, health: service?.health() ?? NOT_OPEN };
    parentPort?.postMessage(JSON.stringify(reply));
  };
  try {
    if (asked.call === 'open') service = new LedgerService(asked.args);
    const answer = service === null ? null : service.answer(asked);
    post(answer instanceof Promise ? await answer : answer, null);
  } catch (error) {
    post(null, error instanceof Error ? error.message : String(error));
  }
}

parentPort?.on('message', (text: string) => void handle(JSON.parse(text)));
