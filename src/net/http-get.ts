import type { Socket } from 'node:net';
import { reachable } from './address-guard.ts';
import { connectFirst, reasonOf } from './connect-first.ts';
import { type ResponseHead, ResponseReader } from './http-response.ts';

/** How long things may take, in milliseconds. */
export interface GetLimits {
  readonly connectMs: number;
  /** The longest silence. */
  readonly idleMs: number;
}

export interface GetOptions extends GetLimits {
  readonly headers: Readonly<Record<string, string>>;
  readonly allowPrivate: boolean;
  /** Where to connect, in place of what the URL says: addresses that were checked before, and a port. */
  readonly at?: { readonly addresses: readonly string[]; readonly port: number } | undefined;
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
  const addresses = options.at?.addresses ?? (await checked(url.hostname, options.allowPrivate));
  const socket = await connectFirst(url, addresses, {
    port: options.at?.port ?? portOf(url),
    connectMs: options.connectMs,
    alpn: ['http/1.1'],
    ca: options.ca,
    signal: options.signal,
  });
  const abort = () => socket.destroy(reasonOf(options.signal));
  options.signal.addEventListener('abort', abort, { once: true });
  socket.setTimeout(options.idleMs, () =>
    socket.destroy(new Error(`${url.host} was silent for ${options.idleMs} ms`)),
  );
  socket.once('close', () => options.signal.removeEventListener('abort', abort));
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

async function checked(host: string, allowPrivate: boolean): Promise<readonly string[]> {
  const where = await reachable(host, allowPrivate);
  if (where.kind === 'refused') throw new Error(where.why);
  return where.addresses;
}

function portOf(url: URL): number {
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
