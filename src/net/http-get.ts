import type { Socket } from 'node:net';
import { connectFirst, reasonOf } from './connect-first.ts';
import { type ResponseHead, ResponseReader } from './http-response.ts';

export interface GetOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Where to connect: addresses that were checked before, and a port when it is not that of the URL. */
  readonly addresses: readonly string[];
  readonly port?: number | undefined;
  /** The longest time for one address, and the longest silence; milliseconds. */
  readonly connectMs: number;
  readonly idleMs: number;
  /** Certificates (PEM) to trust in place of the well-known ones; for tests. */
  readonly ca?: string | undefined;
  /** Ends the request from outside, with its reason as the error. */
  readonly signal: AbortSignal;
}

/** A response whose body is read as it arrives; not reading it, or leaving early, holds the sender back and ends the connection. */
export interface GetResponse {
  readonly head: ResponseHead;
  readonly body: AsyncGenerator<Uint8Array>;
  close(): void;
}

/**
 * Makes one GET request over HTTP/1.1, TLS for https, straight to an address that was checked first; follows nothing. Rejects with
 * what went wrong; when there was no connection, its cause is the error of the socket. The product's own client, because here the
 * checked address must be the one that is connected to.
 */
export async function httpGet(url: URL, options: GetOptions): Promise<GetResponse> {
  const { addresses, connectMs, idleMs, ca, signal } = options;
  const port = options.port ?? portOf(url);
  const socket = await connectFirst(url, addresses, { port, connectMs, alpn: ['http/1.1'], ca, signal });
  const abort = () => socket.destroy(reasonOf(signal));
  signal.addEventListener('abort', abort, { once: true });
  socket.setTimeout(idleMs, () => socket.destroy(new Error(`${url.host} was silent for ${idleMs} ms`)));
  socket.once('close', () => signal.removeEventListener('abort', abort));
  socket.write(requestText(url, options.headers));
  const reader = new ResponseReader();
  const events = readEvents(socket, reader);
  const first = await events.next();
  if (first.done || first.value.kind !== 'head') {
    socket.destroy();
    throw new Error('the server sent no answer');
  }
  return { head: first.value.head, body: bodyOf(events), close: () => socket.destroy() };
}

/** The port of a URL of http or https. */
export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}

function requestText(url: URL, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ host: url.host, connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return `GET ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}

type Events = AsyncGenerator<
  Exclude<ReturnType<ResponseReader['push']>[number], { kind: 'malformed' | 'end' }>
>;

async function* readEvents(socket: Socket, reader: ResponseReader): Events {
  try {
    for await (const piece of socket as AsyncIterable<Uint8Array>) {
      for (const event of reader.push(piece)) {
        if (event.kind === 'malformed') throw new Error(event.why);
        if (event.kind === 'end') return;
        yield event;
      }
      if (reader.complete) return;
    }
    const last = reader.end();
    if (last.kind === 'malformed') throw new Error(last.why);
  } finally {
    socket.destroy();
  }
}

async function* bodyOf(events: Events): AsyncGenerator<Uint8Array> {
  for await (const event of events) {
    if (event.kind === 'body') yield event.bytes;
  }
}
