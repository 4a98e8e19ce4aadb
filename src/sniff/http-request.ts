import type { Host } from '../model/brand.ts';
import { CR, isBlank, LF } from './ascii.ts';
import { hostOfHeader, readHeaderLine } from './host-header.ts';
import type { Malformed } from './malformed.ts';
import { RequestLineReader } from './request-line.ts';

/** What the head of an HTTP request tells about its destination. */
export interface RequestHead {
  readonly httpHost: string | null;
  readonly host: Host | null;
  readonly malformed: Malformed | null;
  /** The names a proxy request asks its proxy for. */
  readonly wanted: readonly Host[];
}

/** Most bytes of request line and headers that are read. What is known by then is the answer. */
export const REQUEST_HEAD_MAX_BYTES = 16_384;

const NO_NAME: RequestHead = { httpHost: null, host: null, malformed: null, wanted: [] };

/**
 * Reads the head of an HTTP/1 request line by line. Lines may end in LF alone, as servers accept it.
 * A proxy request (CONNECT, absolute form) has no name of its own: the connection leads to a proxy and not to the host that is
 * named, so its address decides; what it names is told apart (`proxyHost`), because it can still be blocked. Only the first request of a connection is read.
 */
export class HttpRequestReader {
  readonly #line = new RequestLineReader();
  #inHeaders = false;
  /** The next byte to look at, and the first byte of the header line it is in. */
  #at = 0;
  #lineAt = 0;
  #host: string | null = null;

  /** Reads on in `raw[0, end)`, which is all that came so far, and looks at every byte once over all calls. Null: not decided. */
  read(raw: Uint8Array, end: number): RequestHead | 'not_http' | null {
    const limit = Math.min(end, REQUEST_HEAD_MAX_BYTES);
    if (!this.#inHeaders) {
      const form = this.#line.read(raw, limit);
      if (form === 'not_http') return form;
      if (form === 'proxy')
        return { ...NO_NAME, wanted: this.#line.proxyHost === null ? [] : [this.#line.proxyHost] };
      if (form === 'http2') return NO_NAME;
      if (form === 'odd') return malformed('the request target is neither a path nor a URL');
      if (form === 'origin') {
        this.#inHeaders = true;
        this.#at = this.#line.at;
        this.#lineAt = this.#at;
      }
    }
    const head = this.#inHeaders ? this.#readHeaders(raw, limit) : null;
    if (head !== null || limit < REQUEST_HEAD_MAX_BYTES) return head;
    return this.#best(
      raw,
      this.#inHeaders
        ? 'the request head is longer than 16384 bytes'
        : 'the request line is longer than 16384 bytes',
    );
  }

  /** The best that can be said of an unfinished request. */
  giveUp(raw: Uint8Array): RequestHead | 'not_http' {
    return this.#best(raw, 'the request is not finished');
  }

  #best(raw: Uint8Array, why: Malformed): RequestHead | 'not_http' {
    if (!this.#inHeaders && !this.#line.looksLikeRequest(raw)) return 'not_http';
    return this.#host === null ? malformed(why) : headOf(this.#host);
  }

  #readHeaders(raw: Uint8Array, end: number): RequestHead | null {
    for (; this.#at < end; this.#at++) {
      if (raw[this.#at] !== LF) {
        if (raw[this.#at - 1] === CR) {
          return malformed('a header line contains a bare carriage return');
        }
        continue;
      }
      // A carriage return that comes this far stands right before the line feed.
      if (this.#at === this.#lineAt || raw[this.#lineAt] === CR) return headOf(this.#host);
      const wrong = this.#readLine(raw);
      if (wrong !== null) return malformed(wrong);
      this.#lineAt = this.#at + 1;
    }
    return null;
  }

  #readLine(raw: Uint8Array): Malformed | null {
    if (isBlank(raw[this.#lineAt])) return 'a header line is continued on the next line';
    const line = readHeaderLine(raw, this.#lineAt, this.#at);
    if (line === 'other') return null;
    if (line === 'long_host') return 'the Host header is not a possible host';
    if (line === 'almost_host') return 'a header is almost, not exactly, named Host';
    if (this.#host !== null && this.#host.toLowerCase() !== line.host.toLowerCase()) {
      return 'the request gives several Host headers';
    }
    this.#host = line.host;
    return null;
  }
}

function headOf(httpHost: string | null): RequestHead {
  if (httpHost === null || httpHost === '') return NO_NAME;
  const host = hostOfHeader(httpHost);
  if (host === 'impossible')
    return { ...NO_NAME, httpHost, malformed: 'the Host header is not a possible host' };
  return { ...NO_NAME, httpHost, host };
}

function malformed(why: Malformed): RequestHead {
  return { ...NO_NAME, malformed: why };
}
