import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { Socket } from 'node:net';
import { reasonOf } from './connect-first.ts';

const HEADERS_MAX_BYTES = 16_384;
const HEADERS_MAX_COUNT = 128;

/** A whole answer to one request. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Uint8Array;
}

/** One HTTP/2 connection for GET requests side by side; the protocol that DNS over HTTPS is meant for (RFC 8484, section 5.2). */
export class Http2Connection {
  readonly #session: ClientHttp2Session;

  /** The socket is connected and has agreed on `h2`; it ends with the connection. */
  constructor(url: URL, socket: Socket) {
    this.#session = connect(url.origin, {
      createConnection: () => socket,
      maxHeaderListPairs: HEADERS_MAX_COUNT,
      settings: { enablePush: false, maxHeaderListSize: HEADERS_MAX_BYTES },
    });
    // What breaks the session ends its streams, which tell it.
    this.#session.on('error', () => {});
  }

  /** Rejects with what went wrong: a body longer than `maxBytes`, a stream or session that ended early, the signal. */
  async get(
    url: URL,
    headers: Readonly<Record<string, string>>,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<WholeAnswer> {
    const path = `${url.pathname}${url.search}`;
    const stream = this.#session.request({ ':method': 'GET', ':path': path, ...headers });
    const over = Promise.withResolvers<never>();
    const abort = (): void => over.reject(reasonOf(signal));
    const gone = (): void => over.reject(new Error('the server ended the connection'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    this.#session.once('close', gone);
    try {
      return await Promise.race([readStream(stream, maxBytes), over.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
      this.#session.off('close', gone);
      stream.close(constants.NGHTTP2_CANCEL);
    }
  }

  close(): void {
    this.#session.destroy();
  }
}

function readStream(stream: ClientHttp2Stream, maxBytes: number): Promise<WholeAnswer> {
  const done = Promise.withResolvers<WholeAnswer>();
  const pieces: Uint8Array[] = [];
  let size = 0;
  let status = 0;
  let headers: ReadonlyMap<string, string> = new Map();
  stream.on('response', (received) => {
    status = Number(received[':status'] ?? 0);
    headers = new Map(Object.entries(received).map(([name, value]) => [name, String(value)]));
  });
  stream.on('data', (piece: Uint8Array) => {
    size += piece.length;
    if (size <= maxBytes) pieces.push(piece);
    else done.reject(new Error(`it is longer than ${Math.ceil(maxBytes / 1_024)} KB`));
  });
  stream.on('end', () => {
    if (status !== 0) done.resolve({ status, headers, bytes: Buffer.concat(pieces) });
  });
  stream.on('error', (error) => done.reject(error));
  stream.on('close', () => done.reject(new Error('the server ended the answer early')));
  return done.promise;
}
