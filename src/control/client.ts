import type { Socket } from 'bun';
import { cleanText } from '../model/clean.ts';
import { ControlClientError, connectError, NotPermittedError } from './client-error.ts';
import { LineSplitter } from './ndjson.ts';
import { OutBuffer } from './out-buffer.ts';
import {
  type Event,
  eventSchema,
  type Method,
  REPLY_MAX_BYTES,
  type Reply,
  type RequestInput,
  type Result,
  replySchema,
  resultSchemas,
} from './protocol.ts';

/** How long the engine may take for an answer, for one that compiles lists, and for one that downloads them. */
const ANSWER_WAIT_MS = 30_000;
const COMPILE_WAIT_MS = 300_000;
/** As long as an inquiry may take at most, and some more. */
const JUDGE_WAIT_MS = 660_000;
const DOWNLOAD_WAIT_MS = 86_400_000;
/** Requests without an answer at once; the engine takes no more. */
const WAITING_MAX = 64;

/** What a method takes beside its name; what has a default may be left out. */
export type RequestParams<M extends Method> = Omit<Extract<RequestInput, { method: M }>, 'method'>;

interface Waiting {
  readonly method: Method;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: ControlClientError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** A connection to the engine. Every failure is a `ControlClientError`. */
export class ControlClient {
  readonly #socketPath: string;
  readonly #splitter = new LineSplitter(REPLY_MAX_BYTES);
  readonly #waiting = new Map<number, Waiting>();
  readonly #onEvent: ((event: Event) => void)[] = [];
  readonly #onClose: (() => void)[] = [];
  #socket: Socket<undefined> | null = null;
  #out: OutBuffer | null = null;
  #lastId = 0;
  #end: ControlClientError | null = null;

  /** Use `connectControl`. */
  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** The descriptor of the connection, for what the kernel knows of its other end; -1 without a connection. */
  get fd(): number {
    return (this.#socket as { readonly fd?: number } | null)?.fd ?? -1;
  }

  /** Asks the engine; rejects with its refusal, or that it is gone. */
  request<M extends Method>(method: M, params: RequestParams<M>): Promise<Result<M>> {
    if (this.#end !== null) return Promise.reject(this.#end);
    if (this.#waiting.size >= WAITING_MAX) {
      return Promise.reject(
        new ControlClientError('refused', `${WAITING_MAX} requests wait for an answer`, null),
      );
    }
    const id = ++this.#lastId;
    return new Promise<Result<M>>((resolve, reject) => {
      const waitMs = answerWaitMs(method);
      const timer = setTimeout(() => this.#late(id, waitMs), waitMs);
      this.#waiting.set(id, { method, resolve: (result) => resolve(result as Result<M>), reject, timer });
      this.#out?.push(`${JSON.stringify({ ...params, id, method })}\n`);
    });
  }

  /** Calls `listener` for every event: those subscribed to, and those about a request of its own that takes long. */
  onEvent(listener: (event: Event) => void): void {
    this.#onEvent.push(listener);
  }

  /** Calls `listener` once, when the connection is over, for whatever cause. */
  onClose(listener: () => void): void {
    if (this.#end === null) this.#onClose.push(listener);
    else listener();
  }

  close(): void {
    this.#finish(new ControlClientError('lost', 'the connection was closed', null));
  }

  /** Connects; for `connectControl`. */
  async connect(): Promise<void> {
    try {
      this.#socket = await Bun.connect({
        unix: this.#socketPath,
        socket: {
          binaryType: 'uint8array',
          open: (socket) => {
            this.#out = new OutBuffer((bytes) => socket.write(bytes));
          },
          data: (_socket, chunk) => this.#data(chunk),
          drain: () => void this.#out?.drain(),
          close: () => this.#finish(this.#lost()),
          error: () => this.#finish(this.#lost()),
        },
      });
    } catch (error) {
      throw this.#end ?? connectError(error, this.#socketPath);
    }
  }

  #data(chunk: Uint8Array): void {
    const { lines, tooLong } = this.#splitter.push(chunk);
    for (const line of lines) this.#line(line);
    if (tooLong) this.#finish(notUnderstood(`a line longer than ${REPLY_MAX_BYTES} bytes`));
  }

  #line(line: string): void {
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      this.#finish(notUnderstood('a line that is not JSON'));
      return;
    }
    if (typeof message === 'object' && message !== null && 'event' in message) this.#event(message);
    else this.#reply(message);
  }

  #event(message: object): void {
    const parsed = eventSchema.safeParse(message);
    if (!parsed.success) {
      this.#finish(notUnderstood(`an event (${cleanText(parsed.error.issues[0]?.message ?? '')})`));
      return;
    }
    for (const listener of this.#onEvent) listener(parsed.data);
  }

  #reply(message: unknown): void {
    const parsed = replySchema.safeParse(message);
    if (!parsed.success) {
      this.#finish(notUnderstood('a reply'));
      return;
    }
    const reply = parsed.data;
    // No request of ours: this user is refused, or one client too many. The engine closes after it.
    if (reply.id === null) this.#finish(this.#refused(reply));
    else this.#settle(reply, reply.id);
  }

  #settle(reply: Reply, id: number): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    if (!reply.ok) {
      waiting.reject(new ControlClientError(reply.error.code, reply.error.message, null));
      return;
    }
    const result = resultSchemas[waiting.method].safeParse(reply.result);
    if (result.success) waiting.resolve(result.data);
    else waiting.reject(notUnderstood(`the answer to '${waiting.method}'`));
  }

  #refused(reply: Reply): ControlClientError {
    if (reply.ok) return notUnderstood('a reply');
    const { code, message } = reply.error;
    return code === 'not_permitted'
      ? new NotPermittedError(this.#socketPath)
      : new ControlClientError(code, message, null);
  }

  #late(id: number, waitMs: number): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    const remedy = "see 'resolagent doctor'; the engine may be stuck";
    waiting?.reject(
      new ControlClientError('timed_out', `the engine did not answer in ${waitMs / 1_000} s`, remedy),
    );
  }

  #lost(): ControlClientError {
    return new ControlClientError(
      'lost',
      'the connection to the engine ended',
      "see whether it still runs: 'resolagent status'",
    );
  }

  #finish(error: ControlClientError): void {
    if (this.#end !== null) return;
    this.#end = error;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#waiting.clear();
    this.#socket?.end();
    for (const listener of this.#onClose) listener();
  }
}

/** Connects to the engine's socket; rejects with a `ControlClientError` that says why not and what to do. */
export async function connectControl(socketPath: string): Promise<ControlClient> {
  const client = new ControlClient(socketPath);
  await client.connect();
  return client;
}

/** A download ends by its own limits, source after source. */
function answerWaitMs(method: Method): number {
  if (method === 'lists.update') return DOWNLOAD_WAIT_MS;
  if (method.startsWith('judge.')) return JUDGE_WAIT_MS;
  return method.startsWith('lists.') ? COMPILE_WAIT_MS : ANSWER_WAIT_MS;
}

function notUnderstood(what: string): ControlClientError {
  return new ControlClientError(
    'not_understood',
    `the engine sent ${what} that this version does not understand`,
    'run the same version as the engine: restart it',
  );
}
