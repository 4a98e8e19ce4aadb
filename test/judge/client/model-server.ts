import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { Model, type ModelOptions } from '../../../src/judge/client/client.ts';
import type { ModelAnswer, ModelLimits, ModelRequest } from '../../../src/judge/core/model.ts';

/** A request as it came over the socket. */
export interface RawRequest {
  /** Request line and headers. */
  readonly head: string;
  readonly body: string;
}

/** A server that speaks raw bytes. */
export interface RawServer {
  readonly apiUrl: string;
  readonly port: number;
  readonly requests: readonly RawRequest[];
  /** Connections that are open now. */
  readonly open: ReadonlySet<Socket>;
  /** Settles when no connection is open any more. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** What a server does with a request; `count` is how many came before. */
export type Answering = (socket: Socket, request: RawRequest, count: number) => void;

export interface RawOptions {
  readonly host?: string;
  readonly tls?: TlsOptions;
  /** Done with a connection before it sends anything. */
  readonly greet?: (socket: Socket) => void;
}

/** Starts a server on loopback that answers each whole request as it is told. */
export async function rawServer(answer: Answering, options: RawOptions = {}): Promise<RawServer> {
  const { host = '127.0.0.1', tls, greet } = options;
  const open = new Set<Socket>();
  const requests: RawRequest[] = [];
  let waiting: (() => void)[] = [];
  const serve = (socket: Socket): void => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      open.delete(socket);
      if (open.size > 0) return;
      for (const wake of waiting) wake();
      waiting = [];
    });
    greet?.(socket);
    onRequest(socket, (request) => answer(socket, request, requests.push(request) - 1));
  };
  const server: Server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);
  server.on('tlsClientError', () => undefined);
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    apiUrl: `${tls === undefined ? 'http' : 'https'}://${name}:${port}/v1`,
    port,
    requests,
    open,
    idle: () => (open.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    close: async () => {
      for (const socket of open) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

function onRequest(socket: Socket, take: (request: RawRequest) => void): void {
  let held = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    held = Buffer.concat([held, bytes]);
    const end = held.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = held.toString('latin1', 0, end);
    const size = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    if (held.length < end + 4 + size) return;
    const body = held.toString('utf8', end + 4, end + 4 + size);
    held = held.subarray(end + 4 + size);
    take({ head, body });
  });
}

/** The head of an answer whose body ends with the connection. */
export function head(status = 200, type = 'text/event-stream', more: readonly string[] = []): string {
  const lines = [`HTTP/1.1 ${status} X`, ...(type === '' ? [] : [`content-type: ${type}`]), ...more];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** One event. */
export const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;

/** A piece of a reply, with what is given to its choice. */
export const piece = (delta: object | null, finish: string | null = null, more: object = {}): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  model: 'm',
  choices: [{ index: 0, ...(delta === null ? {} : { delta }), finish_reason: finish }],
  ...more,
});

/** A verdict as a model writes it. */
export const ALLOW = '{"verdict":"allow","reasons":["fine"],"evidence":["E1"]}';
export const DONE = 'data: [DONE]\n\n';
/** A whole stream that says so. */
export const SAYING = (text: string): string =>
  [
    event(piece({ role: 'assistant', content: '' })),
    event(piece({ content: text })),
    event(piece({}, 'stop')),
    DONE,
  ].join('');

/** Answers with a head and a body, and closes. */
export const saying =
  (
    body: string | Uint8Array,
    type = 'text/event-stream',
    status = 200,
    more: readonly string[] = [],
  ): Answering =>
  (socket) => {
    socket.write(head(status, type, more));
    socket.end(body);
  };

/** Long enough never to be met by a server that answers. */
export const LIMITS: ModelLimits = { totalMs: 60_000, firstByteMs: 60_000, idleMs: 60_000 };
export const NEVER = new AbortController().signal;
export const QUESTION: ModelRequest = {
  messages: [
    { role: 'system', text: 'You judge.' },
    { role: 'user', text: 'Is it safe?' },
  ],
  tools: [],
  maxTokens: 500,
};

export interface AskOptions extends Partial<ModelOptions> {
  readonly request?: ModelRequest;
  readonly limits?: Partial<ModelLimits>;
  readonly signal?: AbortSignal;
}

/** Asks a server once: a request that fails in passing is not made again, unless the test wants it. */
export function askOnce(apiUrl: string, options: AskOptions = {}): Promise<ModelAnswer> {
  const { request = QUESTION, limits = {}, signal = NEVER, ...over } = options;
  const model = new Model({ apiUrl, model: 'm', apiKey: null, retries: false, ...over });
  return model.ask(request, { ...LIMITS, ...limits }, signal);
}

/** Asks a server that answers so, once, and ends it. */
export async function answerTo(answering: Answering, options: AskOptions = {}): Promise<ModelAnswer> {
  const server = await rawServer(answering);
  try {
    return await askOnce(server.apiUrl, options);
  } finally {
    await server.close();
  }
}

/** A failed answer in short; anything else as it is. */
export const failureOf = (answer: ModelAnswer): unknown =>
  answer.kind === 'failed' ? [answer.why, answer.detail] : answer;
