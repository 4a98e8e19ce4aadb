import { cleanText } from '../../model/clean.ts';
import type { ModelFailure } from '../../model/inquiry.ts';
import type { ServerAlive } from '../client/server-check.ts';

/** How long a server may take to say that it is there. */
const ALIVE_MS = 2_000;
/** The first pause before a server that was not there is tried again, and the longest. */
const RETRY_FIRST_MS = 2_000;
const RETRY_MAX_MS = 60_000;
/** A server that let so many inquiries in a row run out of time without one reply counts as not there. */
const SILENT_MAX = 3;

/** How the server stands; `unknown` before the first try has ended. */
export type ServerState = 'unknown' | 'ready' | 'unreachable' | 'refused';

/**
 * Knows whether the model's server is there, so that no connection ever waits for one that is not. A server that is gone is told
 * once, and tried again after a pause that doubles up to a minute.
 */
export class JudgeServer {
  #state: ServerState = 'unknown';
  #detail: string | null = null;
  #retryMs: number;
  #silent = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #closed = false;

  constructor(
    private readonly isAlive: (limitMs: number) => Promise<ServerAlive>,
    private readonly changed: (state: ServerState, detail: string | null) => void,
    private readonly retryFirstMs: number = RETRY_FIRST_MS,
  ) {
    this.#retryMs = retryFirstMs;
  }

  get state(): ServerState {
    return this.#state;
  }

  get detail(): string | null {
    return this.#detail;
  }

  /** Tries the server; settles when it has answered or its time is over. */
  async probe(): Promise<void> {
    const { kind, detail } = await this.isAlive(ALIVE_MS).catch(broken);
    if (this.#closed) return;
    if (kind === 'alive') this.#is('ready', null);
    else this.#lost(kind, detail);
  }

  /** A model replied: only that ends the growing of the pauses, for a server can be there and its model hang. */
  replied(): void {
    this.#silent = 0;
    this.#retryMs = this.retryFirstMs;
  }

  /** An inquiry ended without one reply. */
  failed(why: ModelFailure, detail: string): void {
    if (why === 'unreachable') this.#lost('unreachable', detail);
    else if (why === 'refused') this.#lost('refused', detail);
    // What concerns one request alone says nothing of the server.
    else if (why !== 'rate_limited' && why !== 'too_long' && ++this.#silent >= SILENT_MAX) {
      this.#lost('unreachable', `${detail}; ${SILENT_MAX} inquiries in a row had no reply`);
    }
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #lost(state: 'unreachable' | 'refused', detail: string): void {
    if (this.#closed) return;
    this.#silent = 0;
    this.#is(state, detail);
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.probe();
    }, this.#retryMs);
    this.#retryMs = Math.min(RETRY_MAX_MS, this.#retryMs * 2);
  }

  #is(state: ServerState, detail: string | null): void {
    const isNew = state !== this.#state;
    this.#state = state;
    this.#detail = detail;
    if (isNew) this.changed(state, detail);
  }
}

/** A look that throws is a fault of ours; the server counts as not there, and is looked at again. */
function broken(error: unknown): ServerAlive {
  return { kind: 'unreachable', detail: cleanText(String(error)) };
}
