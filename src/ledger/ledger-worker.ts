import { parentPort } from 'node:worker_threads';
import type { FlowRecord } from '../model/flow.ts';
import { assertNever } from '../model/never.ts';
import { BlockedFile } from './blocked-file.ts';
import { Store } from './store.ts';
import type { FromWorker, StoreHealth, StoreOptions, ToWorker } from './wire.ts';

/** How often what is too old is looked for. */
const RETENTION_EVERY_MS = 5 * 60_000;
/** Rest between two slices of deleting, for batches and questions. */
const SLICE_REST_MS = 20;

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
  readonly #retention: ReturnType<typeof setInterval>;
  #slice: ReturnType<typeof setTimeout> | null = null;

  constructor(options: StoreOptions) {
    this.#store = new Store(options, Date.now);
    this.#blocked = options.blockedFile === '' ? null : new BlockedFile(options.blockedFile);
    this.#retention = setInterval(() => this.#retainSoon(), RETENTION_EVERY_MS);
    this.#retainSoon();
  }

  health(): StoreHealth {
    return { ...this.#store.health(), blockedFileError: this.#blocked?.error ?? null };
  }

  answer(asked: ToWorker): unknown {
    switch (asked.call) {
      case 'open':
        return this.#store.open();
      case 'write':
        return this.#write(asked.args.flows, asked.args.issued);
      case 'blocked':
        return this.#blocked?.append(asked.args.flows) ?? null;
      case 'page':
        return this.#store.page(asked.args);
      case 'flow':
        return this.#store.flow(asked.args.id);
      case 'rules':
        return { rules: this.#store.rules() };
      case 'saveRules':
        return this.#store.saveRules(asked.args.added, asked.args.removedIds);
      case 'close':
        return this.#close(asked.args.issued);
      default:
        return assertNever(asked);
    }
  }

  #write(flows: readonly FlowRecord[], issued: number): unknown {
    const written = this.#store.write(flows, issued);
    // A slice deletes more than a batch adds, so the limit holds however fast flows come.
    if (written.written && this.#store.overSize() && this.#store.retain()) this.#retainSoon();
    return written;
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
    this.#blocked?.close();
    this.#store.close(issued);
    return null;
  }
}

let service: LedgerService | null = null;

function handle(asked: ToWorker): FromWorker {
  try {
    if (asked.call === 'open') service = new LedgerService(asked.args);
    const answer = service === null ? null : service.answer(asked);
    return { seq: asked.seq, answer, failure: null, health: service?.health() ?? NOT_OPEN };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { seq: asked.seq, answer: null, failure, health: service?.health() ?? NOT_OPEN };
  }
}

parentPort?.on('message', (text: string) =>
  parentPort?.postMessage(JSON.stringify(handle(JSON.parse(text)))),
);
