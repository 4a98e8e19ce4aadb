import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Asked, chatSchema, readAsked } from './asked.ts';
import { befallen, play } from './play.ts';
import { json, say, send } from './respond.ts';
import { DEFAULT_SCRIPT, type Mishap, type Script, SLOW_MS } from './script.ts';

const BODY_MAX_BYTES = 4_194_304;
/** Requests that are remembered; the oldest go first. */
const REQUESTS_MAX = 20_000;
/** What `GET /v1/models` lists beside the model that was asked for last. */
const MODEL = 'scripted';

/** A request as it came. */
export interface RecordedRequest {
  /** Milliseconds since the server began. */
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed JSON; null when there was none. */
  readonly body: unknown;
  /** Of a chat request: what it was about. */
  readonly host: string | null;
  readonly domain: string | null;
  /** Of a chat request: replies before it; 0 begins an inquiry, -1 is none. */
  readonly round: number;
  /** Chat requests under way, with this one. */
  readonly running: number;
}

/** A server that speaks the protocol of OpenAI and follows a script. */
export interface ScriptedModel {
  /** To be configured as `judge.apiUrl`. */
  readonly apiUrl: string;
  readonly port: number;
  readonly requests: readonly RecordedRequest[];
  /** Most chat requests that ever ran at once. */
  readonly highWater: number;
  /** Changes the script from the next request on. */
  script(change: Partial<Script>): void;
  close(): Promise<void>;
}

/** Where it listens, and who is told of requests. */
export interface ScriptedOptions extends Partial<Script> {
  /** 0 chooses one. */
  readonly port?: number;
  readonly onRequest?: (request: RecordedRequest) => void;
}

/** Starts a scripted model on loopback. */
export async function startScriptedModel(options: ScriptedOptions = {}): Promise<ScriptedModel> {
  const { port = 0, onRequest, ...script } = options;
  const stage = new Stage({ ...DEFAULT_SCRIPT, ...script }, onRequest ?? (() => undefined));
  const server = createServer((request, response) => void stage.serve(request, response));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const listening = (server.address() as AddressInfo).port;
  return {
    apiUrl: `http://127.0.0.1:${listening}/v1`,
    port: listening,
    requests: stage.requests,
    get highWater() {
      return stage.highWater;
    },
    script: (change) => stage.change(change),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      stage.close();
      await closed;
    },
  };
}

class Stage {
  readonly requests: RecordedRequest[] = [];
  highWater = 0;
  #running = 0;
  #chats = 0;
  #mishaps: Mishap[] = [];
  /** Settles when replies may begin. */
  #released = Promise.withResolvers<void>();
  readonly #startedMs = performance.now();
  readonly #closing = new AbortController();

  constructor(
    private current: Script,
    private readonly onRequest: (request: RecordedRequest) => void,
  ) {
    this.#mishaps = [...current.mishaps];
  }

  change(change: Partial<Script>): void {
    this.current = { ...this.current, ...change };
    if (change.mishaps !== undefined) this.#mishaps = [...change.mishaps];
    if (this.current.isHolding) return;
    this.#released.resolve();
    this.#released = Promise.withResolvers<void>();
  }

  close(): void {
    this.#closing.abort();
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const path = (request.url ?? '/').replace(/\?.*$/, '');
    const chat = path === '/v1/chat/completions' ? chatSchema.safeParse(body) : null;
    const asked = chat?.success === true ? readAsked(chat.data) : null;
    this.#record(request, path, body, asked);
    const bearer = `Bearer ${this.current.key}`;
    const isRefused = this.current.persona === 'refusing';
    if (isRefused || (this.current.key !== null && request.headers.authorization !== bearer)) {
      // As some servers do, it tells the whole world what it was given.
      const message = `incorrect API key provided: ${request.headers.authorization ?? 'none'}`;
      send(response, { kind: 'error', status: 401, message });
    } else if (path === '/v1/models' && request.method === 'GET') {
      json(response, 200, { object: 'list', data: [{ id: MODEL, object: 'model', owned_by: 'test' }] });
    } else if (asked !== null) await this.#perform(asked, response);
    else if (chat === null) send(response, { kind: 'error', status: 404, message: `no ${path} here` });
    else send(response, { kind: 'error', status: 400, message: chat.error?.message ?? 'bad request' });
  }

  #record(request: IncomingMessage, path: string, body: unknown, asked: Asked | null): void {
    const recorded: RecordedRequest = {
      atMs: Math.round(performance.now() - this.#startedMs),
      method: request.method ?? '',
      path,
      headers: { ...request.headers },
      body,
      host: asked?.host ?? null,
      domain: asked?.domain ?? null,
      round: asked?.round ?? -1,
      running: this.#running + (asked === null ? 0 : 1),
    };
    if (this.requests.length >= REQUESTS_MAX) this.requests.shift();
    this.requests.push(recorded);
    this.onRequest(recorded);
  }

  async #perform(asked: Asked, response: ServerResponse): Promise<void> {
    const { persona, delayMs: setMs, isHolding } = this.current;
    const count = this.#chats++;
    this.highWater = Math.max(this.highWater, ++this.#running);
    const gone = Promise.withResolvers<void>();
    response.once('close', () => {
      this.#running--;
      gone.resolve();
    });
    if (isHolding) await Promise.race([this.#released.promise, gone.promise]);
    const delayMs = persona === 'slow' ? Math.max(SLOW_MS, setMs) : setMs;
    if (delayMs > 0) await Promise.race([pause(delayMs, this.#closing.signal), gone.promise]);
    if (response.destroyed || response.closed) return;
    const act = befallen(play(asked, this.current, count), this.#mishaps.shift());
    if (act.kind === 'say') await say(act, asked, count, response);
    else send(response, act);
  }
}

/** The JSON of a body; null when it is none or too long. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      size += chunk.length;
      if (size <= BODY_MAX_BYTES) chunks.push(chunk);
    }
    return size > BODY_MAX_BYTES || size === 0 ? null : JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return null; // Not JSON, or the client went away: what comes is answered as a request without a body.
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    resolve();
  });
  return promise;
}
