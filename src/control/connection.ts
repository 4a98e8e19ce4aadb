import type { FlowRecord } from '../model/flow.ts';
import { type Answer, type ControlConnection, ControlError, type ControlHandlers } from './handlers.ts';
import { LineSplitter } from './ndjson.ts';
import { OutBuffer, type WriteBytes } from './out-buffer.ts';
import { type Event, MESSAGE_MAX_BYTES, type Method, REPLY_MAX_BYTES, type Request } from './protocol.ts';
import { readRequest } from './read-request.ts';
import { answerLine, errorLine } from './reply-line.ts';
import { type FlowToJson, Subscription } from './subscription.ts';

/** Requests of one client that may be in work at once; past it they are refused. */
const IN_WORK_MAX = 64;
/** Unsent bytes past which a client's requests are not read until it has read its answers. */
const OUT_PAUSE_BYTES = 1_048_576;
/** Unsent bytes past which a client that does not read is cut off. */
const OUT_MAX_BYTES = 2 * REPLY_MAX_BYTES;

/** What a connection does to its socket. */
export interface ConnectionSocket {
  readonly write: WriteBytes;
  pause(): void;
  resume(): void;
  /** Closes at once; what is unsent is lost. */
  terminate(): void;
  /** Closes after what was written is on its way. */
  end(): void;
}

/** One client of the control socket, without the socket: bytes in, handlers asked, bytes out. */
export class Connection implements ControlConnection {
  readonly uid: number;
  readonly #socket: ConnectionSocket;
  readonly #handlers: ControlHandlers;
  readonly #splitter = new LineSplitter(MESSAGE_MAX_BYTES);
  readonly #out: OutBuffer;
  readonly #onClose: (() => void)[] = [];
  readonly #onWaiting: () => void;
  #subscription: Subscription | null = null;
  #inWork = 0;
  #subscribing = 0;
  #paused = false;
  #ending = false;
  #closed = false;

  /** `onWaiting` is told when events may be sent that could not before. */
  constructor(uid: number, socket: ConnectionSocket, handlers: ControlHandlers, onWaiting: () => void) {
    this.uid = uid;
    this.#socket = socket;
    this.#handlers = handlers;
    this.#onWaiting = onWaiting;
    this.#out = new OutBuffer(socket.write);
  }

  get subscription(): Subscription | null {
    return this.#subscription;
  }

  subscribe(as: 'screen' | 'log', filter: (flow: FlowRecord) => boolean): void {
    if (!this.#closed) this.#subscription = new Subscription(as, filter);
  }

  tell(event: Event, skipped: 'may_be_skipped' | 'must_arrive'): void {
    if (skipped === 'must_arrive' || this.#out.sizeBytes === 0) this.#send(`${JSON.stringify(event)}\n`);
  }

  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else this.#onClose.push(listener);
  }

  /** Takes bytes from the client. */
  data(chunk: Uint8Array): void {
    if (this.#ending) return;
    const { lines, tooLong } = this.#splitter.push(chunk);
    for (const line of lines) this.#line(line);
    if (!tooLong) return;
    this.#send(
      errorLine(null, 'bad_request', `a line is longer than ${MESSAGE_MAX_BYTES} bytes; the connection ends`),
    );
    this.end();
  }

  /** The socket takes more. */
  drain(): void {
    const empty = this.#out.drain();
    if (this.#paused && this.#out.sizeBytes < OUT_PAUSE_BYTES) {
      this.#paused = false;
      this.#socket.resume();
    }
    if (!empty) return;
    if (this.#ending) this.#endWhenDone();
    else this.#onWaiting();
  }

  /** The socket is closed. */
  closed(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#subscription = null;
    for (const listener of this.#onClose) listener();
  }

  /**
   * Sends what waits for this subscriber, one event of flows at most, unless it has not yet read what it was sent or
   * awaits its first answer; true when more can be sent soon.
   */
  sendEvents(toJson: FlowToJson): boolean {
    if (this.#subscription === null || this.#subscribing > 0 || this.#out.sizeBytes > 0) return false;
    const lines = this.#subscription.takeLines(toJson);
    if (lines !== '') this.#send(lines);
    return this.#subscription?.waiting === true && this.#out.sizeBytes === 0;
  }

  /** Sends a subscriber the rest and that the engine stops, and closes when all is read. */
  stop(toJson: FlowToJson): void {
    while (this.#subscription?.waiting === true) this.#send(this.#subscription.takeLines(toJson));
    if (this.#subscription !== null) this.#send('{"event":"stopping"}\n');
    this.end();
  }

  /** Takes nothing more, and closes when what was asked is answered and sent. Also for a client that closed its half. */
  end(): void {
    this.#ending = true;
    this.#subscription = null;
    this.#endWhenDone();
  }

  #endWhenDone(): void {
    if (this.#inWork === 0 && this.#out.sizeBytes === 0) this.#socket.end();
  }

  #line(line: string): void {
    const read = readRequest(line);
    if (!read.ok) this.#send(errorLine(read.id, 'bad_request', read.error));
    else if (this.#inWork >= IN_WORK_MAX) {
      this.#send(
        errorLine(read.request.id, 'refused', `more than ${IN_WORK_MAX} requests at once; wait for answers`),
      );
    } else void this.#answer(read.request);
  }

  async #answer(request: Request): Promise<void> {
    const subscribing = request.method === 'subscribe' ? 1 : 0;
    this.#inWork++;
    this.#subscribing += subscribing;
    const line = await this.#answerText(request);
    this.#inWork--;
    this.#subscribing -= subscribing;
    this.#send(line);
    if (this.#ending) this.#endWhenDone();
    else if (subscribing > 0) this.#onWaiting();
  }

  async #answerText(request: Request): Promise<string> {
    try {
      const line = answerLine(request, await this.#ask(request));
      if (line.length <= REPLY_MAX_BYTES) return line;
      return errorLine(request.id, 'failed', `the answer is longer than ${REPLY_MAX_BYTES} bytes`);
    } catch (error) {
      const code = error instanceof ControlError ? error.code : 'failed';
      return errorLine(request.id, code, error instanceof Error ? error.message : String(error));
    }
  }

  #ask<M extends Method>(request: Request & { method: M }): Answer<Method> | Promise<Answer<Method>> {
    const { id: _id, method, ...params } = request;
    // The schema checked the parameters of this very method; the compiler cannot follow the pair through the table.
    const handler = this.#handlers[method] as (
      params: object,
      connection: ControlConnection,
    ) => Answer<Method> | Promise<Answer<Method>>;
    return handler(params, this);
  }

  #send(text: string): void {
    if (this.#closed) return;
    if (this.#out.sizeBytes + text.length > OUT_MAX_BYTES) {
      this.#socket.terminate();
      return;
    }
    this.#out.push(text);
    if (this.#out.sizeBytes < OUT_PAUSE_BYTES || this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }
}
